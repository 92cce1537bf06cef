#include "services/cli/bank/recording.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

using ledger::v1::PaymentStep;

constexpr size_t kLeftOutToldMax = 20;

// Whether it is about this outcome; another one may do better.
bool OfTheOutcome(const absl::Status& refusal) {
  switch (refusal.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<RecordedReturn> ReturnsIn(const std::vector<PaymentStep>& steps, absl::TimeZone zone) {
  std::vector<RecordedReturn> returns;
  for (const PaymentStep& step : steps) {
    if (step.return_ref().empty() || step.taken_back_by_step() != 0) continue;
    const absl::Time at = absl::FromUnixSeconds(step.step_time().seconds());
    returns.push_back({.cents = step.amount_cents(),
                       .day = step.effective_date(),
                       .recorded_on = absl::FormatCivilTime(absl::ToCivilDay(at, zone)),
                       .return_ref = step.return_ref()});
  }
  return returns;
}

std::string ReturnName(absl::string_view day, const std::vector<PaymentStep>& steps) {
  const auto taken_back = std::count_if(steps.begin(), steps.end(), [](const PaymentStep& step) {
    return step.takes_back_step() != 0;
  });
  return absl::StrCat("return/", day, taken_back == 0 ? "" : absl::StrCat("/", taken_back));
}

std::string SentenceOf(const absl::Status& refusal) {
  std::string sentence = absl::StrCat(refusal.message(), " (", ReasonOf(refusal), ")");
  for (const auto& [fact, value] : FactsOf(refusal)) {
    absl::StrAppend(&sentence, " ", fact, "=", value);
  }
  return sentence;
}

void TellLeftOut(const std::vector<absl::Status>& left_out, std::ostream& out) {
  for (size_t i = 0; i < left_out.size() && i < kLeftOutToldMax; ++i) {
    out << "left out, of no payment here: " << SentenceOf(left_out[i]) << '\n';
  }
  if (left_out.size() > kLeftOutToldMax) {
    out << "left out: " << left_out.size() - kLeftOutToldMax << " more\n";
  }
}

absl::Status RecordAll(const std::vector<StatementMatch::Outcome>& outcomes,
                       absl::FunctionRef<absl::Status(const StatementMatch::Outcome&)> record,
                       Recording& recording) {
  for (const StatementMatch::Outcome& outcome : outcomes) {
    const absl::Status status = record(outcome);
    if (status.ok()) {
      ++recording.recorded[outcome.fate];
    } else if (OfTheOutcome(status)) {
      recording.refused.push_back(absl::StrCat("line ", outcome.line, ", payment ",
                                               outcome.payment_id, ": ", SentenceOf(status)));
    } else {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace smederij::cli
