#include "services/ledger/domain/ledger_code.h"

#include "absl/strings/ascii.h"
#include "services/ledger/domain/code_errors.h"

namespace smederij::ledger {
namespace {

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

}  // namespace

absl::Status MayReplace(MunicipalityId municipality, int32_t newest, int32_t version) {
  if (version != newest + 1) return StaleCodes(municipality, newest, version);
  return absl::OkStatus();
}

bool IsTaakveld(absl::string_view text) {
  if (text.size() < 3 || !IsDigit(text[0]) || text[1] != '.' || !IsDigit(text[2])) return false;
  text.remove_prefix(3);
  if (!text.empty() && IsDigit(text[0])) text.remove_prefix(1);
  if (!text.empty() && absl::ascii_islower(static_cast<unsigned char>(text[0]))) {
    text.remove_prefix(1);
  }
  return text.empty();
}

bool IsCategory(absl::string_view text) {
  if (text.size() != 3 && text.size() != 5) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % 2 == 0 ? !IsDigit(text[i]) : text[i] != '.') return false;
  }
  return true;
}

}  // namespace smederij::ledger
