#include "tests/fault/treasury.h"

#include "services/cli/play/cast.h"

namespace smederij::e2e {

namespace v1 = ledger::v1;
using Stub = v1::LedgerService::Stub;

std::string Treasury::OpenBudget(const std::string& fund) const {
  v1::OpenBudgetRequest request;
  request.set_request_id(NewId());
  request.set_district_id(village_.district());
  request.set_fund(fund);
  request.set_fiscal_year(2026);
  request.set_currency("EUR");
  return Must(village_.As(cli::kTreasurer, cli::Audience::kLedger, village_.services().ledger,
                          &Stub::OpenBudget, request))
      .budget_id();
}

absl::StatusOr<v1::Posted> Treasury::Appropriate(const std::string& budget, int64_t cents,
                                                 const std::string& request_id) const {
  v1::AppropriateRequest request;
  request.set_request_id(request_id);
  request.set_budget_id(budget);
  request.set_source("municipality");
  request.set_amount_cents(cents);
  request.set_decision_ref("council 2026-1");
  return village_.As(cli::kTreasurer, cli::Audience::kLedger, village_.services().ledger,
                     &Stub::Appropriate, request);
}

absl::StatusOr<v1::Posted> Treasury::Hold(const std::string& budget, int64_t cents,
                                          const std::string& request_id) const {
  v1::HoldPotRequest request;
  request.set_request_id(request_id);
  request.set_budget_id(budget);
  request.set_round_id(request_id);  // Any id will do, and a repeated request names the same.
  request.set_amount_cents(cents);
  request.set_decision_ref("round plan");
  return village_.AsProposals(ledger_, &Stub::HoldPot, request);
}

std::vector<v1::Entry> Treasury::Entries(const std::string& budget) const {
  std::vector<v1::Entry> entries;
  v1::ListEntriesRequest request;
  request.set_budget_id(budget);
  request.set_page_size(500);
  do {
    const auto page = Must(village_.services().ledger.Call(&Stub::ListEntries, request));
    entries.insert(entries.end(), page.entries().begin(), page.entries().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return entries;
}

v1::TrialBalance Treasury::Trial(const std::string& budget) const {
  v1::GetTrialBalanceRequest request;
  request.set_budget_id(budget);
  return Must(village_.services().ledger.Call(&Stub::GetTrialBalance, request));
}

}  // namespace smederij::e2e
