#pragma once

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "services/ledger/domain/commitment.h"
#include "services/ledger/domain/payment.h"

// What may be asked of an award's money; shapes are checked, as in command.h.
namespace smederij::ledger {

struct OpenCommitment {
  BudgetId budget;
  PlanId plan;
  PayeeId payee;
  Money amount;
  std::string quote_ref;
  std::string decision_ref;
  Hash document_hash{};
  Ground ground = Ground::kContract;
  absl::CivilDay decision_date;
  std::optional<absl::CivilDay> payable_from = {};  // None: the first day that may be.
  Money vat = {};
  std::string taakveld = {}, category = {};
};

struct CloseCommitment {
  BudgetId budget;
  CommitmentId commitment;
};

struct ReleaseAward {
  BudgetId budget;
  PlanId plan;
  Money amount;
  std::string decision_ref;
};

struct RequestPayment {
  BudgetId budget;
  CommitmentId commitment;
  Money amount;
  std::string invoice_ref;
  std::optional<absl::CivilDay> receipts_due = {};  // Set: an advance,
  Money vat = {};                                   // which has none.
};

struct ApprovePayment {
  BudgetId budget;
  PaymentId payment;
  Money limit;  // What the caller may decide about.
};

struct RejectPayment {
  BudgetId budget;
  PaymentId payment;
  std::string reason;
};

struct InstructPayment {
  BudgetId budget;
  PaymentId payment;
  std::string bank_ref;
};

struct SettlePayment {
  BudgetId budget;
  PaymentId payment;
};

struct FailPayment {
  BudgetId budget;
  PaymentId payment;
  std::string reason;
};

struct AccountForAdvance {
  BudgetId budget;
  PaymentId payment;
  Money amount;
  std::string receipt_ref;
  Hash document_hash{};
  Money limit = {};  // What the caller may decide about.
  Money total = {};  // What the document comes to.
};

struct ReturnAdvance {
  BudgetId budget;
  PaymentId payment;
  Money amount;
  std::string bank_ref;
  Money total = {};  // What the bank line comes to.
};

struct ReturnPayment {
  BudgetId budget;
  PaymentId payment;
  Money amount;
  Money vat;  // In the amount.
  std::string bank_ref;
  Money total = {};  // What the bank line comes to.
};

}  // namespace smederij::ledger
