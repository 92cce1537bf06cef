#include "services/cli/bank/match.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/money.h"
#include "services/cli/bank/batch.h"
#include "services/cli/bank/line_reference.h"

namespace smederij::cli {
namespace {

using ledger::v1::Payment;
using Fate = StatementMatch::Fate;

std::string About(const StatementLine& line) {
  return absl::StrCat("line ", line.line, ", reference ", line.end_to_end_id, ": ");
}

// A line of no payment here.
void LeaveToOthers(const StatementLine& line, StatementMatch& match) {
  if (line.mistake.ok()) {
    ++match.foreign;
  } else {
    match.left_out.push_back(line.mistake);
  }
}

using Decided = std::map<std::string, size_t>;  // Reference → its outcome.

// Out and in again, in whichever order, means that it came back.
void Conclude(const std::string& about, StatementMatch::Outcome outcome, Decided& decided,
              StatementMatch& match) {
  const auto [at, first] = decided.try_emplace(outcome.bank_ref, match.outcomes.size());
  if (first) {
    match.outcomes.push_back(std::move(outcome));
  } else if (match.outcomes[at->second].fate == outcome.fate) {
    match.problems.push_back(absl::StrCat(about, "the statement has it twice"));
  } else if (outcome.fate == Fate::kFailed) {
    match.outcomes[at->second] = std::move(outcome);
  }
}

// Of a batch of ours that the bank booked as one sum, what the books still wait for.
void MatchBatch(const StatementLine& line, const std::string& batch,
                const std::vector<Payment>& payments, const std::string& currency, Decided& decided,
                StatementMatch& match) {
  std::vector<const Payment*> waiting;
  Money sum;
  bool ours = false;
  for (const Payment& payment : payments) {
    if (batch.empty() || BatchOf(payment.bank_ref()) != batch) continue;
    ours = true;
    if (payment.state() != Payment::STATE_INSTRUCTED) continue;
    waiting.push_back(&payment);
    sum += Money::Cents(payment.amount_cents());
  }
  if (!ours) return LeaveToOthers(line, match);
  match.mistake.Update(line.mistake);
  if (!line.mistake.ok()) return;
  if (!line.booked) {
    ++match.pending;
  } else if (line.debit && waiting.empty()) {
    ++match.known;
  } else if (!line.debit || line.cents != sum.cents() || line.currency != currency) {
    match.problems.push_back(absl::StrCat("line ", line.line, ", batch ", batch, ": the bank says ",
                                          line.currency, " ", ToString(Money::Cents(line.cents)),
                                          line.debit ? "" : " came back", " in one sum, ",
                                          waiting.size(), " payments of it wait for ", currency,
                                          " ", ToString(sum), ": ask the bank for each by itself"));
  } else {
    for (const Payment* payment : waiting) {
      Conclude(absl::StrCat("line ", line.line, ", batch ", batch, ", reference ",
                            payment->bank_ref(), ": "),
               {.payment_id = payment->payment_id(),
                .bank_ref = payment->bank_ref(),
                .fate = Fate::kSettled,
                .day = line.day,
                .line = line.line},
               decided, match);
    }
  }
}

bool Gone(const Payment& payment) {
  return payment.state() == Payment::STATE_SETTLED || payment.state() == Payment::STATE_ADVANCED;
}

// A line that tells of one payment, what it is known by itself, and what all lines are.
struct Told {
  const StatementLine& line;
  const Payment& payment;
  const std::string& reference;
  const std::set<std::string>& references;
};

// Whether what was recorded without a day may be what the bank says happened on `day`: it counts
// for the day it was recorded, and the bank tells of a day when that is over.
bool MayBeOf(const RecordedReturn& undated, const std::string& day) {
  absl::CivilDay happened, recorded;
  return absl::ParseCivilTime(day, &happened) &&
         absl::ParseCivilTime(undated.recorded_on, &recorded) &&
         (recorded == happened || recorded == happened + 1);
}

using Returned = std::vector<RecordedReturn>;

// What the books have of what this line says came back: under its reference, else of its day, else
// without one. What was recorded under the reference of another line is that line's.
Returned::iterator Find(const Told& told, Returned& returned) {
  const std::string& day = told.line.day;
  const auto free = [&](const RecordedReturn& one) {
    return one.cents == told.line.cents && !told.references.contains(one.return_ref);
  };
  auto found = std::find_if(returned.begin(), returned.end(), [&](const RecordedReturn& one) {
    return one.cents == told.line.cents && one.return_ref == told.reference;
  });
  if (found != returned.end()) return found;
  found = std::find_if(returned.begin(), returned.end(), [&](const RecordedReturn& one) {
    return free(one) && (day.empty() || one.day == day);
  });
  if (found != returned.end()) return found;
  return std::find_if(returned.begin(), returned.end(), [&](const RecordedReturn& one) {
    return free(one) && one.day.empty() && MayBeOf(one, day);
  });
}

// Whether the books have it, each time for one line.
bool IsRecorded(const Told& told, Returned& returned) {
  const auto found = Find(told, returned);
  if (found == returned.end()) return false;
  returned.erase(found);
  return true;
}

// That the books have as much of another day: who recorded this one so does not do so twice.
std::string AsMuch(const Told& told, const Returned& returned) {
  for (const RecordedReturn& one : returned) {
    if (one.cents != told.line.cents || told.references.contains(one.return_ref)) continue;
    return absl::StrCat(
        "; as much is recorded ",
        one.day.empty() ? absl::StrCat("on ", one.recorded_on, " without the day it happened")
                        : absl::StrCat("of ", one.day),
        ", reference ", one.return_ref, ": if it is this, have that taken back first");
  }
  return "";
}

// What only a person can say: whose receipts it is of, or how much of it is VAT.
std::string NeedsAPerson(const Told& told) {
  const auto& [line, payment, reference, references] = told;
  return absl::StrCat(
      About(line), payment.receipts_due().empty() ? "" : "an advance: ", line.currency, " ",
      ToString(Money::Cents(line.cents)), " of ", ToString(Money::Cents(payment.amount_cents())),
      " came back after it was paid: record it with `pay return ", payment.budget_id(), " ",
      payment.payment_id(), " --cents=", line.cents, " --bank-ref=", reference,
      payment.vat_cents() > 0 ? " --vat-cents=…" : "",
      line.day.empty() ? "" : absl::StrCat(" --effective-date=", line.day),
      "`, then read the statement again");
}

// Money of a payment that the payee had.
void MatchReturn(const Told& told, Returned& returned, Decided& decided, StatementMatch& match) {
  const auto& [line, payment, reference, references] = told;
  const bool whole = line.cents == payment.amount_cents();
  if ((whole && payment.returned_cents() >= line.cents) || IsRecorded(told, returned)) {
    ++match.known;
  } else if (whole && payment.receipts_due().empty() && payment.returned_cents() == 0) {
    Conclude(About(line),
             {.payment_id = payment.payment_id(),
              .bank_ref = payment.bank_ref(),
              .fate = Fate::kReturned,
              .day = line.day,
              .cents = payment.amount_cents(),
              .vat_cents = payment.vat_cents(),
              .return_ref = reference,
              .line = line.line},
             decided, match);
  } else {
    match.problems.push_back(NeedsAPerson(told) + AsMuch(told, returned));
  }
}

std::string Differs(const StatementLine& line, const Payment& payment,
                    const std::string& currency) {
  return absl::StrCat(About(line), "the bank says ", line.currency, " ",
                      ToString(Money::Cents(line.cents)), ", the books ", currency, " ",
                      ToString(Money::Cents(payment.amount_cents())));
}

// Parts that came back of what waits for the bank: of those that the statement settles, they are
// for a person afterwards.
void MatchParts(const std::vector<Told>& parts, const std::string& currency, const Decided& decided,
                StatementMatch& match) {
  for (const Told& told : parts) {
    const auto at = decided.find(told.payment.bank_ref());
    if (at == decided.end()) {
      match.problems.push_back(
          absl::StrCat(Differs(told.line, told.payment, currency),
                       ": a part comes back of what went, and neither the books nor this statement "
                       "have that: read the one that has it first"));
    } else if (match.outcomes[at->second].fate != Fate::kSettled) {
      match.problems.push_back(Differs(told.line, told.payment, currency));
    } else if (!told.line.booked) {
      ++match.pending;
    } else {
      match.afterwards.push_back(NeedsAPerson(told));
    }
  }
}

}  // namespace

StatementMatch MatchStatement(const std::vector<StatementLine>& statement,
                              const std::vector<Payment>& payments, const std::string& currency,
                              RecordedReturns returned) {
  std::map<std::string, const Payment*> by_reference;
  for (const Payment& payment : payments) {
    if (!payment.bank_ref().empty()) by_reference[payment.bank_ref()] = &payment;
  }
  StatementMatch match;
  Decided decided;
  const std::vector<std::string> references = ReferencesOf(statement);
  const std::set<std::string> all(references.begin(), references.end());
  std::vector<Told> parts;
  for (size_t i = 0; i < statement.size(); ++i) {
    const StatementLine& line = statement[i];
    if (line.end_to_end_id.empty()) {
      MatchBatch(line, BatchOfMessage(line.message_id), payments, currency, decided, match);
      continue;
    }
    const auto at = by_reference.find(line.end_to_end_id);
    if (at == by_reference.end()) {
      LeaveToOthers(line, match);
      continue;
    }
    match.mistake.Update(line.mistake);
    if (!line.mistake.ok()) continue;
    const Payment& payment = *at->second;
    const Told told{line, payment, references[i], all};
    // Of what the payee had, less may come back than went.
    const bool waits = payment.state() == Payment::STATE_INSTRUCTED;
    const bool comes_back = !line.debit && Gone(payment),
               less = line.cents < payment.amount_cents();
    if (line.currency == currency && !line.debit && waits && less) {
      parts.push_back(told);
      continue;
    }
    if ((less && !comes_back) || line.cents > payment.amount_cents() || line.currency != currency) {
      match.problems.push_back(Differs(line, payment, currency));
      continue;
    }
    if (!line.booked) {
      ++match.pending;
      continue;
    }
    if (waits) {
      StatementMatch::Outcome outcome{.payment_id = payment.payment_id(),
                                      .bank_ref = payment.bank_ref(),
                                      .fate = line.debit ? Fate::kSettled : Fate::kFailed,
                                      .reason = line.debit ? "" : "returned by the bank",
                                      .day = line.day,
                                      .line = line.line};
      if (!line.debit && !line.reason.empty()) absl::StrAppend(&outcome.reason, ": ", line.reason);
      Conclude(About(line), std::move(outcome), decided, match);
    } else if (comes_back) {
      MatchReturn(told, returned[payment.payment_id()], decided, match);
    } else {
      ++match.known;
    }
  }
  MatchParts(parts, currency, decided, match);
  return match;
}

}  // namespace smederij::cli
