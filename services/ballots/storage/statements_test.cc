#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/testing/pg_database.h"
#include "services/ballots/storage/cast_store.h"
#include "services/ballots/storage/log_store.h"
#include "services/ballots/storage/migrations.h"
#include "services/ballots/storage/paper_store.h"
#include "services/ballots/storage/round_store.h"
#include "services/ballots/storage/tally_store.h"

namespace smederij::ballots {
namespace {

TEST(Statements, PrepareOnTheMigratedSchema) {
  const smederij::testing::PgDatabase database(Migrations());
  pg::Pool pool({.conninfo = database.app()});
  for (const auto& statements : {RoundStatements(), CastStatements(), LogStatements(),
                                 PaperStatements(), TallyStatements()}) {
    const absl::Status status =
        pg::CheckStatements(pool, absl::Now() + absl::Seconds(30), statements);
    EXPECT_TRUE(status.ok()) << status;
  }
}

}  // namespace
}  // namespace smederij::ballots
