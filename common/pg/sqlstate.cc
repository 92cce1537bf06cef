#include "common/pg/sqlstate.h"

#include <iterator>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace smederij::pg {
namespace {

constexpr absl::string_view kSqlState = "smederij/pg/sqlstate";
constexpr absl::string_view kConstraint = "smederij/pg/constraint";
constexpr absl::string_view kRerun = "smederij/pg/rerun";
constexpr absl::string_view kUnknown = "OUTCOME_UNKNOWN";

struct Row {
  absl::string_view prefix;
  absl::StatusCode code;
  absl::string_view rerun;   // Not empty: the transaction may simply run again.
  absl::string_view reason;  // What a client may switch on; empty: ours to translate.
};

// First match wins.
constexpr Row kTable[] = {
    {"40001", kAborted, "serialization_failure", ""},
    {"40P01", kAborted, "deadlock", ""},
    {"26000", kAborted, "prepared_statement_gone", ""},  // DISCARD ALL, a pooler in between.
    {"23505", kAlreadyExists, "", ""},
    {"23", kFailedPrecondition, "", ""},
    {"57014", absl::StatusCode::kDeadlineExceeded, "", "DEADLINE_EXCEEDED"},
    {"25006", kUnavailable, "", "DATABASE_UNAVAILABLE"},  // Still connected to a former primary.
    {"08", kUnavailable, "", "DATABASE_UNAVAILABLE"},
    {"53", kUnavailable, "", "DATABASE_UNAVAILABLE"},
    {"57P", kUnavailable, "", "DATABASE_UNAVAILABLE"},
};
constexpr Row kOther{"", kInternal, "", ""};

const Row& RowFor(absl::string_view sqlstate) {
  for (const Row& row : kTable) {
    if (absl::StartsWith(sqlstate, row.prefix)) return row;
  }
  return kOther;
}

std::string Payload(const absl::Status& status, absl::string_view url) {
  const auto value = status.GetPayload(url);
  return value ? std::string(*value) : std::string();
}

}  // namespace

absl::Status SqlError(absl::string_view sqlstate, absl::string_view constraint,
                      absl::string_view message) {
  const Row& row = RowFor(sqlstate);
  const std::string sentence = absl::StrCat(message, " [", sqlstate, "]");
  absl::Status status(row.code, sentence);
  if (!row.reason.empty()) {
    status = Error(row.code, row.reason, sentence).RetryAfter(absl::Milliseconds(250));
  }
  status.SetPayload(kSqlState, absl::Cord(sqlstate));
  if (!constraint.empty()) status.SetPayload(kConstraint, absl::Cord(constraint));
  if (!row.rerun.empty()) status.SetPayload(kRerun, absl::Cord(row.rerun));
  return status;
}

bool Violates(const absl::Status& status, absl::string_view constraint) {
  return !status.ok() && ConstraintOf(status) == std::string(constraint);
}

std::string ConstraintOf(const absl::Status& status) { return Payload(status, kConstraint); }

std::string SqlStateOf(const absl::Status& status) { return Payload(status, kSqlState); }

absl::Status Rerun(absl::string_view why) {
  absl::Status status(kAborted, why);
  status.SetPayload(kRerun, absl::Cord(why));
  return status;
}

bool WantsRerun(const absl::Status& status) { return status.GetPayload(kRerun).has_value(); }

std::string RerunReason(const absl::Status& status) { return Payload(status, kRerun); }

absl::Status DatabaseUnavailable(absl::string_view why) {
  return Error(kUnavailable, "DATABASE_UNAVAILABLE", absl::StrCat("the database: ", why))
      .RetryAfter(absl::Milliseconds(250));
}

absl::Status OutcomeUnknown(absl::string_view why) {
  return Error(kUnavailable, kUnknown,
               absl::StrCat("whether the write took place is not known; call again with the same "
                            "request_id: ",
                            why))
      .RetryAfter(absl::Milliseconds(250));
}

bool IsOutcomeUnknown(const absl::Status& status) {
  return ReasonOf(status) == std::string(kUnknown);
}

}  // namespace smederij::pg
