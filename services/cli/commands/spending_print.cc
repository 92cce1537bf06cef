#include "services/cli/commands/spending_print.h"

#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/commands/show.h"

namespace smederij::cli {

namespace v1 = ledger::v1;

namespace {

void PrintVat(int64_t cents) {
  if (cents > 0) std::cout << "  with VAT " << Amount(cents);
}

}  // namespace

void Print(const v1::Commitment& commitment, bool json) {
  if (json) {
    std::cout << ToJson(commitment) << '\n';
    return;
  }
  std::cout << absl::StreamFormat("%s  %14s  left %14s  payable from %s  %-6s  %s",
                                  commitment.commitment_id(), Amount(commitment.amount_cents()),
                                  Amount(commitment.remaining_cents()), commitment.payable_from(),
                                  commitment.closed() ? "closed" : "open", commitment.quote_ref());
  if (commitment.ground() == v1::Commitment::GROUND_GRANT) {
    std::cout << "  grant of " << commitment.decision_date();
  } else if (commitment.ground() == v1::Commitment::GROUND_CONTRACT) {
    std::cout << "  contract of " << commitment.decision_date();
  }
  PrintVat(commitment.vat_cents());
  if (!commitment.taakveld().empty()) std::cout << "  taakveld " << commitment.taakveld();
  if (!commitment.category().empty()) std::cout << "  category " << commitment.category();
  if (!commitment.payee_id().empty()) std::cout << "  payee " << commitment.payee_id();
  std::cout << '\n';
}

void Print(const v1::Payment& payment, bool json) {
  if (json) {
    std::cout << ToJson(payment) << '\n';
    return;
  }
  std::cout << absl::StreamFormat(
      "%s  %14s  %-10s  approved by %d of %d  %s", payment.payment_id(),
      Amount(payment.amount_cents()), v1::Payment::State_Name(payment.state()).substr(6),
      payment.approved_by_size(), payment.approvals_needed(), payment.invoice_ref());
  if (!payment.receipts_due().empty()) {
    std::cout << absl::StreamFormat("  receipts due %s, %s accounted for, %s came back",
                                    payment.receipts_due(), Amount(payment.accounted_cents()),
                                    Amount(payment.returned_cents()));
  }
  PrintVat(payment.vat_cents());
  if (payment.receipts_due().empty() && payment.returned_cents() > 0) {
    std::cout << "  of which came back " << Amount(payment.returned_cents());
    PrintVat(payment.returned_vat_cents());
  }
  std::cout << '\n';
}

void Print(const v1::Payee& payee, bool json) {
  if (json) {
    std::cout << ToJson(payee) << '\n';
    return;
  }
  std::cout << payee.payee_id() << "  IBAN version " << payee.iban_version();
  if (payee.proposed_version() != 0) {
    std::cout << ", version " << payee.proposed_version() << " waits for a second person";
  }
  std::cout << '\n';
}

void Print(const v1::PayeeDetails& payee, bool json) {
  if (json) {
    std::cout << ToJson(payee) << '\n';
    return;
  }
  std::cout << payee.payee().payee_id() << "  " << payee.name()
            << (payee.unreadable() ? "  not all of it opens under the ledger's key" : "") << '\n';
  for (const v1::IbanVersion& iban : payee.ibans()) {
    std::cout << absl::StreamFormat("    version %d  %-8s  %s  proposed by %s  %s", iban.version(),
                                    v1::IbanVersion::State_Name(iban.state()).substr(6),
                                    iban.iban(), iban.proposed_by(),
                                    Instant(iban.propose_time().seconds()));
    if (!iban.decided_by().empty()) {
      std::cout << "  decided by " << iban.decided_by() << "  "
                << Instant(iban.decide_time().seconds());
    }
    std::cout << '\n';
  }
}

void Print(const v1::PaymentStep& step, bool json) {
  if (json) {
    std::cout << ToJson(step) << '\n';
    return;
  }
  std::cout << absl::StreamFormat("%3d  %-10s  %s  by %s", step.step_no(),
                                  v1::Payment::State_Name(step.to_state()).substr(6),
                                  Instant(step.step_time().seconds()), step.taken_by());
  if (step.seq() != 0) {
    std::cout << absl::StreamFormat("  entry %6d  %14s", step.seq(), Amount(step.amount_cents()));
  }
  if (!step.effective_date().empty()) std::cout << "  on " << step.effective_date();
  if (!step.receipt_ref().empty()) {
    std::cout << "  receipt " << step.receipt_ref() << "  "
              << absl::BytesToHexString(step.document_hash());
  }
  if (!step.return_ref().empty()) std::cout << "  came back " << step.return_ref();
  PrintVat(step.vat_cents());
  if (step.total_cents() > step.amount_cents()) {
    std::cout << "  part of " << Amount(step.total_cents());
  }
  if (step.takes_back_step() != 0) std::cout << "  takes back step " << step.takes_back_step();
  if (step.taken_back_by_step() != 0) {
    std::cout << "  taken back by step " << step.taken_back_by_step();
  }
  if (!step.note().empty()) std::cout << "  " << step.note();
  std::cout << '\n';
}

void Print(const v1::Posted& posted, bool json) {
  if (json) {
    std::cout << ToJson(posted) << '\n';
    return;
  }
  std::cout << "entry " << posted.seq() << '\n';
}

void Print(const v1::Reversal& reversal, bool json) {
  if (json) {
    std::cout << ToJson(reversal) << '\n';
    return;
  }
  std::cout << absl::StreamFormat(
      "%s  entry %6d  %-8s  %s\n", reversal.reversal_id(), reversal.seq(),
      v1::Reversal::State_Name(reversal.state()).substr(6), reversal.reason());
}

void Print(const v1::Closing& closing, bool json) {
  if (json) {
    std::cout << ToJson(closing) << '\n';
    return;
  }
  std::cout << absl::StreamFormat("%s  after entry %6d  %-8s  %s\n", closing.closing_id(),
                                  closing.seq(), v1::Closing::State_Name(closing.state()).substr(6),
                                  absl::BytesToHexString(closing.trial_balance_hash()));
}

void Print(const v1::Period& period, bool json) {
  if (json) {
    std::cout << ToJson(period) << '\n';
    return;
  }
  std::cout << absl::StreamFormat("%2d  %s to %s  %s\n", period.period_no(), period.first_day(),
                                  period.last_day(),
                                  v1::Period::State_Name(period.state()).substr(6));
  for (const v1::Closing& closing : period.closings()) Print(closing, false);
}

void Print(const v1::Handover& handover, bool json) {
  if (json) {
    std::cout << ToJson(handover) << '\n';
    return;
  }
  const bool carries = handover.has_carry_over();
  std::cout << absl::StreamFormat(
      "%s  %-8s  %-10s  carried %d cents, returned %d cents  %s\n", handover.handover_id(),
      v1::Handover::State_Name(handover.state()).substr(6), carries ? "carry-over" : "return",
      handover.carried_cents(), handover.returned_cents(),
      carries ? handover.carry_over().decision_ref() : handover.return_funds().decision_ref());
}

void Print(const v1::DecideHandoverResponse& decided, bool json) {
  if (json) {
    std::cout << ToJson(decided) << '\n';
    return;
  }
  Print(decided.handover(), false);
  for (const v1::Posted& posted : decided.entries()) {
    std::cout << posted.budget_id() << "  entry " << posted.seq() << '\n';
  }
}

void Print(const v1::LedgerCodes& codes, bool json) {
  if (json) {
    std::cout << ToJson(codes) << '\n';
    return;
  }
  std::cout << "version " << codes.version() << '\n';
  for (const v1::LedgerCode& code : codes.codes()) {
    const std::string what = code.entry_type() == v1::ENTRY_TYPE_UNSPECIFIED
                                 ? v1::AccountKind_Name(code.account_kind())
                                 : v1::EntryType_Name(code.entry_type());
    std::cout << absl::StreamFormat("%-32s %-20s %-6s %-6s %s\n", what, code.code(),
                                    code.taakveld(), code.category(), code.description());
  }
}

void Print(const v1::CloseBudgetResponse& closed, bool json) {
  std::cout << (json ? ToJson(closed) : absl::StrCat(closed.budget_id(), "  closed")) << '\n';
}

void Print(const proposals::v1::Correction& correction, bool json) {
  if (json) {
    std::cout << ToJson(correction) << '\n';
    return;
  }
  using State = proposals::v1::Correction;
  std::cout << absl::StreamFormat("%s  %-11s  plans %d  %s%s%s\n", correction.correction_id(),
                                  State::State_Name(correction.state()).substr(6),
                                  correction.lines_size(), correction.decision_ref(),
                                  correction.ledger_reason().empty() ? "" : "  ",
                                  correction.ledger_reason());
}

void Print(const proposals::v1::Round& round, bool json) {
  if (json) {
    std::cout << ToJson(round) << '\n';
    return;
  }
  std::cout << round.round_id() << "  " << proposals::v1::Round::Phase_Name(round.phase()).substr(6)
            << '\n';
  for (const proposals::v1::Pot& pot : round.pots()) {
    std::cout << absl::StreamFormat("  pot of %s  %d cents  %s\n", pot.budget_id(),
                                    pot.amount_cents(), pot.plan_id());
  }
}

}  // namespace smederij::cli
