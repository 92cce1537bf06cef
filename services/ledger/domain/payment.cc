#include "services/ledger/domain/payment.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"

namespace smederij::ledger {

bool MayFollow(PaymentState from, PaymentState to) {
  using enum PaymentState;
  switch (from) {
    case kRequested:
      return to == kRequested || to == kApproved || to == kRejected;
    case kApproved:
      return to == kInstructed || to == kRejected;
    case kInstructed:
      return to == kSettled || to == kFailed || to == kAdvanced;
    case kAdvanced:
      return to == kAdvanced || to == kSettled;
    case kSettled:
      return to == kAdvanced || to == kSettled;
    case kFailed:
    case kRejected:
      return false;
  }
  return false;  // A number read from a table.
}

absl::string_view NameOf(PaymentState state) {
  using enum PaymentState;
  switch (state) {
    case kRequested:
      return "REQUESTED";
    case kApproved:
      return "APPROVED";
    case kInstructed:
      return "INSTRUCTED";
    case kSettled:
      return "SETTLED";
    case kFailed:
      return "FAILED";
    case kRejected:
      return "REJECTED";
    case kAdvanced:
      return "ADVANCED";
  }
  return "";
}

PaymentId IdOfPayment(BudgetId budget, RequestId request) {
  return PaymentId::Derived(budget, absl::StrCat("payment/", request.ToString()));
}

Hash RecordOf(const Payment& payment) {
  // Advances are of the second version, invoices with VAT of the third; the others stay as they
  // were.
  const bool vat = payment.vat > Money();
  CanonicalWriter writer(payment.receipts_due ? "smederij-payment-v2"
                         : vat                ? "smederij-payment-v3"
                                              : "smederij-payment-v1");
  writer.Id(payment.budget.uuid());
  writer.Id(payment.id.uuid());
  writer.Id(payment.commitment.uuid());
  writer.Id(payment.payee.uuid());
  writer.Number(static_cast<uint64_t>(payment.amount.cents()));
  writer.Text(payment.invoice_ref);
  writer.Id(payment.requested_by.uuid());
  writer.Number(static_cast<uint8_t>(payment.approved_by.size()));
  for (const SubjectId person : payment.approved_by) writer.Id(person.uuid());
  writer.Number(static_cast<uint32_t>(payment.iban_version));
  writer.Text(payment.bank_ref);
  if (payment.receipts_due) writer.Text(absl::FormatCivilTime(*payment.receipts_due));
  if (vat) writer.Number(static_cast<uint64_t>(payment.vat.cents()));
  return crypto::Sha256(std::move(writer).Finish());
}

std::string EvidenceOf(const PaymentPart& part) {
  if (part.came_back()) return absl::StrCat("bank line ", part.return_ref);
  const Hash& hash = part.document_hash;
  const absl::string_view bytes(reinterpret_cast<const char*>(hash.data()), hash.size());
  return absl::StrCat("document ", absl::BytesToHexString(bytes));
}

namespace {

Hash RecordOfRepayment(const Payment& payment, const PaymentPart& part, SubjectId person) {
  CanonicalWriter writer("smederij-repayment-v1");
  writer.Id(payment.budget.uuid());
  writer.Id(payment.id.uuid());
  writer.Number(static_cast<uint64_t>(part.amount.cents()));
  writer.Number(static_cast<uint64_t>(part.vat.cents()));
  writer.Text(part.return_ref);
  writer.Id(person.uuid());
  writer.Number(static_cast<uint64_t>(part.total.cents()));
  return crypto::Sha256(std::move(writer).Finish());
}

}  // namespace

Hash RecordOf(const Payment& payment, const PaymentPart& part, SubjectId person) {
  if (part.repaid) return RecordOfRepayment(payment, part, person);
  // The second version leaves some of its document or bank line to other parts.
  const bool shared = part.total > part.amount;
  CanonicalWriter writer(
      absl::StrCat(part.came_back() ? "smederij-return-v" : "smederij-receipt-v", shared ? 2 : 1));
  writer.Id(payment.budget.uuid());
  writer.Id(payment.id.uuid());
  writer.Number(static_cast<uint64_t>(part.amount.cents()));
  if (part.came_back()) {
    writer.Text(part.return_ref);
  } else {
    writer.Text(part.receipt_ref);
    writer.Bytes(part.document_hash);
  }
  writer.Id(person.uuid());
  if (shared) writer.Number(static_cast<uint64_t>(part.total.cents()));
  return crypto::Sha256(std::move(writer).Finish());
}

}  // namespace smederij::ledger
