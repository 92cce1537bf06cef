#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/cli/remote/endpoint.h"
#include "smederij/ledger/v1/books.pb.h"
#include "smederij/ledger/v1/ledger.pb.h"

namespace smederij::cli {

// A budget's books as they stood after its newest entry, whatever is posted meanwhile.
struct Journal {
  ledger::v1::Budget budget{};                         // head_seq is the last entry of the journal.
  std::vector<ledger::v1::AccountBalance> accounts{};  // After it, by number.
  ledger::v1::LedgerCodes codes{};                     // What the municipality calls them now.

  // Numbers are dense: those of a budget are 1, 2, 3 …
  const ledger::v1::AccountBalance& Account(int64_t no) const;

  // The municipality's code of a kind of accounts, or of a type of entries; empty when it has none.
  const ledger::v1::LedgerCode& CodeOf(ledger::v1::AccountKind kind) const;
  const ledger::v1::LedgerCode& CodeOf(ledger::v1::EntryType type) const;

  // Iv3: of the entry's commitment where that names them, else as its type has them, else as the
  // first of the kinds has them that does.
  struct Iv3 {
    std::string taakveld, category;
  };
  Iv3 Iv3Of(const ledger::v1::Entry& entry,
            std::initializer_list<ledger::v1::AccountKind> kinds) const;
};

// Gives the entries one by one, in sequence; may be asked more than once, and gives the same.
using Entries =
    std::function<absl::Status(const std::function<void(const ledger::v1::Entry&)>& visit)>;

// From the ledger, page by page. The endpoint outlives what ReadEntries gives. Refusals: the
// ledger's, and NO_TIME_ZONE, since a journal is by day.
absl::StatusOr<Journal> ReadJournal(const Endpoint& ledger, const std::string& budget_id);
Entries ReadEntries(const Endpoint& ledger, const ledger::v1::Budget& budget);

// "reserved", "pot": a kind or type as people write it.
std::string KindName(ledger::v1::AccountKind kind);
std::string TypeName(ledger::v1::EntryType type);
// "reserved 2f9d…": an account by what it is for and whose it is.
std::string AccountName(const ledger::v1::AccountBalance& account);

// "2026-03-21", on the town hall's calendar, which whoever read a journal knows.
std::string DayOf(const google::protobuf::Timestamp& time);
// The day an entry happened: what it says, else when it was recorded.
std::string EffectiveDay(const ledger::v1::Entry& entry);

}  // namespace smederij::cli
