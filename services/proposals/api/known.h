#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "common/base/id.h"

// What other services answer, read while a round is planned.
namespace smederij::proposals {

// An id that the service owning it gave in canonical text; nil when it did not.
template <class AnyId>
AnyId Known(absl::string_view text) {
  return AnyId(Uuid::Parse(text).value_or(Uuid()));
}

// What `answer` says is missing is what the request named.
inline absl::Status Missing(const absl::Status& answer, Error not_found) {
  return answer.code() == kNotFound ? absl::Status(not_found) : answer;
}

}  // namespace smederij::proposals
