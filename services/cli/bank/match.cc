#include "services/cli/bank/match.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/money.h"
#include "services/cli/bank/batch.h"

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
                .day = line.day},
               decided, match);
    }
  }
}

bool Gone(const Payment& payment) {
  return payment.state() == Payment::STATE_SETTLED || payment.state() == Payment::STATE_ADVANCED;
}

// Whether the books have what this line says came back, each time for one line.
bool IsRecorded(const StatementLine& line, std::vector<RecordedReturn>& returned) {
  const auto same = [&](const RecordedReturn& one) {
    return one.cents == line.cents && (one.day.empty() || line.day.empty() || one.day == line.day);
  };
  const auto found = std::find_if(returned.begin(), returned.end(), same);
  if (found == returned.end()) return false;
  returned.erase(found);
  return true;
}

// What only a person can say: whose receipts it is of, or how much of it is VAT.
std::string NeedsAPerson(const StatementLine& line, const Payment& payment) {
  return absl::StrCat(
      About(line), payment.receipts_due().empty() ? "" : "an advance: ", line.currency, " ",
      ToString(Money::Cents(line.cents)), " of ", ToString(Money::Cents(payment.amount_cents())),
      " came back after it was paid: record it with `pay return ", payment.budget_id(), " ",
      payment.payment_id(), " --cents=", line.cents, " --bank-ref=", line.end_to_end_id,
      payment.vat_cents() > 0 ? " --vat-cents=…" : "",
      line.day.empty() ? "" : absl::StrCat(" --effective-date=", line.day),
      "`, then read the statement again");
}

// Money of a payment that the payee had.
void MatchReturn(const StatementLine& line, const Payment& payment,
                 std::vector<RecordedReturn>& returned, Decided& decided, StatementMatch& match) {
  const bool whole = line.cents == payment.amount_cents();
  if ((whole && payment.returned_cents() >= line.cents) || IsRecorded(line, returned)) {
    ++match.known;
  } else if (whole && payment.receipts_due().empty() && payment.returned_cents() == 0) {
    Conclude(About(line),
             {.payment_id = payment.payment_id(),
              .bank_ref = payment.bank_ref(),
              .fate = Fate::kReturned,
              .day = line.day,
              .cents = payment.amount_cents(),
              .vat_cents = payment.vat_cents()},
             decided, match);
  } else {
    match.problems.push_back(NeedsAPerson(line, payment));
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
  for (const StatementLine& line : statement) {
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
    // Of what the payee had, less may come back than went.
    const bool comes_back = !line.debit && Gone(payment);
    if ((comes_back ? line.cents > payment.amount_cents() : line.cents != payment.amount_cents()) ||
        line.currency != currency) {
      match.problems.push_back(absl::StrCat(
          About(line), "the bank says ", line.currency, " ", ToString(Money::Cents(line.cents)),
          ", the books ", currency, " ", ToString(Money::Cents(payment.amount_cents()))));
      continue;
    }
    if (!line.booked) {
      ++match.pending;
      continue;
    }
    if (payment.state() == Payment::STATE_INSTRUCTED) {
      StatementMatch::Outcome outcome{.payment_id = payment.payment_id(),
                                      .bank_ref = payment.bank_ref(),
                                      .fate = line.debit ? Fate::kSettled : Fate::kFailed,
                                      .reason = line.debit ? "" : "returned by the bank",
                                      .day = line.day};
      if (!line.debit && !line.reason.empty()) absl::StrAppend(&outcome.reason, ": ", line.reason);
      Conclude(About(line), std::move(outcome), decided, match);
    } else if (comes_back) {
      MatchReturn(line, payment, returned[payment.payment_id()], decided, match);
    } else {
      ++match.known;
    }
  }
  return match;
}

}  // namespace smederij::cli
