#pragma once

#include <string>
#include <utility>

#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {

using SpendingStub = v1::SpendingService::Stub;

// A ledger with the people who spend: all of the treasurer's municipality, each with one role.
class TestSpending : public TestLedger {
 public:
  TestSpending()
      : holder_(Somebody(policy::v1::ROLE_BUDGET_HOLDER)),
        requester_(Somebody(policy::v1::ROLE_AREA_DIRECTOR)),
        approver_(Somebody(policy::v1::ROLE_PAYMENT_APPROVER)) {
    v1::RegisterPayeeRequest request;
    request.set_request_id(NewId());
    request.set_name("Klusbedrijf De Vries");
    request.set_iban("NL91ABNA0417164300");
    const auto registered =
        server().Ask(&v1::PayeeService::Stub::RegisterPayee, request, Treasurer());
    CHECK(registered.ok());
    payee_ = registered->payee_id();
  }

  testing::Person Somebody(policy::v1::Role role) {
    testing::Person person;
    person.municipality = treasurer().municipality;
    person.grants = {{.role = role}};
    return person;
  }
  testing::Person& holder() { return holder_; }
  testing::Person& requester() { return requester_; }
  testing::Person& approver() { return approver_; }
  const std::string& payee() const { return payee_; }

  absl::StatusOr<v1::Commitment> Commit(const v1::OpenCommitmentRequest& request,
                                        bool* replayed = nullptr) {
    return server().Ask(&SpendingStub::OpenCommitment, request, server().As(holder_), replayed);
  }
  absl::StatusOr<v1::Commitment> Close(const std::string& budget, const std::string& commitment) {
    v1::CloseCommitmentRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_commitment_id(commitment);
    return server().Ask(&SpendingStub::CloseCommitment, request, server().As(holder_));
  }
  absl::StatusOr<v1::Posted> ReleaseAward(const std::string& budget, const std::string& plan,
                                          int64_t cents) {
    v1::ReleaseAwardRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_plan_id(plan);
    request.set_amount_cents(cents);
    request.set_decision_ref("final account");
    return server().Ask(&SpendingStub::ReleaseAward, request, server().As(holder_));
  }
  absl::StatusOr<v1::ListCommitmentsResponse> Commitments(const std::string& budget,
                                                          const std::string& plan = "",
                                                          int size = 0,
                                                          const std::string& token = "") {
    v1::ListCommitmentsRequest request;
    request.set_budget_id(budget);
    request.set_plan_id(plan);
    request.set_page_size(size);
    request.set_page_token(token);
    return server().Ask(&SpendingStub::ListCommitments, request);
  }

  static v1::RequestPaymentRequest PaymentRequest(const std::string& budget,
                                                  const std::string& commitment, int64_t cents,
                                                  const std::string& invoice) {
    v1::RequestPaymentRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_commitment_id(commitment);
    request.set_amount_cents(cents);
    request.set_invoice_ref(invoice);
    return request;
  }
  absl::StatusOr<v1::Payment> Request(const v1::RequestPaymentRequest& request) {
    return Request(request, requester_);
  }
  absl::StatusOr<v1::Payment> Request(const v1::RequestPaymentRequest& request,
                                      const testing::Person& who) {
    return server().Ask(&SpendingStub::RequestPayment, request, server().As(who));
  }
  absl::StatusOr<v1::Payment> Approve(const std::string& budget, const std::string& payment,
                                      const testing::Person& who) {
    return server().Ask(&SpendingStub::ApprovePayment,
                        StepRequest<v1::ApprovePaymentRequest>(budget, payment), server().As(who));
  }
  absl::StatusOr<v1::Payment> Reject(const std::string& budget, const std::string& payment) {
    auto request = StepRequest<v1::RejectPaymentRequest>(budget, payment);
    request.set_reason("not delivered");
    return server().Ask(&SpendingStub::RejectPayment, request, server().As(approver_));
  }
  absl::StatusOr<v1::Payment> Instruct(const std::string& budget, const std::string& payment,
                                       const std::string& bank_ref) {
    return Instruct(budget, payment, bank_ref, treasurer());
  }
  absl::StatusOr<v1::Payment> Instruct(const std::string& budget, const std::string& payment,
                                       const std::string& bank_ref, const testing::Person& who) {
    auto request = StepRequest<v1::InstructPaymentRequest>(budget, payment);
    request.set_bank_ref(bank_ref);
    return server().Ask(&SpendingStub::InstructPayment, request, server().As(who));
  }
  absl::StatusOr<v1::Payment> Settle(const std::string& budget, const std::string& payment) {
    return server().Ask(&SpendingStub::SettlePayment,
                        StepRequest<v1::SettlePaymentRequest>(budget, payment), Treasurer());
  }
  absl::StatusOr<v1::Payment> Fail(const std::string& budget, const std::string& payment) {
    auto request = StepRequest<v1::FailPaymentRequest>(budget, payment);
    request.set_reason("account closed");
    return server().Ask(&SpendingStub::FailPayment, request, Treasurer());
  }
  // Receipts and money of an advance.
  static v1::AccountForAdvanceRequest AccountRequest(const std::string& budget,
                                                     const std::string& payment, int64_t cents,
                                                     const std::string& receipt) {
    auto request = StepRequest<v1::AccountForAdvanceRequest>(budget, payment);
    request.set_amount_cents(cents);
    request.set_receipt_ref(receipt);
    // A document of their own: one counts once in a municipality.
    request.set_document_hash(NewId().substr(0, 32));
    return request;
  }
  absl::StatusOr<v1::Payment> Account(const v1::AccountForAdvanceRequest& request,
                                      const testing::Person& who, bool* replayed = nullptr) {
    return server().Ask(&SpendingStub::AccountForAdvance, request, server().As(who), replayed);
  }
  absl::StatusOr<v1::Payment> Account(const std::string& budget, const std::string& payment,
                                      int64_t cents, const std::string& receipt) {
    return Account(AccountRequest(budget, payment, cents, receipt), approver_);
  }
  static v1::ReturnAdvanceRequest ReturnRequest(const std::string& budget,
                                                const std::string& payment, int64_t cents,
                                                const std::string& bank_ref) {
    auto request = StepRequest<v1::ReturnAdvanceRequest>(budget, payment);
    request.set_amount_cents(cents);
    request.set_bank_ref(bank_ref);
    return request;
  }
  absl::StatusOr<v1::Payment> GiveBack(const v1::ReturnAdvanceRequest& request,
                                       const testing::Person& who, bool* replayed = nullptr) {
    return server().Ask(&SpendingStub::ReturnAdvance, request, server().As(who), replayed);
  }
  absl::StatusOr<v1::Payment> GiveBack(const std::string& budget, const std::string& payment,
                                       int64_t cents, const std::string& bank_ref) {
    return GiveBack(ReturnRequest(budget, payment, cents, bank_ref), treasurer());
  }
  // Money of a payment that was settled.
  static v1::ReturnPaymentRequest RepayRequest(const std::string& budget,
                                               const std::string& payment, int64_t cents,
                                               const std::string& bank_ref, int64_t vat = 0) {
    auto request = StepRequest<v1::ReturnPaymentRequest>(budget, payment);
    request.set_amount_cents(cents);
    request.set_vat_cents(vat);
    request.set_bank_ref(bank_ref);
    return request;
  }
  absl::StatusOr<v1::Payment> Repay(const v1::ReturnPaymentRequest& request,
                                    const testing::Person& who, bool* replayed = nullptr) {
    return server().Ask(&SpendingStub::ReturnPayment, request, server().As(who), replayed);
  }
  absl::StatusOr<v1::Payment> Repay(const std::string& budget, const std::string& payment,
                                    int64_t cents, const std::string& bank_ref, int64_t vat = 0) {
    return Repay(RepayRequest(budget, payment, cents, bank_ref, vat), treasurer());
  }
  absl::StatusOr<v1::ListPaymentStepsResponse> Steps(const std::string& budget,
                                                     const std::string& payment) {
    v1::ListPaymentStepsRequest request;
    request.set_budget_id(budget);
    request.set_payment_id(payment);
    request.set_page_size(500);
    return server().Ask(&SpendingStub::ListPaymentSteps, request, Treasurer());
  }
  absl::StatusOr<v1::ListPaymentsResponse> Payments(const std::string& budget,
                                                    v1::Payment::State state, int size = 0,
                                                    const std::string& token = "") {
    v1::ListPaymentsRequest request;
    request.set_budget_id(budget);
    request.set_state(state);
    request.set_page_size(size);
    request.set_page_token(token);
    return server().Ask(&SpendingStub::ListPayments, request, Treasurer());
  }

  v1::OpenCommitmentRequest CommitRequest(const std::string& budget, const std::string& plan,
                                          int64_t cents) const {
    v1::OpenCommitmentRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_plan_id(plan);
    request.set_payee_id(payee_);
    request.set_amount_cents(cents);
    request.set_quote_ref("quote 26-014");
    request.set_decision_ref("grant decision 26-3");
    request.set_document_hash(std::string(32, 'd'));
    request.set_ground(v1::Commitment::GROUND_CONTRACT);
    request.set_decision_date("2020-01-01");
    return request;
  }

  // A budget in which `cents` are reserved for `plan`, and nothing else.
  std::string Awarded(const std::string& plan, int64_t cents) {
    const std::string budget = BudgetOf(cents), round = NewId();
    CHECK(Hold(HoldRequest(budget, round, cents)).ok());
    CHECK(Reserve(ReserveRequest(round, 1, {{budget, cents, plan}})).ok());
    return budget;
  }
  // What an account holds; 0 when it is not there.
  int64_t Balance(const std::string& budget, v1::AccountKind kind, const std::string& reference) {
    const auto trial = Trial(budget);
    CHECK(trial.ok());
    for (const auto& account : trial->accounts()) {
      if (account.kind() == kind && account.reference() == reference) {
        return account.balance_cents();
      }
    }
    return 0;
  }

 private:
  template <class Request>
  static Request StepRequest(const std::string& budget, const std::string& payment) {
    Request request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_payment_id(payment);
    return request;
  }

  testing::Person holder_, requester_, approver_;
  std::string payee_;
};

}  // namespace smederij::ledger
