#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "services/registry/api/pseudonyms.h"

namespace smederij::registry {

struct Bootstrapped {
  MunicipalityId municipality;
  SubjectId administrator;  // As registry's own tokens name them.
};

// The way in where there is no administrator yet: makes a municipality and its first one. On an
// empty database only, unless `additional`. Refusals, first that applies: BAD_REQUEST, NOT_EMPTY,
// SUBJECT_ELSEWHERE.
absl::StatusOr<Bootstrapped> Bootstrap(pg::Pool& pool, const Pseudonyms& pseudonyms,
                                       const std::string& name, const std::string& subject,
                                       bool additional, absl::Time deadline);

}  // namespace smederij::registry
