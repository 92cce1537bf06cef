#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/note.h"
#include "common/pg/guard.h"
#include "common/testing/pg_database.h"
#include "common/testing/test_server.h"
#include "services/ledger/storage/verify.h"
#include "services/ledger/testing/test_clock.h"
#include "smederij/ledger/v1/books.grpc.pb.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/ledger/v1/payee.grpc.pb.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"

namespace smederij::ledger {

class Sequencer;
class Verifier;
class Writer;

using Stub = v1::LedgerService::Stub;
using BooksStub = v1::BooksService::Stub;

inline v1::ProposeHandoverRequest HandoverRequest(const v1::CarryOver& carry) {
  v1::ProposeHandoverRequest request;
  request.set_request_id(Uuid::Random().ToString());
  *request.mutable_carry_over() = carry;
  return request;
}
inline v1::ProposeHandoverRequest HandoverRequest(const v1::ReturnFunds& give_back) {
  v1::ProposeHandoverRequest request;
  request.set_request_id(Uuid::Random().ToString());
  *request.mutable_return_funds() = give_back;
  return request;
}

// A whole ledger on a fresh database, met through a real channel; and the requests of its tests,
// with everything right unless a test says otherwise.
class TestLedger {
 public:
  // `guard` outlives it.
  explicit TestLedger(pg::Guard* guard = nullptr);
  ~TestLedger();

  testing::PgDatabase& database();
  pg::Pool& pool();
  Writer& writer();
  TestClock& clock() { return clock_; }  // What the books go by.
  testing::TestServer& server() { return server_; }
  Sequencer& sequencer();  // Nobody else runs it.
  const crypto::NoteSigner& log_signer() const;
  Verifier& verifier();
  obs::Registry& metrics();
  testing::Person& treasurer() { return treasurer_; }
  testing::Person& colleague() { return colleague_; }  // Another treasurer of the same town.
  testing::From Treasurer() const { return server_.As(treasurer_); }
  static testing::From Proposals() { return testing::TestServer::AsService("proposals"); }

  absl::StatusOr<v1::Budget> Open(const v1::OpenBudgetRequest& request) {
    return server_.Ask(&Stub::OpenBudget, request, Treasurer());
  }
  absl::StatusOr<v1::Posted> Appropriate(const v1::AppropriateRequest& request,
                                         bool* replayed = nullptr) {
    return server_.Ask(&Stub::Appropriate, request, Treasurer(), replayed);
  }
  absl::StatusOr<v1::Posted> Hold(const v1::HoldPotRequest& request, bool* replayed = nullptr) {
    return server_.Ask(&Stub::HoldPot, request, Proposals(), replayed);
  }
  absl::StatusOr<v1::ReserveAwardsResponse> Reserve(const v1::ReserveAwardsRequest& request,
                                                    bool* replayed = nullptr) {
    return server_.Ask(&Stub::ReserveAwards, request, Proposals(), replayed);
  }
  absl::StatusOr<v1::AdjustAwardsResponse> Adjust(const v1::AdjustAwardsRequest& request,
                                                  bool* replayed = nullptr) {
    return server_.Ask(&Stub::AdjustAwards, request, Proposals(), replayed);
  }
  absl::StatusOr<v1::Posted> Release(const v1::ReleasePotRequest& request,
                                     bool* replayed = nullptr) {
    return server_.Ask(&Stub::ReleasePot, request, Proposals(), replayed);
  }
  absl::StatusOr<v1::Reversal> ProposeReversal(const v1::ProposeReversalRequest& request,
                                               const testing::Person& who,
                                               bool* replayed = nullptr) {
    return server_.Ask(&BooksStub::ProposeReversal, request, server_.As(who), replayed);
  }
  absl::StatusOr<v1::Reversal> DecideReversal(const std::string& budget,
                                              const std::string& reversal, bool accept,
                                              const testing::Person& who) {
    v1::DecideReversalRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_budget_id(budget);
    request.set_reversal_id(reversal);
    request.set_accept(accept);
    return server_.Ask(&BooksStub::DecideReversal, request, server_.As(who));
  }
  absl::StatusOr<v1::Closing> ProposeClosing(const v1::ProposeClosingRequest& request,
                                             const testing::Person& who, bool* replayed = nullptr) {
    return server_.Ask(&BooksStub::ProposeClosing, request, server_.As(who), replayed);
  }
  // Signs what `closing` says.
  absl::StatusOr<v1::Closing> DecideClosing(const v1::Closing& closing, bool accept,
                                            const testing::Person& who) {
    v1::DecideClosingRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_budget_id(closing.budget_id());
    request.set_closing_id(closing.closing_id());
    request.set_accept(accept);
    request.set_trial_balance_hash(closing.trial_balance_hash());
    return server_.Ask(&BooksStub::DecideClosing, request, server_.As(who));
  }
  absl::StatusOr<v1::Handover> ProposeHandover(const v1::ProposeHandoverRequest& request,
                                               const testing::Person& who,
                                               bool* replayed = nullptr) {
    return server_.Ask(&BooksStub::ProposeHandover, request, server_.As(who), replayed);
  }
  absl::StatusOr<v1::DecideHandoverResponse> DecideHandover(const v1::Handover& handover,
                                                            bool accept,
                                                            const testing::Person& who) {
    v1::DecideHandoverRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_budget_id(handover.budget_id());
    request.set_handover_id(handover.handover_id());
    request.set_accept(accept);
    return server_.Ask(&BooksStub::DecideHandover, request, server_.As(who));
  }
  // Proposed by the treasurer and accepted by the colleague; or what the first of them was refused.
  absl::StatusOr<v1::DecideHandoverResponse> HandOver(const v1::ProposeHandoverRequest& request) {
    ASSIGN_OR_RETURN(const v1::Handover handover, ProposeHandover(request, treasurer_));
    return DecideHandover(handover, true, colleague_);
  }
  absl::StatusOr<v1::DecideHandoverResponse> CarryOver(const v1::CarryOver& carry) {
    return HandOver(HandoverRequest(carry));
  }
  absl::StatusOr<v1::CloseBudgetResponse> CloseBudget(const std::string& budget) {
    v1::CloseBudgetRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_budget_id(budget);
    return server_.Ask(&BooksStub::CloseBudget, request, Treasurer());
  }
  absl::StatusOr<v1::DecideHandoverResponse> Return(const std::string& budget, bool unmet = false,
                                                    const std::string& effective_date = "") {
    v1::ReturnFunds give_back;
    give_back.set_budget_id(budget);
    give_back.set_decision_ref("letter of the corporation");
    give_back.set_unmet(unmet);
    give_back.set_effective_date(effective_date);
    return HandOver(HandoverRequest(give_back));
  }
  absl::StatusOr<v1::ListPeriodsResponse> Periods(const std::string& budget) {
    v1::ListPeriodsRequest request;
    request.set_budget_id(budget);
    return server_.Ask(&BooksStub::ListPeriods, request);
  }
  absl::StatusOr<v1::ListReversalsResponse> Reversals(const std::string& budget, int size = 0,
                                                      const std::string& token = "") {
    v1::ListReversalsRequest request;
    request.set_budget_id(budget);
    request.set_page_size(size);
    request.set_page_token(token);
    return server_.Ask(&BooksStub::ListReversals, request, Treasurer());
  }
  absl::StatusOr<v1::Budget> Get(const std::string& budget_id) {
    v1::GetBudgetRequest request;
    request.set_budget_id(budget_id);
    return server_.Ask(&Stub::GetBudget, request);
  }
  absl::StatusOr<v1::TrialBalance> Trial(const std::string& budget_id, int64_t as_of = 0) {
    v1::GetTrialBalanceRequest request;
    request.set_budget_id(budget_id);
    request.set_as_of_seq(as_of);
    return server_.Ask(&Stub::GetTrialBalance, request);
  }
  absl::StatusOr<v1::ListEntriesResponse> Entries(const std::string& budget_id, int size = 0,
                                                  const std::string& token = "") {
    v1::ListEntriesRequest request;
    request.set_budget_id(budget_id);
    request.set_page_size(size);
    request.set_page_token(token);
    return server_.Ask(&Stub::ListEntries, request);
  }

  // An open budget of a new district, with `cents` to decide on.
  std::string BudgetOf(int64_t cents);

  absl::StatusOr<v1::Verification> RequestVerification(const std::string& budget_id,
                                                       const testing::From& from) {
    v1::RequestVerificationRequest request;
    request.set_budget_id(budget_id);
    return server_.Ask(&Stub::RequestVerification, request, from);
  }
  absl::StatusOr<v1::Verification> Verification(const std::string& budget_id) {
    v1::GetVerificationRequest request;
    request.set_budget_id(budget_id);
    return server_.Ask(&Stub::GetVerification, request);
  }
  // After a verification that was asked for, and one turn of the verifier.
  v1::Verification Verified(const std::string& budget_id);

  // What the verifier finds, once everything is logged; empty when the books are right.
  std::vector<std::string> Findings();
  // As they stand, by the log's key; `options` but for the clock and, unless others are given,
  // keys.
  std::vector<std::string> FindingsNow(VerifyOptions options = {},
                                       ledger::Verified* verified = nullptr);

 private:
  struct Parts;  // What it is made of, so that tests do not compile that.

  TestClock clock_;
  std::unique_ptr<Parts> parts_;
  testing::TestServer server_;
  testing::Person treasurer_, colleague_;
};

inline std::string NewId() { return Uuid::Random().ToString(); }

inline v1::OpenBudgetRequest OpenRequest(const std::string& district = NewId()) {
  v1::OpenBudgetRequest request;
  request.set_request_id(NewId());
  request.set_district_id(district);
  request.set_fund("general");
  request.set_fiscal_year(2026);
  request.set_currency("EUR");
  return request;
}

// Money for one plan, until a day.
inline v1::OpenBudgetRequest ConditionalRequest(const std::string& district,
                                                const std::string& fund, int year,
                                                const std::string& plan,
                                                const std::string& deadline) {
  v1::OpenBudgetRequest request = OpenRequest(district);
  request.set_fund(fund);
  request.set_fiscal_year(year);
  request.mutable_condition()->add_plan_ids(plan);
  request.mutable_condition()->set_deadline(deadline);
  return request;
}

inline v1::AppropriateRequest AppropriateRequestOf(const std::string& budget, int64_t cents) {
  v1::AppropriateRequest request;
  request.set_request_id(NewId());
  request.set_budget_id(budget);
  request.set_source("municipality");
  request.set_amount_cents(cents);
  request.set_decision_ref("council 2026-17");
  return request;
}

inline v1::HoldPotRequest HoldRequest(const std::string& budget, const std::string& round,
                                      int64_t cents) {
  v1::HoldPotRequest request;
  request.set_request_id(NewId());
  request.set_budget_id(budget);
  request.set_round_id(round);
  request.set_amount_cents(cents);
  request.set_decision_ref("round plan 3");
  return request;
}

struct Line {
  std::string budget;
  int64_t cents = 0;
  std::string plan = NewId();
};
template <class Request>
Request AwardsRequest(const std::string& round, uint32_t version, const std::vector<Line>& lines) {
  Request request;
  request.set_request_id(NewId());
  request.set_round_id(round);
  request.set_award_version(version);
  for (const Line& line : lines) {
    auto* const added = request.add_lines();
    added->set_plan_id(line.plan);
    added->set_budget_id(line.budget);
    added->set_amount_cents(line.cents);
  }
  return request;
}

inline v1::ReserveAwardsRequest ReserveRequest(const std::string& round, uint32_t version,
                                               const std::vector<Line>& lines) {
  return AwardsRequest<v1::ReserveAwardsRequest>(round, version, lines);
}
inline v1::AdjustAwardsRequest AdjustRequest(const std::string& round, uint32_t version,
                                             const std::vector<Line>& lines) {
  return AwardsRequest<v1::AdjustAwardsRequest>(round, version, lines);
}

inline v1::ReleasePotRequest ReleaseRequest(const std::string& budget, const std::string& round) {
  v1::ReleasePotRequest request;
  request.set_request_id(NewId());
  request.set_budget_id(budget);
  request.set_round_id(round);
  return request;
}

inline v1::ProposeReversalRequest ReversalRequest(const std::string& budget, int64_t seq) {
  v1::ProposeReversalRequest request;
  request.set_request_id(NewId());
  request.set_budget_id(budget);
  request.set_seq(seq);
  request.set_reason("entered twice");
  return request;
}

}  // namespace smederij::ledger
