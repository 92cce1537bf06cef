#include "services/cli/counted/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace smederij::cli {
namespace {

using ballots::tally::Decision;
using ballots::tally::Election;
using ballots::tally::Outcome;
using ballots::tally::PlanOutcome;
using ballots::tally::Rational;
using ballots::tally::ToRounded;

constexpr size_t kNameWidth = 60;

// Whether the byte at `at` begins something that takes a place: not the rest of a character, nor a
// mark that is written over the one before (U+0300 to U+036F).
bool TakesPlace(absl::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(i < text.size() ? text[i] : 0);
  };
  if ((byte(at) & 0xC0) == 0x80) return false;
  return !(byte(at) == 0xCC || (byte(at) == 0xCD && byte(at + 1) < 0xB0));
}

void PrintHead(const Counted& counted, std::ostream& out) {
  const Election& election = counted.file.election;
  const Outcome& outcome = counted.outcome;
  out << counted.path << '\n'
      << "  " << NameOf(election.kind) << ", " << outcome.voters << " ballots, "
      << election.plans.size() << " plans, budget " << Readable(election.budget) << ' '
      << election.currency << '\n'
      << "  rule " << counted.rule.name
      << (counted.rule.stop_at_first_misfit ? ", stops at the first plan that does not fit" : "");
  if (outcome.threshold > 0) out << ", at least " << outcome.threshold << " support";
  out << "; " << outcome.selected.size() << " plans funded for " << Readable(outcome.spent) << ", "
      << Readable(election.budget - outcome.spent) << " left\n";
  for (const auto& contest : outcome.contests) {
    if (!election.pots.empty()) {
      out << "  pot " << contest.category << ": " << Readable(contest.spent) << " of "
          << Readable(contest.budget) << " spent\n";
    }
    if (contest.endowments == 0) continue;
    out << "  every voter had " << Readable(contest.endowment) << " to spend ("
        << contest.endowments
        << (contest.endowments == 1 ? " endowment was tried)\n" : " endowments were tried)\n");
  }
}

}  // namespace

size_t Width(absl::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size(); ++at) width += TakesPlace(text, at) ? 1 : 0;
  return width;
}

std::string Cut(absl::string_view text, size_t width) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!TakesPlace(text, i)) continue;
    if (characters++ == width) return absl::StrCat(text.substr(0, i), "…");
  }
  return std::string(text);
}

std::string Left(absl::string_view text, size_t width) {
  return absl::StrCat(text, std::string(width - std::min(width, Width(text)), ' '));
}

std::string Right(absl::string_view text, size_t width) {
  return absl::StrCat(std::string(width - std::min(width, Width(text)), ' '), text);
}

std::string Readable(const Rational& amount) {
  return ToRounded(amount, amount.get_den() == 1 ? 0 : 2);
}

void PrintTable(const Counted& counted, bool explain, Language language, std::ostream& out) {
  const Election& election = counted.file.election;
  PrintHead(counted, out);
  size_t id_width = 2, money_width = 5;
  for (const auto& plan : election.plans) {
    id_width = std::max(id_width, Width(plan.id));
    money_width = std::max(money_width, Readable(plan.cost).size());
  }
  out << "  " << Left("id", id_width) << "  decision    " << Right("award", money_width) << "  "
      << Right("cost", money_width) << "  support  name\n";
  for (const uint32_t plan : InOrder(counted)) {
    const PlanOutcome& outcome = counted.outcome.plans[plan];
    const bool none = outcome.decision == Decision::kNotFunded;
    out << "  " << Left(election.plans[plan].id, id_width) << "  "
        << Left(none ? "-" : NameOf(outcome.decision), 10) << "  "
        << Right(none ? "-" : Readable(outcome.award), money_width) << "  "
        << Right(Readable(election.plans[plan].cost), money_width) << "  "
        << Right(absl::StrCat(outcome.support), 7) << "  "
        << Cut(counted.file.plans[plan].name, kNameWidth) << '\n';
    if (explain) out << "      " << SentenceFor(counted, plan, language) << '\n';
  }
}

}  // namespace smederij::cli
