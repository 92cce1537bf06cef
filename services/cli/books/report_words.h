#pragma once

#include "services/cli/document/phrase.h"

// Every text of a district's year report, in both languages.
namespace smederij::cli::words {

inline constexpr Phrase kYearReport{"Where the money went", "Waar het geld naartoe ging"};
inline constexpr Phrase kYearTitle{"$0 in $1", "$0 in $1"};
inline constexpr Phrase kYearShort{"In short", "In het kort"};
inline constexpr Phrase kYearLead{
    "$0 came in. $1 of it is with $2 plans, $3 is still free to decide on.",
    "Er kwam $0 binnen. Daarvan is $1 bij $2 plannen; over $3 is nog niet beslist."};
inline constexpr Phrase kYearLeadOne{
    "$0 came in. $1 of it is with 1 plan, $3 is still free to decide on.",
    "Er kwam $0 binnen. Daarvan is $1 bij 1 plan; over $3 is nog niet beslist."};
inline constexpr Phrase kGiven{"Given", "Binnengekomen"};
inline constexpr Phrase kToPlans{"For plans", "Voor plannen"};
inline constexpr Phrase kInPots{"Set aside for a vote", "Apart gezet voor een stemming"};
inline constexpr Phrase kVat{"VAT the municipality reclaims", "Btw die de gemeente terugvraagt"};
inline constexpr Phrase kCameBack{"Paid, and came back to plans",
                                  "Betaald, en teruggekomen bij plannen"};
inline constexpr Phrase kFree{"Free", "Vrij"};
inline constexpr Phrase kFromLastYear{"From last year", "Van vorig jaar"};
inline constexpr Phrase kToNextYear{"To next year", "Naar volgend jaar"};
inline constexpr Phrase kGoingOn{"Ongoing plans", "Lopende plannen"};
inline constexpr Phrase kPicture{"From the council to the plans", "Van de raad naar de plannen"};
inline constexpr Phrase kPictureAlt{
    "Bands show how the money goes from who gave it, by way of the pots of votes, to plans. The "
    "tables below hold every amount.",
    "Banden laten zien hoe het geld gaat van wie het gaf, via de potten van stemmingen, naar de "
    "plannen. In de tabellen hieronder staat elk bedrag."};
inline constexpr Phrase kGivers{"Who gave", "Wie gaf"};
inline constexpr Phrase kGiver{"From", "Van"};
inline constexpr Phrase kAmount{"Amount", "Bedrag"};
inline constexpr Phrase kVotesHead{"The votes", "De stemmingen"};
inline constexpr Phrase kVote{"Vote", "Stemming"};
inline constexpr Phrase kSetAside{"Set aside", "Apart gezet"};
inline constexpr Phrase kAwarded{"For plans", "Naar plannen"};
inline constexpr Phrase kGivenBack{"Given back", "Terug"};
inline constexpr Phrase kBackToGivers{"Given back to who gave it", "Terug naar wie het gaf"};
inline constexpr Phrase kNotByGiver{"not recorded by giver", "niet per gever bekend"};
inline constexpr Phrase kStillThere{"Still there", "Nog in de pot"};
inline constexpr Phrase kThePlans{"The plans", "De plannen"};
inline constexpr Phrase kThePlan{"Plan", "Plan"};
inline constexpr Phrase kGot{"Got", "Kreeg"};
inline constexpr Phrase kTotal{"Together", "Samen"};
inline constexpr Phrase kOthers{"$0 more plans", "nog $0 plannen"};
inline constexpr Phrase kNoPlans{"No plan got money yet.", "Er is nog geen plan dat geld kreeg."};
inline constexpr Phrase kCheckHead{"Check it yourself", "Kijk het zelf na"};
inline constexpr Phrase kCheck{
    "Every amount on this page follows from $0 entries that are chained to each other: none can be "
    "changed unseen. Anybody can read them and add them up:",
    "Elk bedrag op deze pagina volgt uit $0 boekingen die aan elkaar vastzitten: geen ervan kan "
    "ongemerkt veranderen. Iedereen kan ze lezen en zelf optellen:"};
inline constexpr Phrase kVerified{
    "$0: the ledger last checked its books itself on $1, up to entry $2 of $3.",
    "$0: het grootboek keek zijn boeken zelf voor het laatst na op $1, tot en met boeking $2 van "
    "de $3."};
inline constexpr Phrase kNeverVerified{"$0: not checked by the ledger itself yet.",
                                       "$0: nog niet door het grootboek zelf nagekeken."};
inline constexpr Phrase kFrozenBooks{
    "Something is wrong in the books of $0. An auditor has to look; until then nothing is booked, "
    "and the amounts on this page are not certain.",
    "In de boeken van $0 klopt iets niet. Een controleur moet kijken; tot dan wordt er niets "
    "geboekt, en de bedragen op deze pagina staan niet vast."};

// What a plan's money is for, by the account's kind; a kind without a phrase goes by its name.
struct KindPhrase {
  absl::string_view kind;
  Phrase phrase;
};
inline constexpr KindPhrase kPartWords[] = {
    {"reserved", {"Still to spend", "Nog te besteden"}},
    {"committed", {"Promised", "Toegezegd"}},
    {"clearing", {"With the bank", "Bij de bank"}},
    {"advanced", {"Paid in advance", "Voorgeschoten"}},
    {"paid", {"Paid", "Betaald"}},
};
inline constexpr KindPhrase kSourceWords[] = {
    {"municipality", {"the municipality", "de gemeente"}},
    {"housing-corporation", {"the housing corporation", "de woningcorporatie"}},
    {"province", {"the province", "de provincie"}},
};

}  // namespace smederij::cli::words
