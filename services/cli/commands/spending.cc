#include "services/cli/commands/spending.h"

#include <string>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/cli/commands/acting.h"
#include "services/cli/files/pabulib_file.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Spending = v1::SpendingService::Stub;

constexpr int kPageSize = 500;

// All that any of the commands takes.
struct Options : Acting {
  std::string budget, plan, commitment, payment, payee, quote, decision, document, ground,
      decided_on, payable_from, invoice, bank_ref, reason, receipts_due, receipt, taakveld,
      category, effective_date;
  int64_t cents = 0, vat_cents = 0, total_cents = 0;
};

absl::StatusOr<v1::Commitment::Ground> GroundOf(const std::string& word) {
  if (word == "grant") return v1::Commitment::GROUND_GRANT;
  if (word == "contract") return v1::Commitment::GROUND_CONTRACT;
  return Error(kInvalidArgument, "BAD_GROUND", "--ground is grant or contract");
}

absl::Status Commit(const Options& options) {
  v1::OpenCommitmentRequest request;
  request.set_budget_id(options.budget);
  request.set_plan_id(options.plan);
  request.set_payee_id(options.payee);
  request.set_amount_cents(options.cents);
  request.set_quote_ref(options.quote);
  request.set_decision_ref(options.decision);
  ASSIGN_OR_RETURN(const std::string document, ReadBytes(options.document));
  const auto hash = crypto::Sha256(document);
  request.set_document_hash(std::string(hash.begin(), hash.end()));
  ASSIGN_OR_RETURN(const v1::Commitment::Ground ground, GroundOf(options.ground));
  request.set_ground(ground);
  request.set_decision_date(options.decided_on);
  request.set_payable_from(options.payable_from);
  request.set_vat_cents(options.vat_cents);
  request.set_taakveld(options.taakveld);
  request.set_category(options.category);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::OpenCommitment, std::move(request));
}

absl::Status Close(const Options& options) {
  v1::CloseCommitmentRequest request;
  request.set_budget_id(options.budget);
  request.set_commitment_id(options.commitment);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::CloseCommitment, std::move(request));
}

absl::Status Release(const Options& options) {
  v1::ReleaseAwardRequest request;
  request.set_budget_id(options.budget);
  request.set_plan_id(options.plan);
  request.set_amount_cents(options.cents);
  request.set_decision_ref(options.decision);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::ReleaseAward, std::move(request));
}

absl::Status Request(const Options& options) {
  v1::RequestPaymentRequest request;
  request.set_budget_id(options.budget);
  request.set_commitment_id(options.commitment);
  request.set_amount_cents(options.cents);
  request.set_invoice_ref(options.invoice);
  request.set_receipts_due(options.receipts_due);
  request.set_vat_cents(options.vat_cents);
  return Act(options, &Spending::RequestPayment, std::move(request));
}

template <class Request>
Request StepOf(const Options& options) {
  Request request;
  request.set_budget_id(options.budget);
  request.set_payment_id(options.payment);
  return request;
}

absl::Status Approve(const Options& options) {
  return Act(options, &Spending::ApprovePayment, StepOf<v1::ApprovePaymentRequest>(options));
}

absl::Status Reject(const Options& options) {
  auto request = StepOf<v1::RejectPaymentRequest>(options);
  request.set_reason(options.reason);
  return Act(options, &Spending::RejectPayment, std::move(request));
}

absl::Status Instruct(const Options& options) {
  auto request = StepOf<v1::InstructPaymentRequest>(options);
  request.set_bank_ref(options.bank_ref);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::InstructPayment, std::move(request));
}

absl::Status Settle(const Options& options) {
  auto request = StepOf<v1::SettlePaymentRequest>(options);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::SettlePayment, std::move(request));
}

absl::Status Fail(const Options& options) {
  auto request = StepOf<v1::FailPaymentRequest>(options);
  request.set_reason(options.reason);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::FailPayment, std::move(request));
}

absl::Status Account(const Options& options) {
  auto request = StepOf<v1::AccountForAdvanceRequest>(options);
  request.set_amount_cents(options.cents);
  request.set_receipt_ref(options.receipt);
  ASSIGN_OR_RETURN(const std::string document, ReadBytes(options.document));
  const auto hash = crypto::Sha256(document);
  request.set_document_hash(std::string(hash.begin(), hash.end()));
  request.set_total_cents(options.total_cents);
  request.set_effective_date(options.effective_date);
  return Act(options, &Spending::AccountForAdvance, std::move(request));
}

template <class Request>
Request ReturnOf(const Options& options) {
  auto request = StepOf<Request>(options);
  request.set_amount_cents(options.cents);
  request.set_bank_ref(options.bank_ref);
  request.set_total_cents(options.total_cents);
  request.set_effective_date(options.effective_date);
  return request;
}

absl::Status GiveBackAdvance(const Options& options) {
  if (options.vat_cents != 0) {
    return Error(kInvalidArgument, "ADVANCE_WITHOUT_VAT", "an advance has no VAT");
  }
  return Act(options, &Spending::ReturnAdvance, ReturnOf<v1::ReturnAdvanceRequest>(options));
}

absl::Status GiveBackPaid(const Options& options) {
  auto request = ReturnOf<v1::ReturnPaymentRequest>(options);
  request.set_vat_cents(options.vat_cents);
  return Act(options, &Spending::ReturnPayment, std::move(request));
}

// Where the payment stands; the last of its steps tells.
absl::StatusOr<v1::Payment::State> StateOf(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  auto request = StepOf<v1::ListPaymentStepsRequest>(options);
  request.set_page_size(kPageSize);
  v1::Payment::State state = v1::Payment::STATE_UNSPECIFIED;
  do {
    ASSIGN_OR_RETURN(const v1::ListPaymentStepsResponse page,
                     deployment.ledger.Call(&Spending::ListPaymentSteps, request, token));
    if (!page.steps().empty()) state = page.steps(page.steps_size() - 1).to_state();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return state;
}

// Of an advance that is open, or of what was settled. The same request again is of what the payment
// was then: whoever accounted for the last of an advance asks of one that is settled by now.
absl::Status GiveBack(const Options& options) {
  ASSIGN_OR_RETURN(const v1::Payment::State state, StateOf(options));
  const bool open = state == v1::Payment::STATE_ADVANCED;
  const absl::Status status = open ? GiveBackAdvance(options) : GiveBackPaid(options);
  if (ReasonOf(status) != "REQUEST_ID_REUSED") return status;
  const absl::Status then = open ? GiveBackPaid(options) : GiveBackAdvance(options);
  return then.ok() ? then : status;
}

absl::Status Steps(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  auto request = StepOf<v1::ListPaymentStepsRequest>(options);
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const v1::ListPaymentStepsResponse page,
                     deployment.ledger.Call(&Spending::ListPaymentSteps, request, token));
    for (const v1::PaymentStep& step : page.steps()) Print(step, options.json);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

void AddSpending(CLI::App& ledger, int& exit_code) {
  std::string Options::*const budget = &Options::budget;
  const auto commit =
      AddActing(ledger, exit_code, "commit", "commits part of a plan's award to a supplier",
                &Commit)
          .Takes("budget", budget, "the budget's id")
          .Takes("plan", &Options::plan, "the plan's id")
          .Takes("--cents", &Options::cents, "the amount")
          .Takes("--payee", &Options::payee, "the supplier's id")
          .Takes("--quote", &Options::quote, "the quote or contract")
          .Takes("--decision", &Options::decision, "the grant decision")
          .Takes("--document", &Options::document, "the decision's file; only its hash is kept")
          .Takes("--ground", &Options::ground,
                 "grant, a decision that can be objected to; or contract")
          .Takes("--decided-on", &Options::decided_on,
                 "when it was announced, or the contract signed, YYYY-MM-DD")
          .May("--payable-from", &Options::payable_from,
               "the first day on which it may be paid, YYYY-MM-DD; else after the objection term, "
               "or at once")
          .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  commit.app.add_option("--vat-cents", commit.options.vat_cents,
                        "in the amount: VAT that the municipality may reclaim");
  commit.app.add_option("--taakveld", commit.options.taakveld,
                        "Iv3: its own task field, as 5.7; else the municipality's code has it");
  commit.app.add_option("--category", commit.options.category,
                        "Iv3: its own economic category, as 3.8; likewise");
  AddActing(ledger, exit_code, "close", "ends a commitment; the rest goes back to the plan", &Close)
      .Takes("budget", budget, "the budget's id")
      .Takes("commitment", &Options::commitment, "the commitment's id")
      .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  AddActing(ledger, exit_code, "release", "gives back what a plan did not need", &Release)
      .Takes("budget", budget, "the budget's id")
      .Takes("plan", &Options::plan, "the plan's id")
      .Takes("--cents", &Options::cents, "the amount")
      .Takes("--decision", &Options::decision, "why: the final account")
      .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);

  CLI::App& pay = *ledger.add_subcommand("pay", "payments, step by step");
  pay.require_subcommand(1);
  const auto request =
      AddActing(pay, exit_code, "request", "asks for an invoice to be paid", &Request)
          .Takes("budget", budget, "the budget's id")
          .Takes("commitment", &Options::commitment, "the commitment's id")
          .Takes("--cents", &Options::cents, "the amount")
          .Takes("--invoice", &Options::invoice, "the payee's number of the invoice");
  request.app.add_option("--receipts-due", request.options.receipts_due,
                         "an advance: the day on which receipts for it are due, YYYY-MM-DD");
  request.app.add_option("--vat-cents", request.options.vat_cents,
                         "in the amount: VAT of the invoice that the municipality may reclaim");
  const auto step = [&](const char* name, const char* description,
                        absl::Status (*run)(const Options&)) {
    return AddActing(pay, exit_code, name, description, run)
        .Takes("budget", budget, "the budget's id")
        .Takes("payment", &Options::payment, "the payment's id");
  };
  step("approve", "is the second pair of eyes", &Approve);
  step("reject", "says that it will not be paid", &Reject)
      .Takes("--reason", &Options::reason, "why, without names");
  step("instruct", "records that the bank was told", &Instruct)
      .Takes("--bank-ref", &Options::bank_ref, "what the bank knows it by")
      .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  step("settle", "records that the bank paid", &Settle)
      .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  step("fail", "records that the bank did not", &Fail)
      .Takes("--reason", &Options::reason, "why, without names")
      .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  const auto account =
      step("account", "accounts for an advance, or a part of it, by receipts", &Account)
          .Takes("--cents", &Options::cents, "what they account for")
          .Takes("--receipt", &Options::receipt, "the receipts, by a number or name")
          .Takes("--document", &Options::document, "their file; only its hash is kept")
          .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  account.app.add_option("--total-cents", account.options.total_cents,
                         "what their file comes to, when it accounts for other advances too");
  const auto back =
      step("return", "records that money came back, of an advance or of what was paid", &GiveBack)
          .Takes("--cents", &Options::cents, "the amount")
          .Takes("--bank-ref", &Options::bank_ref, "what the bank knows it by")
          .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  back.app.add_option("--total-cents", back.options.total_cents,
                      "what the bank line comes to, when money of other payments came with it");
  back.app.add_option("--vat-cents", back.options.vat_cents,
                      "in the amount: VAT of a payment that was settled");
  step("steps", "every step of a payment: by whom, when and why", &Steps);
}

}  // namespace smederij::cli
