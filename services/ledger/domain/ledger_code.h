#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "services/ledger/domain/account.h"
#include "services/ledger/domain/entry.h"

// What a municipality calls things in its own ledger. Exports use it; the books do not.
namespace smederij::ledger {

struct LedgerCode {
  std::optional<AccountKind> account_kind;  // The accounts of a kind,
  std::optional<EntryType> entry_type;      // or the entries of a type.
  std::string code;
  std::string description;
  std::string taakveld;  // Iv3; may be empty.
  std::string category;  // Iv3; may be empty.
};

struct LedgerCodes {
  MunicipalityId municipality;
  int32_t version = 0;  // Counts up from 1; 0 when it has none.
  std::vector<LedgerCode> codes;
  absl::Time set_at = absl::InfinitePast();
};

// Whether `version` may follow `newest`. Refusal: STALE_VERSION.
absl::Status MayReplace(MunicipalityId municipality, int32_t newest, int32_t version);

// "5.7", "6.71a": a digit, a point, one or two digits, a letter or none.
bool IsTaakveld(absl::string_view text);
// "3.8", "4.3.1": two or three digits with points between them.
bool IsCategory(absl::string_view text);

}  // namespace smederij::ledger
