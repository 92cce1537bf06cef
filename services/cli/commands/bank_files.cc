#include "services/cli/commands/bank_files.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "services/cli/bank/bank_day.h"
#include "services/cli/bank/batch.h"
#include "services/cli/bank/camt053.h"
#include "services/cli/bank/match.h"
#include "services/cli/bank/pain001.h"
#include "services/cli/bank/recording.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/sign_in.h"
#include "services/cli/document/calendar.h"
#include "services/cli/files/output.h"
#include "services/cli/files/pabulib_file.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/ledger/v1/payee.grpc.pb.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Spending = v1::SpendingService::Stub;
using Payees = v1::PayeeService::Stub;
using v1::Payment;

constexpr int kPageSize = 500;
constexpr absl::string_view kCurrency = "EUR";  // SEPA has no other.

struct Options {
  DeploymentOptions deployment;
  std::string token_file, budget, output, debtor_name, debtor_iban, execution_day, statement;
  std::string again;  // A batch.
  bool json = false;
};

// Whoever acts, and on what.
struct Session {
  Deployment deployment;
  std::string token;

  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                           const Req& request) const {
    return deployment.ledger.Call(method, request, token);
  }
};

absl::StatusOr<Session> Begin(const Options& options) {
  ASSIGN_OR_RETURN(Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(std::string token, ReadToken(options.token_file));
  return Session{.deployment = std::move(deployment), .token = std::move(token)};
}

absl::StatusOr<std::vector<Payment>> PaymentsOf(const Session& session, const std::string& budget,
                                                Payment::State state) {
  std::vector<Payment> payments;
  v1::ListPaymentsRequest request;
  request.set_budget_id(budget);
  request.set_state(state);
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const v1::ListPaymentsResponse page,
                     session.Call(&Spending::ListPayments, request));
    payments.insert(payments.end(), page.payments().begin(), page.payments().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return payments;
}

absl::Status MustBeInEuro(const Session& session, const std::string& budget) {
  v1::GetBudgetRequest request;
  request.set_budget_id(budget);
  ASSIGN_OR_RETURN(const v1::Budget found,
                   session.deployment.ledger.Call(&v1::LedgerService::Stub::GetBudget, request));
  if (found.currency() == kCurrency) return absl::OkStatus();
  return Error(kFailedPrecondition, "NOT_IN_EURO", "only budgets in euro are paid by SEPA transfer")
      .With("currency", found.currency());
}

// The same step of the same payment has the same id, so a command that was broken off is repeated.
template <class Request>
Request StepOf(const Options& options, const std::string& payment_id, absl::string_view step) {
  Request request;
  const Uuid payment = Uuid::Parse(payment_id).value_or(Uuid());
  request.set_request_id(Uuid::Derived(payment, absl::StrCat("bank/", step)).ToString());
  request.set_budget_id(options.budget);
  request.set_payment_id(payment_id);
  return request;
}

// Whom it goes to, as it was when the bank was told. Refusals: GetPayee's; IBAN_CHANGED.
absl::StatusOr<Transfer> TransferOf(const Session& session, const Payment& payment) {
  v1::GetPayeeRequest request;
  request.set_payee_id(payment.payee_id());
  ASSIGN_OR_RETURN(const v1::PayeeDetails payee, session.Call(&Payees::GetPayee, request));
  if (payee.payee().iban_version() != payment.iban_version()) {
    return Error(kFailedPrecondition, "IBAN_CHANGED",
                 "the payee has another account since the bank was told");
  }
  return Transfer{.end_to_end_id = payment.bank_ref(),
                  .cents = payment.amount_cents(),
                  .name = payee.name(),
                  .iban = payee.iban(),
                  .invoice = payment.invoice_ref()};
}

// The day to pay. Refusals: BAD_DATE, EXECUTION_DAY_PAST.
absl::Status CheckDay(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    return Error(kInvalidArgument, "BAD_DATE", "the day to pay must be YYYY-MM-DD");
  }
  ASSIGN_OR_RETURN(const absl::TimeZone zone, Amsterdam());
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), zone);
  if (day >= today) return absl::OkStatus();
  return Error(kInvalidArgument, "EXECUTION_DAY_PAST", "the day to pay is over")
      .With("execute_on", text)
      .With("today", absl::FormatCivilTime(today));
}

// What the bank was told and has not answered yet, by batch.
struct Told {
  int64_t payments = 0;
  Money sum;
};
std::map<std::string, Told> ByBatch(const std::vector<Payment>& instructed) {
  std::map<std::string, Told> batches;
  for (const Payment& payment : instructed) {
    Told& told = batches[BatchOf(payment.bank_ref())];
    ++told.payments;
    told.sum += Money::Cents(payment.amount_cents());
  }
  return batches;
}

std::string Sentence(const std::string& batch, const Told& told) {
  return absl::StrCat("batch ", batch.empty() ? "(none)" : batch, ": ", told.payments,
                      " payments, EUR ", ToString(told.sum));
}

absl::StatusOr<std::vector<Payment>> OfBatch(const Session& session, const Options& options) {
  ASSIGN_OR_RETURN(std::vector<Payment> instructed,
                   PaymentsOf(session, options.budget, Payment::STATE_INSTRUCTED));
  const auto batches = ByBatch(instructed);
  if (!batches.contains(options.again)) {
    Error error(kFailedPrecondition, "BATCH_NOT_WAITING",
                "nothing of this batch waits for the bank's answer");
    int nr = 0;
    for (const auto& [batch, told] : batches) {
      error = std::move(error).At(absl::StrCat("waiting ", ++nr), Sentence(batch, told));
    }
    return error;
  }
  const auto other = [&](const Payment& of) { return BatchOf(of.bank_ref()) != options.again; };
  instructed.erase(std::remove_if(instructed.begin(), instructed.end(), other), instructed.end());
  return instructed;
}

// Tells the bank about what is approved, or only makes the file of one batch again. Instructed
// first and written then: what is in a file is in the books, and a file that was lost can be made
// again. It is the same message then, which a bank that has it takes for a copy: with another
// message's payments among these, it would pay those twice.
absl::Status Order(const Options& options) {
  RETURN_IF_ERROR(CheckDay(options.execution_day));
  if (!IbanHolds(options.debtor_iban)) {
    return Error(kInvalidArgument, "BAD_IBAN", "the account that pays is no IBAN");
  }
  ASSIGN_OR_RETURN(const Session session, Begin(options));
  RETURN_IF_ERROR(MustBeInEuro(session, options.budget));
  std::vector<Payment> told;
  // One that cannot be paid holds up none of the others.
  std::vector<std::string> left_out;
  const auto leave_out = [&left_out](const Payment& payment, const absl::Status& why) {
    left_out.push_back(
        absl::StrCat(payment.payment_id(), ": ", why.message(), " (", ReasonOf(why), ")"));
  };
  const std::string batch = options.again.empty() ? NewBatch() : options.again;
  if (!options.again.empty()) {
    ASSIGN_OR_RETURN(told, OfBatch(session, options));
  } else {
    ASSIGN_OR_RETURN(const std::vector<Payment> approved,
                     PaymentsOf(session, options.budget, Payment::STATE_APPROVED));
    for (const Payment& payment : approved) {
      auto request = StepOf<v1::InstructPaymentRequest>(options, payment.payment_id(), "instruct");
      request.set_bank_ref(EndToEndIdOf(batch, payment.payment_id()));
      const auto instructed = session.Call(&Spending::InstructPayment, request);
      if (instructed.ok()) {
        told.push_back(*instructed);
      } else {
        leave_out(payment, instructed.status());
      }
    }
  }
  TransferOrder order{
      .message_id = MessageIdOf(batch),
      .made_at = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::Now(), absl::UTCTimeZone()),
      .execution_day = options.execution_day,
      .debtor_name = options.debtor_name,
      .debtor_iban = options.debtor_iban,
      .transfers = {}};
  for (const Payment& payment : told) {
    auto transfer = TransferOf(session, payment);
    if (transfer.ok()) {
      order.transfers.push_back(*std::move(transfer));
    } else {
      leave_out(payment, transfer.status());
    }
  }
  for (const std::string& line : left_out) std::cerr << "left out: payment " << line << '\n';
  if (order.transfers.empty()) {
    return Error(kFailedPrecondition, "NOTHING_TO_PAY", "no payment is to be made");
  }
  Output output(options.output);
  WritePain001(order, output.stream());
  RETURN_IF_ERROR(output.Finish());
  Told written{.payments = static_cast<int64_t>(order.transfers.size()), .sum = {}};
  for (const Transfer& transfer : order.transfers) written.sum += Money::Cents(transfer.cents);
  std::cerr << Sentence(batch, written) << '\n';
  return absl::OkStatus();
}

// What the bank was told and has not answered yet.
absl::Status Waiting(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Begin(options));
  ASSIGN_OR_RETURN(const std::vector<Payment> instructed,
                   PaymentsOf(session, options.budget, Payment::STATE_INSTRUCTED));
  for (const auto& [batch, told] : ByBatch(instructed)) {
    if (options.json) {
      const nlohmann::ordered_json line = {
          {"batch", batch}, {"payments", told.payments}, {"sum_cents", told.sum.cents()}};
      std::cout << line.dump() << '\n';
    } else {
      std::cout << Sentence(batch, told) << '\n';
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::PaymentStep>> StepsOf(const Session& session, const Options& options,
                                                     const std::string& payment_id) {
  std::vector<v1::PaymentStep> steps;
  v1::ListPaymentStepsRequest request;
  request.set_budget_id(options.budget);
  request.set_payment_id(payment_id);
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const auto page, session.Call(&Spending::ListPaymentSteps, request));
    steps.insert(steps.end(), page.steps().begin(), page.steps().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return steps;
}

absl::Status Record(const Options& options, const Session& session,
                    const StatementMatch::Outcome& outcome) {
  if (outcome.fate == StatementMatch::Fate::kReturned) {
    ASSIGN_OR_RETURN(const auto steps, StepsOf(session, options, outcome.payment_id));
    const std::string step = ReturnName(outcome.day, steps);
    auto request = StepOf<v1::ReturnPaymentRequest>(options, outcome.payment_id, step);
    request.set_amount_cents(outcome.cents);
    request.set_vat_cents(outcome.vat_cents);
    request.set_bank_ref(outcome.return_ref);
    request.set_effective_date(outcome.day);
    return session.Call(&Spending::ReturnPayment, request).status();
  }
  if (outcome.fate == StatementMatch::Fate::kSettled) {
    auto request = StepOf<v1::SettlePaymentRequest>(options, outcome.payment_id, "settle");
    request.set_effective_date(outcome.day);
    return session.Call(&Spending::SettlePayment, request).status();
  }
  auto request = StepOf<v1::FailPaymentRequest>(options, outcome.payment_id, "fail");
  request.set_reason(outcome.reason);
  request.set_effective_date(outcome.day);
  return session.Call(&Spending::FailPayment, request).status();
}

// What came back of payments, and was not taken back.
absl::StatusOr<RecordedReturns> ReturnsOf(const Session& session, const Options& options,
                                          const std::vector<Payment>& payments,
                                          absl::TimeZone zone) {
  RecordedReturns returned;
  for (const Payment& payment : payments) {
    if (payment.returned_cents() == 0) continue;
    ASSIGN_OR_RETURN(const auto steps, StepsOf(session, options, payment.payment_id()));
    returned[payment.payment_id()] = ReturnsIn(steps, zone);
  }
  return returned;
}

absl::Status Statement(const Options& options) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(options.statement));
  ASSIGN_OR_RETURN(const absl::TimeZone zone, Amsterdam());
  ASSIGN_OR_RETURN(const std::vector<StatementLine> lines,
                   ReadCamt053(bytes, zone, absl::ToCivilDay(absl::Now(), zone)));
  ASSIGN_OR_RETURN(const Session session, Begin(options));
  ASSIGN_OR_RETURN(const std::vector<Payment> payments,
                   PaymentsOf(session, options.budget, Payment::STATE_UNSPECIFIED));
  ASSIGN_OR_RETURN(RecordedReturns returns, ReturnsOf(session, options, payments, zone));
  const auto match = MatchStatement(lines, payments, std::string(kCurrency), std::move(returns));
  TellLeftOut(match.left_out, std::cerr);
  RETURN_IF_ERROR(match.mistake);
  if (!match.problems.empty()) {
    Error error(kFailedPrecondition, "STATEMENT_DIFFERS",
                "the statement and the books do not agree; nothing was recorded");
    for (size_t i = 0; i < match.problems.size(); ++i) {
      error = std::move(error).At(absl::StrCat("problem ", i + 1), match.problems[i]);
    }
    return error;
  }
  Recording recording;
  const auto record = [&](const auto& outcome) { return Record(options, session, outcome); };
  const absl::Status broken_off = RecordAll(match.outcomes, record, recording);
  for (const std::string& line : recording.refused) std::cerr << "not recorded: " << line << '\n';
  RETURN_IF_ERROR(broken_off);
  for (const std::string& line : match.afterwards) std::cerr << "not recorded: " << line << '\n';
  const size_t unrecorded = recording.refused.size() + match.afterwards.size();
  auto& fates = recording.recorded;
  using enum StatementMatch::Fate;
  const int64_t settled = fates[kSettled], failed = fates[kFailed], returned = fates[kReturned];
  if (options.json) {
    const nlohmann::ordered_json line = {{"settled", settled},
                                         {"failed", failed},
                                         {"returned", returned},
                                         {"known", match.known},
                                         {"pending", match.pending},
                                         {"foreign", match.foreign},
                                         {"left_out", match.left_out.size()},
                                         {"not_recorded", unrecorded}};
    std::cout << line.dump() << '\n';
  } else {
    std::cout << settled << " settled, " << failed << " came back, " << returned
              << " once settled came back, " << match.known << " known already, " << match.pending
              << " not booked yet, " << match.foreign << " of others, " << match.left_out.size()
              << " left out, " << unrecorded << " not recorded\n";
  }
  if (unrecorded == 0) return absl::OkStatus();
  return Error(kFailedPrecondition, "NOT_ALL_RECORDED",
               "some of the statement is not recorded; all else is")
      .With("not_recorded", unrecorded);
}

CLI::App& Add(CLI::App& bank, int& exit_code, const std::shared_ptr<Options>& options,
              const char* name, const char* description, absl::Status (*run)(const Options&)) {
  CLI::App& app = *bank.add_subcommand(name, description);
  AddReach(app, options->deployment);
  AddTokenFile(app, options->token_file);
  app.add_option("budget", options->budget, "the budget's id")->required();
  app.callback([options, run, &exit_code] {
    const absl::Status status = run(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
  return app;
}

}  // namespace

void AddBankFiles(CLI::App& ledger, int& exit_code) {
  CLI::App& bank = *ledger.add_subcommand("bank", "payments to the bank, and back, as files");
  bank.require_subcommand(1);
  auto order = std::make_shared<Options>();
  CLI::App& pay = Add(bank, exit_code, order, "order",
                      "tells the bank of all approved payments: pain.001", &Order);
  pay.add_option("--debtor-name", order->debtor_name, "the municipality, as the bank knows it")
      ->required();
  pay.add_option("--debtor-iban", order->debtor_iban, "the account that pays")->required();
  pay.add_option("--execute-on", order->execution_day, "the day to pay, YYYY-MM-DD")->required();
  pay.add_option("--again", order->again,
                 "only the file of this batch, of which the bank has not answered all");
  pay.add_option("--output", order->output,
                 "a file that is written, or replaced, whole; else standard output");
  auto waiting = std::make_shared<Options>();
  CLI::App& wait = Add(bank, exit_code, waiting, "waiting",
                       "lists what the bank was told and has not answered yet", &Waiting);
  wait.add_flag("--json", waiting->json, "a line of JSON per batch");
  auto statement = std::make_shared<Options>();
  CLI::App& book =
      Add(bank, exit_code, statement, "statement",
          "records what became of payments, from a bank statement: camt.053", &Statement);
  book.add_option("statement", statement->statement, "the file")->required();
  book.add_flag("--json", statement->json, "one line of JSON");
}

}  // namespace smederij::cli
