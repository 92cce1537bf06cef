#include "services/cli/bank/match.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/money.h"
#include "services/cli/bank/batch.h"

namespace smederij::cli {
namespace {

using ledger::v1::Payment;

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
  } else if (match.outcomes[at->second].settled == outcome.settled) {
    match.problems.push_back(absl::StrCat(about, "the statement has it twice"));
  } else if (!outcome.settled) {
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
                .settled = true,
                .reason = "",
                .day = line.day},
               decided, match);
    }
  }
}

}  // namespace

StatementMatch MatchStatement(const std::vector<StatementLine>& statement,
                              const std::vector<Payment>& payments, const std::string& currency) {
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
    if (line.cents != payment.amount_cents() || line.currency != currency) {
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
                                      .settled = line.debit,
                                      .reason = line.debit ? "" : "returned by the bank",
                                      .day = line.day};
      if (!line.debit && !line.reason.empty()) absl::StrAppend(&outcome.reason, ": ", line.reason);
      Conclude(About(line), std::move(outcome), decided, match);
    } else if (!line.debit && payment.returned_cents() >= line.cents) {
      ++match.known;  // Money of an advance, all of it, that somebody recorded.
    } else if (!line.debit && payment.state() == Payment::STATE_ADVANCED) {
      match.problems.push_back(
          absl::StrCat(About(line),
                       "an advance came back after it was paid: record it with `pay return`, then "
                       "read the statement again"));
    } else if (payment.state() == Payment::STATE_SETTLED && !line.debit) {
      match.problems.push_back(absl::StrCat(
          About(line), "it came back after it was settled: the books need a person for that"));
    } else {
      ++match.known;
    }
  }
  return match;
}

}  // namespace smederij::cli
