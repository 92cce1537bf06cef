#pragma once

#include "services/cli/counted/words.h"

// Every text of a comparison for people, in both languages.
namespace smederij::cli::words {

inline constexpr Phrase kHead{"$0, $1 ballots, $2 plans, budget $3",
                              "$0, $1 stemmen, $2 plannen, budget $3"};
inline constexpr Phrase kRuleColumn{"rule", "regel"};
inline constexpr Phrase kFundedColumn{"plans", "plannen"};
inline constexpr Phrase kSpentColumn{"spent", "toegekend"};
inline constexpr Phrase kSatisfiedColumn{"got a plan", "kreeg plan"};
inline constexpr Phrase kAverageColumn{"per voter", "per kiezer"};
inline constexpr Phrase kDecidedColumn{"city", "stad"};
inline constexpr Phrase kSame{"same", "gelijk"};
inline constexpr Phrase kDifferent{"differs", "anders"};
inline constexpr Phrase kColumnsAre{
    "got a plan: voters who chose at least one plan that is funded; per voter: funded plans chosen",
    "kreeg plan: kiezers die minstens één plan kozen dat geld krijgt; per kiezer: zulke plannen"};
inline constexpr Phrase kDecidedAre{"city: whether the plans are those that won there",
                                    "stad: of het de plannen zijn die daar wonnen"};
inline constexpr Phrase kCityRule{"* the rule that the file names$0",
                                  "* de regel die het bestand noemt$0"};
inline constexpr Phrase kCityStops{", stops at the first plan that does not fit",
                                   ", stopt bij het eerste plan dat niet past"};
inline constexpr Phrase kCityNearly{", $0% of the cost is enough for it",
                                    ", $0% van de kosten is daarvoor genoeg"};
inline constexpr Phrase kCityThreshold{", at least $0 support", ", minstens $0 steun"};
inline constexpr Phrase kWhoWins{"who wins, by the numbers of the rules",
                                 "wie wint, met de nummers van de regels"};
inline constexpr Phrase kCityColumn{"city", "stad"};
inline constexpr Phrase kWinCounts{"$0 plans win by every rule, $1 by some, $2 by none",
                                   "$0 plannen winnen bij elke regel, $1 bij sommige, $2 bij geen"};
inline constexpr Phrase kMoneyBy{"where the money goes, $0", "waar het geld heen gaat, $0"};
inline constexpr Phrase kBallotsRow{"share of the ballots", "deel van de stemmen"};
inline constexpr Phrase kTooManyGroups{"$0 groups: see --json", "$0 groepen: zie --json"};
inline constexpr Phrase kByAge{"by age", "naar leeftijd"};
inline constexpr Phrase kBySex{"by sex", "naar geslacht"};
inline constexpr Phrase kByVotingMethod{"by way of voting", "naar manier van stemmen"};
inline constexpr Phrase kByNeighborhood{"by neighbourhood", "naar buurt"};

}  // namespace smederij::cli::words
