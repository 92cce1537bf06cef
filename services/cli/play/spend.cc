#include "services/cli/play/spend.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/cli/play/cast.h"
#include "services/cli/play/records.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/ledger/v1/payee.grpc.pb.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Ledger = v1::LedgerService::Stub;
using Payees = v1::PayeeService::Stub;
using Spending = v1::SpendingService::Stub;

constexpr int kPage = 500;
// The example number of the IBAN registry: nobody's account.
constexpr char kIban[] = "NL91ABNA0417164300";
// In a demonstration nobody waits six weeks for objections: it was decided long ago.
constexpr char kDecidedOn[] = "2000-01-01";
constexpr int64_t kInvoiceMaxCents = 5'000'00;  // Above it two would have to approve.

absl::Status EachPage(const Deployment& deployment, const std::string& budget_id,
                      const std::function<void(const v1::ListEntriesResponse&)>& read) {
  v1::ListEntriesRequest request;
  request.set_budget_id(budget_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListEntriesResponse page,
                     deployment.ledger.Call(&Ledger::ListEntries, request));
    read(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

struct Award {
  std::string plan_id, title;
  int64_t cents = 0;
};

// By the plans' numbers.
absl::StatusOr<std::vector<Award>> AwardsOf(const Stage& stage) {
  ASSIGN_OR_RETURN(const auto reserved, ReservedByRound(stage));
  ASSIGN_OR_RETURN(const std::vector<proposals::v1::Plan> plans, PlansOf(stage));
  std::vector<Award> awards;
  for (const proposals::v1::Plan& plan : plans) {
    const auto found = reserved.find(plan.plan_id());
    if (found == reserved.end()) continue;
    awards.push_back({.plan_id = plan.plan_id(), .title = plan.title(), .cents = found->second});
  }
  return awards;
}

absl::StatusOr<std::string> RegisterSupplier(const Stage& stage) {
  v1::RegisterPayeeRequest request;
  request.set_request_id(stage.RequestIdOf("spend/payee"));
  request.set_name("Klusbedrijf De Vries");
  request.set_iban(kIban);
  const auto payee = stage.As(kTreasurer, Audience::kLedger, &Payees::RegisterPayee, request);
  if (payee.ok()) return payee->payee_id();
  // An earlier demonstration in the same municipality had it.
  for (const auto& [fact, value] : FactsOf(payee.status())) {
    if (ReasonOf(payee.status()) == "PAYEE_EXISTS" && fact == "payee_id") return value;
  }
  return payee.status();
}

absl::StatusOr<v1::Commitment> Commit(const Stage& stage, const Award& award, int64_t cents,
                                      const std::string& payee_id, int number) {
  v1::OpenCommitmentRequest request;
  request.set_request_id(stage.RequestIdOf(absl::StrCat("spend/commit/", number)));
  request.set_budget_id(stage.budget_id);
  request.set_plan_id(award.plan_id);
  request.set_payee_id(payee_id);
  request.set_amount_cents(cents);
  request.set_quote_ref(absl::StrCat("quote ", stage.year, "-", number));
  request.set_decision_ref(absl::StrCat("grant decision ", stage.year, "-", number));
  const auto hash = crypto::Sha256(absl::StrCat(request.decision_ref(), ": ", award.title));
  request.set_document_hash(std::string(hash.begin(), hash.end()));
  request.set_ground(v1::Commitment::GROUND_GRANT);
  request.set_decision_date(kDecidedOn);
  return stage.As(kBudgetHolder, Audience::kLedger, &Spending::OpenCommitment, request);
}

template <class Request>
Request StepOf(const Stage& stage, const char* step, const std::string& payment_id) {
  Request request;
  request.set_request_id(stage.RequestIdOf(absl::StrCat("spend/pay/", step)));
  request.set_budget_id(stage.budget_id);
  request.set_payment_id(payment_id);
  return request;
}

absl::Status Pay(const Stage& stage, const v1::Commitment& commitment) {
  v1::RequestPaymentRequest request;
  request.set_request_id(stage.RequestIdOf("spend/pay/request"));
  request.set_budget_id(stage.budget_id);
  request.set_commitment_id(commitment.commitment_id());
  request.set_amount_cents(std::min((commitment.amount_cents() + 1) / 2, kInvoiceMaxCents));
  request.set_invoice_ref(
      absl::StrCat("invoice ", stage.year, "-1 ", commitment.commitment_id().substr(0, 8)));
  ASSIGN_OR_RETURN(const v1::Payment payment,
                   stage.As(kAreaDirector, Audience::kLedger, &Spending::RequestPayment, request));
  const std::string& id = payment.payment_id();
  RETURN_IF_ERROR(stage
                      .As(kPaymentApprover, Audience::kLedger, &Spending::ApprovePayment,
                          StepOf<v1::ApprovePaymentRequest>(stage, "approve", id))
                      .status());
  auto instruction = StepOf<v1::InstructPaymentRequest>(stage, "instruct", id);
  instruction.set_bank_ref(id.substr(0, 35));
  RETURN_IF_ERROR(
      stage.As(kTreasurer, Audience::kLedger, &Spending::InstructPayment, instruction).status());
  return stage
      .As(kTreasurer, Audience::kLedger, &Spending::SettlePayment,
          StepOf<v1::SettlePaymentRequest>(stage, "settle", id))
      .status();
}

absl::Status Release(const Stage& stage, const Award& award, int64_t cents) {
  v1::ReleaseAwardRequest request;
  request.set_request_id(stage.RequestIdOf("spend/release"));
  request.set_budget_id(stage.budget_id);
  request.set_plan_id(award.plan_id);
  request.set_amount_cents(cents);
  request.set_decision_ref(absl::StrCat("final account ", stage.year, "-1"));
  return stage.As(kBudgetHolder, Audience::kLedger, &Spending::ReleaseAward, request).status();
}

}  // namespace

absl::StatusOr<std::map<std::string, int64_t>> ReservedByRound(const Stage& stage) {
  std::map<std::string, int64_t> reserved;
  std::map<int64_t, std::string> plans;  // By account.
  const auto read = [&](const v1::ListEntriesResponse& page) {
    for (const v1::AccountBalance& account : page.accounts()) {
      plans[account.account_no()] = account.reference();
    }
    for (const v1::Entry& entry : page.entries()) {
      if (entry.type() != v1::ENTRY_TYPE_RESERVE_AWARDS) continue;
      for (const v1::Posting& posting : entry.postings()) {
        reserved[plans[posting.to_account_no()]] += posting.amount_cents();
      }
    }
  };
  RETURN_IF_ERROR(EachPage(stage.deployment, stage.budget_id, read));
  return reserved;
}

absl::StatusOr<bool> SpendingEnded(const Deployment& deployment, const std::string& budget_id) {
  bool ended = false;
  const auto read = [&](const v1::ListEntriesResponse& page) {
    for (const v1::Entry& entry : page.entries()) {
      ended |= entry.type() == v1::ENTRY_TYPE_RELEASE_AWARD;  // Its last act.
    }
  };
  RETURN_IF_ERROR(EachPage(deployment, budget_id, read));
  return ended;
}

absl::Status SpendAwards(Stage& stage) {
  if (!stage.script.spends) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Award> awards, AwardsOf(stage));
  if (awards.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string payee_id, RegisterSupplier(stage));
  const Award& first = awards[0];
  const int64_t spare = first.cents / 10;  // What the first plan turns out not to need.
  ASSIGN_OR_RETURN(const v1::Commitment commitment,
                   Commit(stage, first, first.cents - spare, payee_id, 1));
  if (awards.size() > 1) {
    RETURN_IF_ERROR(Commit(stage, awards[1], awards[1].cents, payee_id, 2).status());
  }
  RETURN_IF_ERROR(Pay(stage, commitment));
  if (spare > 0) RETURN_IF_ERROR(Release(stage, first, spare));
  stage.tell("money was committed, one invoice paid on two people's word, and a rest given back");
  return absl::OkStatus();
}

}  // namespace smederij::cli
