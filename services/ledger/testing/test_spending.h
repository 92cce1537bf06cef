#pragma once

#include <string>
#include <utility>

#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {

using SpendingStub = v1::SpendingService::Stub;

// A ledger with the people who spend: all of the treasurer's municipality, each with one role.
class TestSpending : public TestLedger {
 public:
  TestSpending() : holder_(Somebody(policy::v1::ROLE_BUDGET_HOLDER)) {
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
    request.set_payable_from("2026-01-01");
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
  testing::Person holder_;
  std::string payee_;
};

}  // namespace smederij::ledger
