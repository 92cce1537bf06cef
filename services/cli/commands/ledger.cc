#include "services/cli/commands/ledger.h"

#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/bank_files.h"
#include "services/cli/commands/bookkeeping.h"
#include "services/cli/commands/commitments.h"
#include "services/cli/commands/entry_proof.h"
#include "services/cli/commands/ledger_codes.h"
#include "services/cli/commands/ledger_export.h"
#include "services/cli/commands/ledger_report.h"
#include "services/cli/commands/ledger_verify.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/payee.h"
#include "services/cli/commands/plan_money.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "services/cli/commands/spending.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Ledger = v1::LedgerService::Stub;

constexpr int kPage = 500;

struct Options {
  DeploymentOptions deployment;
  std::string budget_id;
  int64_t as_of = 0;
  bool json = false;
};

std::string Name(const v1::AccountBalance& account) {
  const std::string kind = v1::AccountKind_Name(account.kind()).substr(13);
  return account.reference().empty() ? kind : absl::StrCat(kind, " ", account.reference());
}

void Print(const v1::ListEntriesResponse& page) {
  std::map<int64_t, std::string> names;
  for (const v1::AccountBalance& account : page.accounts()) {
    names[account.account_no()] = Name(account);
  }
  for (const v1::Entry& entry : page.entries()) {
    const std::string& day = entry.effective_date();
    std::cout << absl::StreamFormat(
        "%6d  %s  %-16s %s%s\n", entry.seq(), Instant(entry.record_time().seconds()),
        v1::EntryType_Name(entry.type()).substr(11), entry.decision_ref(),
        day.empty() ? "" : absl::StrCat("  (of ", day, ")"));
    for (const v1::Posting& posting : entry.postings()) {
      std::cout << absl::StreamFormat("        %14s  %s -> %s\n", Amount(posting.amount_cents()),
                                      names[posting.from_account_no()],
                                      names[posting.to_account_no()]);
    }
  }
}

// Every entry; with --json a line per page.
absl::Status Statement(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::ListEntriesRequest request;
  request.set_budget_id(options.budget_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListEntriesResponse page,
                     deployment.ledger.Call(&Ledger::ListEntries, request));
    if (options.json) {
      std::cout << ToJson(page) << '\n';
    } else {
      Print(page);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status TrialBalance(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  v1::GetTrialBalanceRequest request;
  request.set_budget_id(options.budget_id);
  request.set_as_of_seq(options.as_of);
  ASSIGN_OR_RETURN(const v1::TrialBalance books,
                   deployment.ledger.Call(&Ledger::GetTrialBalance, request));
  if (options.json) {
    std::cout << ToJson(books) << '\n';
    return absl::OkStatus();
  }
  std::cout << "after entry " << books.as_of_seq() << '\n';
  for (const v1::AccountBalance& account : books.accounts()) {
    std::cout << absl::StreamFormat("  %4d  %-50s %16s\n", account.account_no(), Name(account),
                                    Amount(account.balance_cents()));
  }
  std::cout << absl::StreamFormat("  %-56s %16s\n", "total", Amount(books.total_cents()));
  std::cout << "hash " << absl::BytesToHexString(books.trial_balance_hash()) << '\n';
  return absl::OkStatus();
}

}  // namespace

void AddLedger(CLI::App& program, int& exit_code) {
  CLI::App& ledger = *program.add_subcommand("ledger", "the books of a budget");
  ledger.require_subcommand(1);
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) -> std::pair<CLI::App*, Options*> {
    auto options = std::make_shared<Options>();
    CLI::App* const command = ledger.add_subcommand(name, description);
    AddReach(*command, options->deployment);
    command->add_option("budget", options->budget_id, "the budget's id")->required();
    command->add_flag("--json", options->json, "JSON, one object a line");
    command->callback([options, run, &exit_code] {
      const absl::Status status = run(*options);
      exit_code = status.ok() ? kDone : Refuse(status);
    });
    return {command, options.get()};
  };
  add("statement", "every entry in sequence, with its movements", &Statement);
  const auto [command, options] =
      add("trial-balance", "every account's balance; they sum to zero", &TrialBalance);
  command->add_option("--as-of", options->as_of, "as it stood after this entry");
  AddLedgerVerify(ledger, exit_code);
  AddLedgerCodes(ledger, exit_code);
  AddLedgerExport(ledger, exit_code);
  AddLedgerReport(ledger, exit_code);
  AddPayees(ledger, exit_code);
  AddSpending(ledger, exit_code);
  AddBookkeeping(ledger, exit_code);
  AddEntryProof(ledger, exit_code);
  AddCommitments(ledger, exit_code);
  AddBankFiles(ledger, exit_code);
  AddPlanMoney(ledger, exit_code);
}

}  // namespace smederij::cli
