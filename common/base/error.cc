#include "common/base/error.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace smederij {
namespace {

constexpr absl::string_view kReason = "smederij/reason";
constexpr absl::string_view kRetry = "smederij/retry";
constexpr absl::string_view kFact = "smederij/fact/";
constexpr absl::string_view kField = "smederij/field/";

std::vector<Fact> PayloadsUnder(const absl::Status& status, absl::string_view prefix) {
  std::vector<Fact> found;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    if (absl::ConsumePrefix(&url, prefix)) found.emplace_back(std::string(url), std::string(value));
  });
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Error::Error(absl::StatusCode code, absl::string_view reason, absl::string_view sentence)
    : status_(code, sentence) {
  status_.SetPayload(kReason, absl::Cord(reason));
}

Error Error::With(absl::string_view fact, absl::string_view value) && {
  status_.SetPayload(absl::StrCat(kFact, fact), absl::Cord(value));
  return std::move(*this);
}

Error Error::At(absl::string_view field, absl::string_view wrong) && {
  status_.SetPayload(absl::StrCat(kField, field), absl::Cord(wrong));
  return std::move(*this);
}

Error Error::RetryAfter(absl::Duration delay) && {
  status_.SetPayload(kRetry, absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(delay))));
  return std::move(*this);
}

std::string ReasonOf(const absl::Status& status) {
  const auto reason = status.GetPayload(kReason);
  return reason ? std::string(*reason) : std::string();
}

std::vector<Fact> FactsOf(const absl::Status& status) { return PayloadsUnder(status, kFact); }

std::vector<Fact> FieldsOf(const absl::Status& status) { return PayloadsUnder(status, kField); }

absl::Duration RetryDelayOf(const absl::Status& status) {
  const auto delay = status.GetPayload(kRetry);
  int64_t milliseconds = 0;
  if (!delay || !absl::SimpleAtoi(std::string(*delay), &milliseconds)) return absl::ZeroDuration();
  return absl::Milliseconds(milliseconds);
}

}  // namespace smederij
