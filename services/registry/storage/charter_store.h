#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/charter.h"
#include "services/registry/domain/roll.h"

// Charters. All inside the caller's transaction.
namespace smederij::registry {

struct PublishedCharter {
  CharterId id = {};
  DistrictId district = {};
  uint32_t version = 0;
  Hash hash{};
  absl::Time published_at = {};
  Charter charter = {};
};

// The next version of the district's charter.
absl::StatusOr<PublishedCharter> InsertCharter(pg::Tx& tx, DistrictId district,
                                               const Charter& charter, SubjectId published_by);
absl::StatusOr<PublishedCharter> GetCharter(pg::Tx& tx, CharterId id);  // CHARTER_NOT_FOUND

absl::Span<const pg::AnyStatement> CharterStatements();

}  // namespace smederij::registry
