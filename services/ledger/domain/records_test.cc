// The records that entries rest on, as bytes. A promise like those of entry_test.cc: this never
// changes.
#include <gtest/gtest.h>

#include <functional>
#include <tuple>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/payment.h"

namespace smederij::ledger {
namespace {

Uuid Filled(uint8_t byte) {
  Uuid::Bytes bytes;
  bytes.fill(byte);
  return Uuid(bytes);
}

Payment Sample() {
  Payment payment;
  payment.budget = BudgetId(Filled(0x11));
  payment.id = PaymentId(Filled(0x22));
  payment.commitment = CommitmentId(Filled(0x33));
  payment.payee = PayeeId(Filled(0x44));
  payment.amount = Money::Cents(0x0102);
  payment.invoice_ref = "abc";
  payment.requested_by = SubjectId(Filled(0x55));
  payment.approved_by = {SubjectId(Filled(0x66))};
  payment.iban_version = 3;
  payment.bank_ref = "B-1";
  return payment;
}

Hash HashOf(absl::string_view version, absl::string_view hex) {
  return crypto::Sha256({version, absl::HexStringToBytes(hex)});
}

// clang-format off
constexpr absl::string_view kPayment =
    "11111111111111111111111111111111"      // budget
    "22222222222222222222222222222222"      // payment
    "33333333333333333333333333333333"      // commitment
    "44444444444444444444444444444444"      // payee
    "0000000000000102"                      // amount
    "0003" "616263"                         // invoice
    "55555555555555555555555555555555"      // who asked
    "01" "66666666666666666666666666666666" // who approved
    "00000003"                              // IBAN version
    "0003" "422d31";                        // bank reference
// clang-format on

TEST(PaymentRecord, IsTheseBytes) {
  EXPECT_EQ(RecordOf(Sample()), HashOf("smederij-payment-v1", kPayment));
}

TEST(PaymentRecord, OfAnAdvanceSaysWhenReceiptsAreDue) {
  Payment advance = Sample();
  advance.receipts_due = absl::CivilDay(2027, 3, 1);
  EXPECT_EQ(RecordOf(advance),
            HashOf("smederij-payment-v2",
                   absl::StrCat(kPayment, "000a", absl::BytesToHexString("2027-03-01"))));
}

TEST(PaymentRecord, OfAnInvoiceSaysItsVat) {
  Payment invoice = Sample();
  invoice.vat = Money::Cents(0x15);
  EXPECT_EQ(RecordOf(invoice),
            HashOf("smederij-payment-v3", absl::StrCat(kPayment, "0000000000000015")));
}

TEST(CommitmentRecord, IsTheseBytes) {
  Commitment commitment;
  commitment.budget = BudgetId(Filled(0x11));
  commitment.id = CommitmentId(Filled(0x22));
  commitment.plan = PlanId(Filled(0x33));
  commitment.payee = PayeeId(Filled(0x44));
  commitment.amount = Money::Cents(0x0102);
  commitment.quote_ref = "q";
  commitment.decision_ref = "d";
  commitment.document_hash.fill(0xdd);
  commitment.payable_from = absl::CivilDay(2026, 1, 1);
  std::string bytes =
      "1111111111111111111111111111111122222222222222222222222222222222"
      "3333333333333333333333333333333344444444444444444444444444444444"
      "0000000000000102000171000164";
  for (int i = 0; i < 32; ++i) bytes += "dd";
  absl::StrAppend(&bytes, "000a", absl::BytesToHexString("2026-01-01"));
  EXPECT_EQ(RecordOf(commitment), HashOf("smederij-commitment-v1", bytes));
  commitment.vat = Money::Cents(0x15);
  EXPECT_EQ(RecordOf(commitment),
            HashOf("smederij-commitment-v2", absl::StrCat(bytes, "0000000000000015")));
  commitment.taakveld = "5.7";
  EXPECT_EQ(RecordOf(commitment),
            HashOf("smederij-commitment-v3",
                   absl::StrCat(bytes, "0000000000000015", "0003352e37", "0000")));
  commitment.vat = Money();
  commitment.taakveld = "";
  commitment.category = "3.8";
  EXPECT_EQ(RecordOf(commitment),
            HashOf("smederij-commitment-v3",
                   absl::StrCat(bytes, "0000000000000000", "0000", "0003332e38")));
}

TEST(AdvanceRecord, IsTheseBytes) {
  const PaymentPart receipt{.amount = Money::Cents(7),
                            .receipt_ref = "till",
                            .document_hash = HashOf("x", ""),
                            .return_ref = ""};
  const std::string document = absl::BytesToHexString(std::string(
      reinterpret_cast<const char*>(receipt.document_hash.data()), receipt.document_hash.size()));
  const std::string begin =
      "1111111111111111111111111111111122222222222222222222222222222222"
      "0000000000000007";
  const std::string person = "77777777777777777777777777777777";
  EXPECT_EQ(RecordOf(Sample(), receipt, SubjectId(Filled(0x77))),
            HashOf("smederij-receipt-v1", absl::StrCat(begin, "000474696c6c", document, person)));
  const PaymentPart back{
      .amount = Money::Cents(7), .receipt_ref = "", .document_hash = {}, .return_ref = "till"};
  EXPECT_EQ(RecordOf(Sample(), back, SubjectId(Filled(0x77))),
            HashOf("smederij-return-v1", absl::StrCat(begin, "000474696c6c", person)));
  // Of a document or a bank line that comes to more than this part, or to just that.
  const std::vector<std::tuple<int64_t, const char*, const char*>> totals = {
      {7, "1", ""}, {8, "2", "0000000000000008"}};
  for (const auto& [total, version, rest] : totals) {
    PaymentPart part = receipt;
    part.total = Money::Cents(total);
    EXPECT_EQ(RecordOf(Sample(), part, SubjectId(Filled(0x77))),
              HashOf(absl::StrCat("smederij-receipt-v", version),
                     absl::StrCat(begin, "000474696c6c", document, person, rest)));
    part = back;
    part.total = Money::Cents(total);
    EXPECT_EQ(RecordOf(Sample(), part, SubjectId(Filled(0x77))),
              HashOf(absl::StrCat("smederij-return-v", version),
                     absl::StrCat(begin, "000474696c6c", person, rest)));
  }
}

TEST(RepaymentRecord, IsTheseBytes) {
  const PaymentPart part{.amount = Money::Cents(7),
                         .receipt_ref = "",
                         .document_hash = {},
                         .return_ref = "line",
                         .total = Money::Cents(8),
                         .repaid = true,
                         .vat = Money::Cents(2)};
  EXPECT_EQ(RecordOf(Sample(), part, SubjectId(Filled(0x77))),
            HashOf("smederij-repayment-v1",
                   "1111111111111111111111111111111122222222222222222222222222222222"
                   "00000000000000070000000000000002"
                   "00046c696e65"
                   "777777777777777777777777777777770000000000000008"));
  // Without VAT, and of a line that comes to just that, it is the same layout.
  PaymentPart whole = part;
  whole.vat = Money();
  whole.total = part.amount;
  EXPECT_EQ(RecordOf(Sample(), whole, SubjectId(Filled(0x77))),
            HashOf("smederij-repayment-v1",
                   "1111111111111111111111111111111122222222222222222222222222222222"
                   "00000000000000070000000000000000"
                   "00046c696e65"
                   "777777777777777777777777777777770000000000000007"));
}

// Every field is in the bytes: changing any of them changes the record.
TEST(PaymentRecord, LeavesNothingOutThatMatters) {
  const std::vector<std::function<void(Payment&)>> changes = {
      [](Payment& p) { p.amount += Money::Cents(1); },
      [](Payment& p) { p.invoice_ref = "abd"; },
      [](Payment& p) { p.requested_by = SubjectId(Filled(9)); },
      [](Payment& p) { p.approved_by.push_back(SubjectId(Filled(9))); },
      [](Payment& p) { p.receipts_due = absl::CivilDay(2027, 3, 1); },
      [](Payment& p) { p.vat = Money::Cents(1); },
      [](Payment& p) { p.iban_version = 4; },
      [](Payment& p) { p.bank_ref = "B-2"; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Payment payment = Sample();
    changes[i](payment);
    EXPECT_NE(RecordOf(payment), RecordOf(Sample())) << i;
  }
}

}  // namespace
}  // namespace smederij::ledger
