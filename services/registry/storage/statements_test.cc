#include <gtest/gtest.h>

#include "common/pg/transact.h"
#include "common/testing/pg_database.h"
#include "services/registry/storage/charter_store.h"
#include "services/registry/storage/credential_store.h"
#include "services/registry/storage/migrations.h"
#include "services/registry/storage/person_store.h"
#include "services/registry/storage/place_store.h"
#include "services/registry/storage/polling_store.h"
#include "services/registry/storage/roll_store.h"
#include "services/registry/storage/station_store.h"

namespace smederij::registry {
namespace {

TEST(Statements, FitTheMigratedSchemaAsTheAppRole) {
  const testing::PgDatabase database(Migrations());
  pg::Pool pool({.conninfo = database.app(), .size = 1});
  for (const auto statements :
       {PlaceStatements(), CharterStatements(), PersonStatements(), RollStatements(),
        CredentialStatements(), StationStatements(), PollingStatements()}) {
    const absl::Status status =
        pg::CheckStatements(pool, absl::Now() + absl::Seconds(30), statements);
    EXPECT_TRUE(status.ok()) << status;
  }
}

}  // namespace
}  // namespace smederij::registry
