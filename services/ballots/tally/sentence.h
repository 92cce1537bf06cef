#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/ballots/tally/exact.h"
#include "services/ballots/tally/outcome.h"

namespace smederij::ballots::tally {

enum class Language { kEnglish, kDutch };

// An amount as people write it, rounded to cents, whole ones without decimals: "€1,234.50",
// "1,234.50 PLN"; in Dutch "€ 1.234,50", "1.234,50 PLN". `currency` is an ISO 4217 code or empty.
std::string MoneyText(const Rational& amount, absl::string_view currency, Language language);

// Why a plan was or was not funded: one to three short sentences that a child of twelve follows,
// made from code and facts alone, so whoever has those can say it again.
std::string SentenceOf(Reason reason, absl::Span<const Fact> facts, absl::string_view currency,
                       Language language);

}  // namespace smederij::ballots::tally
