#include "services/cli/books/journal.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/document/calendar.h"
#include "smederij/ledger/v1/books.grpc.pb.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Ledger = v1::LedgerService::Stub;

constexpr int kPage = 500;

std::string Name(absl::string_view constant, absl::string_view prefix) {
  absl::ConsumePrefix(&constant, prefix);
  return absl::AsciiStrToLower(constant);
}

}  // namespace

const v1::AccountBalance& Journal::Account(int64_t no) const {
  static const v1::AccountBalance kNone;
  const auto found = std::lower_bound(accounts.begin(), accounts.end(), no,
                                      [](const v1::AccountBalance& account, int64_t wanted) {
                                        return account.account_no() < wanted;
                                      });
  return found == accounts.end() || found->account_no() != no ? kNone : *found;
}

const v1::LedgerCode& Journal::CodeOf(v1::AccountKind kind) const {
  for (const v1::LedgerCode& code : codes.codes()) {
    if (code.account_kind() == kind && kind != v1::ACCOUNT_KIND_UNSPECIFIED) return code;
  }
  return v1::LedgerCode::default_instance();
}

const v1::LedgerCode& Journal::CodeOf(v1::EntryType type) const {
  for (const v1::LedgerCode& code : codes.codes()) {
    if (code.entry_type() == type && type != v1::ENTRY_TYPE_UNSPECIFIED) return code;
  }
  return v1::LedgerCode::default_instance();
}

Journal::Iv3 Journal::Iv3Of(const v1::Entry& entry,
                            std::initializer_list<v1::AccountKind> kinds) const {
  Iv3 iv3{.taakveld = entry.taakveld(), .category = entry.category()};
  const auto fill = [&iv3](const v1::LedgerCode& code) {
    if (iv3.taakveld.empty()) iv3.taakveld = code.taakveld();
    if (iv3.category.empty()) iv3.category = code.category();
  };
  fill(CodeOf(entry.type()));
  for (const v1::AccountKind kind : kinds) fill(CodeOf(kind));
  return iv3;
}

absl::StatusOr<Journal> ReadJournal(const Endpoint& ledger, const std::string& budget_id) {
  RETURN_IF_ERROR(Amsterdam().status());
  Journal journal;
  v1::GetBudgetRequest budget;
  budget.set_budget_id(budget_id);
  ASSIGN_OR_RETURN(journal.budget, ledger.Call(&Ledger::GetBudget, budget));
  v1::GetTrialBalanceRequest trial;
  trial.set_budget_id(budget_id);
  trial.set_as_of_seq(journal.budget.head_seq());
  ASSIGN_OR_RETURN(const v1::TrialBalance books, ledger.Call(&Ledger::GetTrialBalance, trial));
  journal.accounts = {books.accounts().begin(), books.accounts().end()};
  v1::GetLedgerCodesRequest codes;
  codes.set_municipality_id(journal.budget.municipality_id());
  ASSIGN_OR_RETURN(journal.codes, ledger.Call(&v1::BooksService::Stub::GetLedgerCodes, codes));
  return journal;
}

Entries ReadEntries(const Endpoint& ledger, const v1::Budget& budget) {
  return [&ledger, id = budget.budget_id(), last = budget.head_seq()](
             const std::function<void(const v1::Entry&)>& visit) -> absl::Status {
    v1::ListEntriesRequest request;
    request.set_budget_id(id);
    request.set_page_size(kPage);
    int64_t seq = 0;
    do {
      ASSIGN_OR_RETURN(const v1::ListEntriesResponse page,
                       ledger.Call(&Ledger::ListEntries, request));
      for (const v1::Entry& entry : page.entries()) {
        if (entry.seq() > last) break;
        visit(entry);
        seq = entry.seq();
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && seq < last);
    if (seq == last) return absl::OkStatus();
    return Error(kUnavailable, "ENTRIES_MISSING", "the ledger gave fewer entries than it has")
        .With("seq", seq)
        .With("head_seq", last);
  };
}

std::string KindName(v1::AccountKind kind) {
  return Name(v1::AccountKind_Name(kind), "ACCOUNT_KIND_");
}

std::string TypeName(v1::EntryType type) { return Name(v1::EntryType_Name(type), "ENTRY_TYPE_"); }

std::string AccountName(const v1::AccountBalance& account) {
  const std::string kind = KindName(account.kind());
  return account.reference().empty() ? kind : absl::StrCat(kind, " ", account.reference());
}

std::string DayOf(const google::protobuf::Timestamp& time) {
  const absl::StatusOr<absl::TimeZone> zone = Amsterdam();
  CHECK(zone.ok());
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.seconds()), *zone);
}

std::string EffectiveDay(const v1::Entry& entry) {
  return entry.effective_date().empty() ? DayOf(entry.record_time()) : entry.effective_date();
}

}  // namespace smederij::cli
