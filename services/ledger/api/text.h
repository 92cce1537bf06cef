#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "services/ledger/domain/entry.h"

// Shapes that more than one request has.
namespace smederij::ledger {

constexpr size_t kReferenceMax = 200;  // Bytes of a reference to a decision, a quote, an invoice.

Error BadText(absl::string_view field, absl::string_view wrong);
absl::Status OutOfRange(absl::string_view field, absl::string_view wrong);

// 1 … `bytes_max` bytes on one line, without control characters or space around it. Refusal:
// BAD_TEXT at `field`.
absl::StatusOr<std::string> ParseLine(const std::string& text, absl::string_view field,
                                      size_t bytes_max);

// 32 bytes. Refusal: BAD_HASH at `field`.
absl::StatusOr<Hash> ParseHash(const std::string& bytes, absl::string_view field);

// VAT in `amount`: 0 to all of it. Refusal: AMOUNT_OUT_OF_RANGE at vat_cents.
absl::StatusOr<Money> ParseVat(int64_t cents, Money amount);

// What a document or bank line comes to of which `amount` is a part: that at least; 0 stands for
// it. Refusal: AMOUNT_OUT_OF_RANGE at total_cents.
absl::StatusOr<Money> ParseTotal(int64_t cents, Money amount);

// Iv3, or empty. Refusal: BAD_TEXT at `field`.
absl::StatusOr<std::string> ParseTaakveld(const std::string& text, absl::string_view field);
absl::StatusOr<std::string> ParseCategory(const std::string& text, absl::string_view field);

// YYYY-MM-DD, 2000 to 2999. Refusal: BAD_DATE at `field`.
absl::StatusOr<absl::CivilDay> ParseDay(const std::string& text, absl::string_view field);

// The day something happened outside; none when the text is empty. Refusal: BAD_DATE at
// effective_date.
absl::StatusOr<std::optional<absl::CivilDay>> ParseEffectiveDate(const std::string& text);

}  // namespace smederij::ledger
