#include "services/cli/play/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "services/cli/play/blind_signing.h"
#include "services/cli/play/records.h"
#include "services/cli/play/spend.h"

namespace smederij::cli {
namespace {

using ballots::v1::PlanResult;
using ballots::v1::Result;
using ledger::v1::AccountBalance;
using registry::v1::Participation;

std::string Euros(int64_t cents) { return ToString(Money::Cents(cents)); }

void PrintTurnout(const Participation& participation, std::ostream& out) {
  out << "\nTurnout (fetched a credential; how anybody voted, nobody knows)\n";
  out << absl::StreamFormat("  %-10s %9s %9s %11s\n", "age", "on roll", "took part", "first time");
  for (const Participation::Band& band : participation.bands()) {
    const auto count = [](bool known, int64_t value) {
      return known ? absl::StrCat(value) : std::string("few");
    };
    out << absl::StreamFormat("  %3d-%-6d %9d %9s %11s\n", band.age_from(), band.age_to(),
                              band.roll_size(), count(band.has_took_part(), band.took_part()),
                              count(band.has_first_time(), band.first_time()));
  }
}

void PrintPlans(const Stage& stage, const Result& result, std::ostream& out) {
  out << "\nPlans (" << result.rule() << ", pot " << Euros(result.pot_cents()) << ' '
      << stage.script.currency << ")\n";
  for (const PlanResult& plan : result.plans()) {
    const char* decision = plan.decision() == PlanResult::DECISION_AWARDED   ? "awarded"
                           : plan.decision() == PlanResult::DECISION_PARTIAL ? "partly"
                                                                             : "-";
    out << absl::StreamFormat("  %3d  %-8s %12s  support %-6d %s\n", plan.number(), decision,
                              Euros(plan.award_cents()), plan.support(),
                              stage.script.plans[plan.number() - 1].title);
    out << "       " << plan.sentence() << "\n";
  }
}

void PrintBooks(const ledger::v1::TrialBalance& books, std::ostream& out) {
  out << "\nTrial balance after entry " << books.as_of_seq() << "\n";
  for (const AccountBalance& account : books.accounts()) {
    out << absl::StreamFormat("  %4d  %-34s %-38s %14s\n", account.account_no(),
                              ledger::v1::AccountKind_Name(account.kind()).substr(13),
                              account.reference(), Euros(account.balance_cents()));
  }
  out << absl::StreamFormat("  %-78s %14s\n", "total", Euros(books.total_cents()));
}

// Whoever wants to know why it took so long sees what could not have been faster: a signature for
// every voter, on all cores at once.
void PrintVoting(const VotingTime& voting, std::ostream& out) {
  const absl::Duration signature = BlindSigningTime();
  const unsigned cores = std::max(std::thread::hardware_concurrency(), 1u);
  const auto text = [](absl::Duration duration) {
    return absl::FormatDuration(absl::Trunc(duration, absl::Microseconds(10)));
  };
  out << "\nVoting: " << voting.ballots << " ballots in " << text(voting.elapsed) << ", "
      << text(voting.elapsed / voting.ballots) << " each; with " << voting.at_once
      << " voters at once, one waited " << text(voting.issuing / voting.ballots)
      << " for a credential (signing in and blind signing) and "
      << text(voting.casting / voting.ballots) << " to cast\n"
      << "Floor: a blind signature takes " << text(signature)
      << " of a core here, so the credentials alone take "
      << text(signature * voting.ballots / cores) << " on " << cores
      << (cores == 1 ? " core\n" : " cores\n");
}

}  // namespace

std::string Summary::ToJson() const {
  nlohmann::ordered_json json;
  json["round"] = round_id;
  json["residents"] = residents;
  json["ballots"] = ballots;
  json["selected"] = selected;
  json["official"] = nullptr;
  if (official) json["official"] = *official;
  json["matches_official"] = nullptr;
  if (matches_official) json["matches_official"] = *matches_official;
  json["reserved_cents"] = reserved_cents;
  json["committed_cents"] = committed_cents;
  json["paid_cents"] = paid_cents;
  json["trial_balance_cents"] = trial_balance_cents;
  json["budget"] = budget_id;
  json["seconds"] = static_cast<double>(absl::ToInt64Milliseconds(elapsed)) / 1000;
  return json.dump();
}

absl::StatusOr<Summary> Report(const Stage& stage, const VotingTime& voting, std::ostream& out) {
  ASSIGN_OR_RETURN(const Result result, ResultOf(stage));
  ASSIGN_OR_RETURN(const Participation participation, ParticipationOf(stage));
  ASSIGN_OR_RETURN(const ledger::v1::TrialBalance books, TrialBalanceOf(stage));

  Summary summary;
  summary.round_id = stage.round_id;
  summary.budget_id = stage.budget_id;
  summary.residents = stage.script.residents.size();
  for (const auto& turnout : result.turnout()) summary.ballots += turnout.ballots();
  std::set<size_t> selected;
  for (const PlanResult& plan : result.plans()) {
    if (plan.decision() != PlanResult::DECISION_NOT_AWARDED) selected.insert(plan.number() - 1);
  }
  for (const size_t plan : selected) summary.selected.push_back(stage.script.plans[plan].id);
  summary.official = stage.script.official;
  if (stage.script.official && stage.script.official_rule_known) {
    const std::set<std::string> ours(summary.selected.begin(), summary.selected.end());
    const std::set<std::string> theirs(stage.script.official->begin(),
                                       stage.script.official->end());
    summary.matches_official = ours == theirs;
  }
  ASSIGN_OR_RETURN(const auto reserved, ReservedByRound(stage));
  for (const auto& [plan, cents] : reserved) summary.reserved_cents += cents;
  for (const AccountBalance& account : books.accounts()) {
    const int64_t cents = account.balance_cents();
    if (account.kind() == ledger::v1::ACCOUNT_KIND_COMMITTED) summary.committed_cents += cents;
    if (account.kind() == ledger::v1::ACCOUNT_KIND_PAID) summary.paid_cents += cents;
  }
  summary.trial_balance_cents = books.total_cents();

  out << "\n" << stage.title << (result.demonstration() ? " (a demonstration)" : "") << "\n";
  PrintTurnout(participation, out);
  PrintPlans(stage, result, out);
  PrintBooks(books, out);
  if (voting.ballots > 0) PrintVoting(voting, out);
  for (const std::string& note : stage.script.notes) out << "note: " << note << "\n";
  return summary;
}

}  // namespace smederij::cli
