// A payment's steps as they are read; and that the records on which entries rest can be made again
// from what is read, byte by byte as the README lays them out, without a line of the ledger's own
// code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "common/base/error.h"
#include "common/crypto/bytes.h"
#include "common/crypto/hash.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kCommitted = 1'000'00;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A plan with a commitment, and somebody who may read everything that is not personal.
struct Town {
  TestSpending ledger;
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 4 * kCommitted);
  std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, kCommitted))->commitment_id();
  testing::Person auditor = ledger.Somebody(policy::v1::ROLE_AUDITOR);

  std::string Instructed(v1::RequestPaymentRequest request) {
    const auto requested = ledger.Request(request);
    CHECK(requested.ok());
    const std::string id = requested->payment_id();
    CHECK(ledger.Approve(budget, id, ledger.approver()).ok());
    CHECK(ledger.Instruct(budget, id, id.substr(0, 35)).ok());
    return id;
  }
  v1::RequestPaymentRequest Invoice(int64_t cents, const std::string& of = NewId()) const {
    return TestSpending::PaymentRequest(budget, commitment, cents, of);
  }
  std::string Advance(int64_t cents) {
    auto request = Invoice(cents);
    request.set_receipts_due("2999-12-31");
    const std::string id = Instructed(request);
    CHECK(ledger.Settle(budget, id).ok());
    return id;
  }
  v1::ListPaymentStepsRequest StepsRequest(const std::string& payment) const {
    v1::ListPaymentStepsRequest request;
    request.set_budget_id(budget);
    request.set_payment_id(payment);
    return request;
  }
  absl::StatusOr<v1::ListPaymentStepsResponse> Steps(const v1::ListPaymentStepsRequest& request,
                                                     const testing::Person& who) {
    return ledger.server().Ask(&SpendingStub::ListPaymentSteps, request, ledger.server().As(who));
  }
  absl::StatusOr<v1::ListPaymentStepsResponse> Steps(const std::string& payment) {
    return Steps(StepsRequest(payment), auditor);
  }
  absl::StatusOr<v1::ListCommitmentsResponse> Commitments(const testing::From& who) {
    v1::ListCommitmentsRequest request;
    request.set_budget_id(budget);
    return ledger.server().Ask(&SpendingStub::ListCommitments, request, who);
  }
};

TEST(PaymentSteps, TellWhoTookThemAndWhy) {
  Town town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Instructed(town.Invoice(100));
  v1::FailPaymentRequest fail;
  fail.set_request_id(NewId());
  fail.set_budget_id(town.budget);
  fail.set_payment_id(id);
  fail.set_reason("account closed");
  fail.set_effective_date("2025-12-30");
  const auto failed =
      ledger.server().Ask(&SpendingStub::FailPayment, fail, ledger.server().As(ledger.treasurer()));
  ASSERT_TRUE(failed.ok()) << failed.status();
  const auto read = town.Steps(id);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->steps_size(), 4);
  using P = v1::Payment;
  const std::vector<P::State> states = {P::STATE_UNSPECIFIED, P::STATE_REQUESTED, P::STATE_APPROVED,
                                        P::STATE_INSTRUCTED, P::STATE_FAILED};
  const std::vector<std::string> people = {
      ledger.requester().subject.ToString(), ledger.approver().subject.ToString(),
      ledger.treasurer().subject.ToString(), ledger.treasurer().subject.ToString()};
  for (int i = 0; i < 4; ++i) {
    const v1::PaymentStep& step = read->steps(i);
    EXPECT_EQ(step.step_no(), i + 1);
    EXPECT_EQ(step.from_state(), states[static_cast<size_t>(i)]);
    EXPECT_EQ(step.to_state(), states[static_cast<size_t>(i) + 1]);
    EXPECT_EQ(step.taken_by(), people[static_cast<size_t>(i)]);
    EXPECT_GT(step.step_time().seconds(), 0);
    EXPECT_EQ(step.amount_cents(), i < 2 ? 0 : 100);  // Only the bank moves money.
    EXPECT_EQ(step.seq() != 0, i >= 2);
    EXPECT_EQ(step.note(), i == 3 ? "account closed" : "");
    EXPECT_EQ(step.effective_date(), i == 3 ? "2025-12-30" : "");
    EXPECT_EQ(step.receipt_ref() + step.document_hash() + step.return_ref(), "");
  }
  EXPECT_EQ(read->steps(3).seq(), failed->seq());
  const auto rejected = ledger.Request(town.Invoice(100));
  ASSERT_TRUE(ledger.Reject(town.budget, rejected->payment_id()).ok());
  EXPECT_EQ(town.Steps(rejected->payment_id())->steps(1).note(), "not delivered");
}

TEST(PaymentSteps, OfAnAdvanceTellItsParts) {
  Town town;
  const std::string id = town.Advance(500);
  const auto receipt = TestSpending::AccountRequest(town.budget, id, 300, "till 1");
  ASSERT_TRUE(town.ledger.Account(receipt, town.ledger.approver()).ok());
  ASSERT_TRUE(town.ledger.GiveBack(town.budget, id, 200, "BACK-1").ok());
  const auto read = town.Steps(id);
  ASSERT_EQ(read->steps_size(), 6);
  EXPECT_EQ(read->steps(3).to_state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(read->steps(3).amount_cents(), 500);
  const v1::PaymentStep &accounted = read->steps(4), &returned = read->steps(5);
  EXPECT_EQ(accounted.amount_cents(), 300);
  EXPECT_EQ(accounted.receipt_ref(), "till 1");
  EXPECT_EQ(accounted.document_hash(), receipt.document_hash());
  EXPECT_EQ(accounted.return_ref(), "");
  EXPECT_EQ(returned.amount_cents(), 200);
  EXPECT_EQ(returned.return_ref(), "BACK-1");
  EXPECT_EQ(returned.receipt_ref() + returned.document_hash(), "");
  EXPECT_EQ(returned.to_state(), v1::Payment::STATE_SETTLED);
  // A page at a time they are the same.
  std::vector<int32_t> numbers;
  auto request = town.StepsRequest(id);
  request.set_page_size(4);
  std::string token;
  do {
    const auto page = town.Steps(request, town.auditor);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::PaymentStep& step : page->steps()) numbers.push_back(step.step_no());
    request.set_page_token(page->next_page_token());
    if (token.empty()) token = page->next_page_token();
  } while (!request.page_token().empty());
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6));
  request.set_payment_id(town.Advance(100));
  request.set_page_token(token);
  EXPECT_EQ(Reason(town.Steps(request, town.auditor)), "BAD_PAGE");
}

TEST(PaymentSteps, OfAPartThatIsTakenBackTellThatPart) {
  Town town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Advance(500);
  const auto part = ledger.Account(town.budget, id, 300, "till 1");
  ASSERT_TRUE(part.ok()) << part.status();
  const auto proposed =
      ledger.ProposeReversal(ReversalRequest(town.budget, part->seq()), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto decided =
      ledger.DecideReversal(town.budget, proposed->reversal_id(), true, ledger.colleague());
  ASSERT_TRUE(decided.ok()) << decided.status();
  const auto read = town.Steps(id);
  ASSERT_EQ(read->steps_size(), 6);
  EXPECT_EQ(read->steps(5).amount_cents(), 300);
  EXPECT_EQ(read->steps(5).to_state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(read->steps(5).receipt_ref() + read->steps(5).document_hash(), "");
  EXPECT_GT(read->steps(5).seq(), part->seq());
}

TEST(PaymentSteps, AreReadByWhoeverTakesPart) {
  Town town;
  const std::string id = town.Advance(500);
  auto request = town.StepsRequest(id);
  for (const auto role :
       {policy::v1::ROLE_AREA_DIRECTOR, policy::v1::ROLE_BUDGET_HOLDER,
        policy::v1::ROLE_PAYMENT_APPROVER, policy::v1::ROLE_TREASURER, policy::v1::ROLE_AUDITOR}) {
    EXPECT_EQ(Reason(town.Steps(request, town.ledger.Somebody(role))), "") << role;
  }
  EXPECT_EQ(Reason(town.Steps(request, town.ledger.Somebody(policy::v1::ROLE_RESIDENT))),
            "ROLE_NOT_HELD");
  EXPECT_EQ(Reason(town.ledger.server().Ask(&SpendingStub::ListPaymentSteps, request)),
            "IDENTITY_NEEDED");
  testing::Person elsewhere = town.auditor;
  elsewhere.grants[0].district = DistrictId::Random();
  request.set_payment_id(NewId());
  EXPECT_EQ(Reason(town.Steps(request, elsewhere)), "ROLE_NOT_HELD_THERE");
  elsewhere.municipality = MunicipalityId::Random();
  EXPECT_EQ(Reason(town.Steps(request, elsewhere)), "OTHER_MUNICIPALITY");
  EXPECT_EQ(Reason(town.Steps(request, town.auditor)), "PAYMENT_NOT_FOUND");
  request.set_budget_id(NewId());
  EXPECT_EQ(Reason(town.Steps(request, town.auditor)), "BUDGET_NOT_FOUND");
  request.set_payment_id("x");
  EXPECT_EQ(Reason(town.Steps(request, town.auditor)), "BAD_ID");
}

TEST(Commitments, TellTheSupplierToWhomPaymentsConcern) {
  Town town;
  const auto payee = [&](const testing::From& who) {
    const auto list = town.Commitments(who);
    return list.ok() ? list->commitments(0).payee_id() : list.status().ToString();
  };
  EXPECT_EQ(payee(town.ledger.server().As(town.auditor)), town.ledger.payee());
  EXPECT_EQ(payee(town.ledger.server().As(town.ledger.requester())), town.ledger.payee());
  EXPECT_EQ(payee({}), "");
  EXPECT_EQ(payee(town.ledger.server().As(town.ledger.Somebody(policy::v1::ROLE_RESIDENT))), "");
  testing::Person elsewhere = town.auditor;
  elsewhere.grants[0].district = DistrictId::Random();
  EXPECT_EQ(payee(town.ledger.server().As(elsewhere)), "");
  elsewhere.grants[0].district = std::nullopt;
  elsewhere.municipality = MunicipalityId::Random();
  EXPECT_EQ(payee(town.ledger.server().As(elsewhere)), "");
}

// The parts of a layout that begins with `version`.
class Layout {
 public:
  explicit Layout(absl::string_view version) { writer_.Raw(version); }

  Layout& Id(const std::string& id) {
    writer_.Raw(absl::HexStringToBytes(id.substr(0, 8) + id.substr(9, 4) + id.substr(14, 4) +
                                       id.substr(19, 4) + id.substr(24)));
    return *this;
  }
  Layout& Text(absl::string_view text) {
    writer_.U16(static_cast<uint16_t>(text.size())).Raw(text);
    return *this;
  }
  Layout& Cents(int64_t cents) {
    writer_.U64(static_cast<uint64_t>(cents));
    return *this;
  }
  Layout& U8(int number) {
    writer_.U8(static_cast<uint8_t>(number));
    return *this;
  }
  Layout& U16(int number) {
    writer_.U16(static_cast<uint16_t>(number));
    return *this;
  }
  Layout& U32(int number) {
    writer_.U32(static_cast<uint32_t>(number));
    return *this;
  }
  Layout& Hash(absl::string_view bytes) {
    writer_.Raw(bytes);
    return *this;
  }
  std::string Record() const { return crypto::ToBytes(crypto::Sha256(writer_.bytes())); }

 private:
  crypto::ByteWriter writer_;
};

std::string RecordOfCommitment(const v1::Commitment& c) {
  Layout layout("smederij-commitment-v4");
  layout.Id(c.budget_id()).Id(c.commitment_id()).Id(c.plan_id()).Id(c.payee_id());
  layout.Cents(c.amount_cents()).Text(c.quote_ref()).Text(c.decision_ref());
  layout.Hash(c.document_hash()).Text(c.payable_from());
  layout.Cents(c.vat_cents()).Text(c.taakveld()).Text(c.category());
  layout.U8(c.ground()).Text(c.decision_date()).U16(c.objection_days());
  return layout.Record();
}

std::string RecordOfPayment(const v1::Payment& p) {
  Layout layout(!p.receipts_due().empty() ? "smederij-payment-v2"
                : p.vat_cents() > 0       ? "smederij-payment-v3"
                                          : "smederij-payment-v1");
  layout.Id(p.budget_id()).Id(p.payment_id()).Id(p.commitment_id()).Id(p.payee_id());
  layout.Cents(p.amount_cents()).Text(p.invoice_ref()).Id(p.requested_by());
  layout.U8(p.approved_by_size());
  for (const std::string& person : p.approved_by()) layout.Id(person);
  layout.U32(p.iban_version()).Text(p.bank_ref());
  if (!p.receipts_due().empty()) layout.Text(p.receipts_due());
  if (p.vat_cents() > 0) layout.Cents(p.vat_cents());
  return layout.Record();
}

std::string RecordOfRepayment(const v1::Payment& p, const v1::PaymentStep& step) {
  Layout layout("smederij-repayment-v1");
  layout.Id(p.budget_id()).Id(p.payment_id()).Cents(step.amount_cents()).Cents(step.vat_cents());
  layout.Text(step.return_ref()).Id(step.taken_by()).Cents(step.total_cents());
  return layout.Record();
}

std::string RecordOfPart(const v1::Payment& p, const v1::PaymentStep& step) {
  if (step.from_state() == v1::Payment::STATE_SETTLED) return RecordOfRepayment(p, step);
  const bool back = step.receipt_ref().empty(), shared = step.total_cents() > step.amount_cents();
  Layout layout(absl::StrCat(back ? "smederij-return-v" : "smederij-receipt-v", shared ? 2 : 1));
  layout.Id(p.budget_id()).Id(p.payment_id()).Cents(step.amount_cents());
  if (back) {
    layout.Text(step.return_ref());
  } else {
    layout.Text(step.receipt_ref()).Hash(step.document_hash());
  }
  layout.Id(step.taken_by());
  if (shared) layout.Cents(step.total_cents());
  return layout.Record();
}

// The record's hash in an entry's canonical bytes; empty when it rests on none.
std::string RecordIn(absl::string_view canonical) {
  crypto::ByteReader reader(canonical);
  const absl::string_view version = reader.Raw(absl::string_view("smederij-entry-v1").size());
  reader.Raw(16 + 8 + 1 + 1 + 8 + 16);
  for (int text = 0; text < 3; ++text) reader.Raw(reader.U16());
  reader.Raw(16 + 8);
  return version == "smederij-entry-v1" ? "" : std::string(reader.Raw(32));
}

TEST(Records, AreMadeAgainFromWhatAnAuditorReads) {
  Town town;
  TestSpending& ledger = town.ledger;
  // Of every version of a layout one: with VAT and fields of its own, paid, failed, in advance.
  auto own = ledger.CommitRequest(town.budget, town.plan, kCommitted);
  own.set_vat_cents(20'00);
  const std::string taxed = ledger.Commit(own)->commitment_id();
  own = ledger.CommitRequest(town.budget, town.plan, kCommitted);
  own.set_taakveld("5.7");
  own.set_effective_date("2025-12-29");
  const std::string open = ledger.Commit(own)->commitment_id();
  ASSERT_TRUE(ledger.Settle(town.budget, town.Instructed(town.Invoice(100))).ok());
  ASSERT_TRUE(ledger.Fail(town.budget, town.Instructed(town.Invoice(100))).ok());
  auto invoice = TestSpending::PaymentRequest(town.budget, taxed, 100, "F 2026/1");
  invoice.set_vat_cents(21);
  const std::string repaid = town.Instructed(invoice);
  ASSERT_TRUE(ledger.Settle(town.budget, repaid).ok());
  ASSERT_TRUE(ledger.Repay(town.budget, repaid, 50, "LINE-1", 10).ok());
  const std::string advance = town.Advance(500);
  // Of a document that comes to more, and once wrongly.
  auto shared = ledger.AccountRequest(town.budget, advance, 300, "till 1");
  shared.set_total_cents(700);
  const auto mistake = ledger.Account(shared, ledger.approver());
  ASSERT_TRUE(mistake.ok()) << mistake.status();
  const auto proposed =
      ledger.ProposeReversal(ReversalRequest(town.budget, mistake->seq()), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(
      ledger.DecideReversal(town.budget, proposed->reversal_id(), true, ledger.colleague()).ok());
  shared.set_request_id(NewId());
  ASSERT_TRUE(ledger.Account(shared, ledger.approver()).ok());
  ASSERT_TRUE(ledger.GiveBack(town.budget, advance, 200, "BACK-1").ok());
  ASSERT_TRUE(ledger.Close(town.budget, open).ok());

  const testing::From auditor = ledger.server().As(town.auditor);
  std::map<int64_t, std::string> records;
  std::map<std::string, std::string> of_commitments;
  const auto commitments = town.Commitments(auditor);
  ASSERT_TRUE(commitments.ok()) << commitments.status();
  for (const v1::Commitment& commitment : commitments->commitments()) {
    records[commitment.seq()] = RecordOfCommitment(commitment);
    of_commitments[commitment.commitment_id()] = RecordOfCommitment(commitment);
  }
  v1::ListPaymentsRequest request;
  request.set_budget_id(town.budget);
  const auto payments = ledger.server().Ask(&SpendingStub::ListPayments, request, auditor);
  ASSERT_TRUE(payments.ok()) << payments.status();
  for (const v1::Payment& payment : payments->payments()) {
    const auto steps = town.Steps(payment.payment_id());
    ASSERT_TRUE(steps.ok()) << steps.status();
    for (const v1::PaymentStep& step : steps->steps()) {
      // What takes a part back names its entry, and rests on no record.
      if (step.seq() == 0 || step.takes_back_step() != 0) continue;
      const bool part = !step.return_ref().empty() || !step.receipt_ref().empty();
      records[step.seq()] = part ? RecordOfPart(payment, step) : RecordOfPayment(payment);
    }
  }
  const auto entries = ledger.Entries(town.budget, 500);
  ASSERT_TRUE(entries.ok()) << entries.status();
  std::map<int64_t, std::string> accounts;
  for (const auto& account : entries->accounts()) {
    accounts[account.account_no()] = account.reference();
  }
  std::set<v1::EntryType> resting;
  for (const v1::Entry& entry : entries->entries()) {
    const std::string record = RecordIn(entry.canonical());
    if (entry.type() == v1::ENTRY_TYPE_CLOSE_COMMITMENT) {
      records[entry.seq()] = of_commitments[accounts[entry.postings(0).from_account_no()]];
    }
    EXPECT_EQ(absl::BytesToHexString(records[entry.seq()]), absl::BytesToHexString(record))
        << v1::EntryType_Name(entry.type());
    if (!record.empty()) resting.insert(entry.type());
  }
  EXPECT_THAT(resting, ElementsAre(v1::ENTRY_TYPE_OPEN_COMMITMENT, v1::ENTRY_TYPE_CLOSE_COMMITMENT,
                                   v1::ENTRY_TYPE_INSTRUCT_PAYMENT, v1::ENTRY_TYPE_SETTLE_PAYMENT,
                                   v1::ENTRY_TYPE_FAIL_PAYMENT, v1::ENTRY_TYPE_ACCOUNT_ADVANCE,
                                   v1::ENTRY_TYPE_RETURN_ADVANCE, v1::ENTRY_TYPE_RETURN_PAYMENT));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
