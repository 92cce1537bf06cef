#pragma once

#include <utility>

#include "absl/strings/string_view.h"
#include "services/cli/document/phrase.h"

// Every text of the page about a count, in both languages, for readers of twelve and up. "$0" is
// filled in.
namespace smederij::cli::words {

// Heads.
inline constexpr Phrase kResult{"Result of the vote", "Uitslag van de stemming"};
inline constexpr Phrase kInShort{"In short", "In het kort"};
inline constexpr Phrase kHow{"How it was decided", "Hoe is er beslist?"};
inline constexpr Phrase kPlans{"The plans", "De plannen"};
inline constexpr Phrase kWon{"Funded ($0)", "Toegekend ($0)"};
inline constexpr Phrase kLost{"Not funded ($0)", "Niet toegekend ($0)"};
inline constexpr Phrase kTooLittleSupport{"Below the line of $0 ($1)",
                                          "Onder de grens van $0 ($1)"};
inline constexpr Phrase kGroups{"What voters got", "Wat kregen de kiezers?"};
inline constexpr Phrase kTies{"Plans that were exactly as good",
                              "Plannen die precies even goed waren"};
inline constexpr Phrase kSteps{"The count step by step", "De telling stap voor stap"};
inline constexpr Phrase kAgain{"Count it again yourself", "Tel het zelf na"};

// In short.
inline constexpr Phrase kOutcome{"$0 of $1 plans are funded.",
                                 "$0 van de $1 plannen krijgen geld."};
inline constexpr Phrase kOutcomeOne{"1 of $1 plans is funded.", "1 van de $1 plannen krijgt geld."};
inline constexpr Phrase kBudget{"Budget", "Budget"};
inline constexpr Phrase kSpent{"Spent", "Toegekend"};
inline constexpr Phrase kLeftOver{"Left", "Over"};
inline constexpr Phrase kBeyond{"Added to the budget", "Boven op het budget"};
inline constexpr Phrase kBallots{"Ballots", "Uitgebrachte stemmen"};
inline constexpr Phrase kPercent{"$0%", "$0%"};
inline constexpr Phrase kEverybody{
    "$0 of $1 voters ($2%) chose at least one plan that is funded. On average a voter chose $3 "
    "funded plans.",
    "$0 van de $1 kiezers ($2%) kozen minstens één plan dat geld krijgt. Gemiddeld koos een kiezer "
    "$3 plannen die geld krijgen."};

// The rules. First who goes first, then what happens when the money runs out.
inline constexpr Phrase kByVotes{
    "The plans were put in order: most $0 first. From the top down every plan got the money it "
    "costs, as long as there was enough left.",
    "De plannen zijn op volgorde gezet: de meeste $0 eerst. Van boven naar beneden kreeg elk plan "
    "het geld dat het kost, zolang er genoeg over was."};
inline constexpr Phrase kByVotesPerCost{
    "The plans were put in order: most $0 for every unit of money first, so a cheap plan needs "
    "fewer. From the top down every plan got the money it costs, as long as there was enough left.",
    "De plannen zijn op volgorde gezet: de meeste $0 per uitgegeven bedrag eerst, dus een goedkoop "
    "plan heeft er minder nodig. Van boven naar beneden kreeg elk plan het geld dat het kost, "
    "zolang er genoeg over was."};
inline constexpr Phrase kPassedBy{"A plan that cost more than what was left was passed by.",
                                  "Een plan dat meer kostte dan er over was, werd overgeslagen."};
inline constexpr Phrase kStopped{"At the first plan that did not fit, the count stopped.",
                                 "Bij het eerste plan dat niet paste, stopte de telling."};
inline constexpr Phrase kNearly{
    "If at least $0% of its cost was left, that plan got all its money nevertheless.",
    "Was er nog minstens $0% van de kosten over, dan kreeg dat plan toch al het geld."};
inline constexpr Phrase kPartial{
    "The first plan that did not fit is offered what was left.",
    "Het eerste plan dat niet paste, krijgt aangeboden wat er over was."};
inline constexpr Phrase kPartialFrom{
    "The first plan that did not fit is offered what was left, if that was at least $0% of its "
    "cost.",
    "Het eerste plan dat niet paste, krijgt aangeboden wat er over was, als dat minstens $0% van "
    "de kosten was."};
inline constexpr Phrase kShares{
    "Everybody who voted got an equal share of the money, to spend on the plans they chose. A plan "
    "won when the voters who chose it could pay for it together. Each time the plan went first "
    "that was the best buy for its voters.",
    "Iedereen die stemde, kreeg een even groot deel van het geld, om te besteden aan de gekozen "
    "plannen. Een plan won als de kiezers van dat plan het samen konden betalen. Steeds ging het "
    "plan voor dat voor zijn kiezers de beste koop was."};
inline constexpr Phrase kSharesGrew{
    "Money was left over that way, so the shares were made larger little by little, for as long as "
    "the plans together stayed within the budget.",
    "Zo bleef er geld over. Daarom werden de delen stap voor stap groter gemaakt, zolang de "
    "plannen samen binnen het budget bleven."};
inline constexpr Phrase kCompleted{
    "What was left in the end went to plans with the most votes that still fitted.",
    "Wat er aan het eind over was, ging naar de plannen met de meeste stemmen die nog pasten."};
inline constexpr Phrase kLoads{
    "The cost of each plan is carried by the voters who chose it. Each time the plan was taken "
    "that keeps the heaviest load of a voter as light as possible. At the first plan that did not "
    "fit, the count stopped.",
    "De kosten van een plan worden gedragen door de kiezers die het kozen. Steeds werd het plan "
    "genomen waarbij de zwaarste last van een kiezer zo licht mogelijk blijft. Bij het eerste plan "
    "dat niet paste, stopte de telling."};
inline constexpr Phrase kThreshold{"Only plans with at least $0 took part.",
                                   "Alleen plannen met minstens $0 deden mee."};
inline constexpr Phrase kPots{"Every category had money of its own: $0.",
                              "Elke categorie had een eigen pot met geld: $0."};
inline constexpr Phrase kExclusive{
    "Of plans that get in each other's way only one could win.",
    "Van plannen die elkaar in de weg zitten, kon er maar één winnen."};
inline constexpr Phrase kWeights{"Some ballots counted more than once: $0.",
                                 "Sommige stemmen telden vaker mee: $0."};
inline constexpr Phrase kTieOrder{
    "Of plans that were exactly as good the one went first $0.",
    "Van plannen die precies even goed waren, ging het plan voor $0."};
inline constexpr Phrase kTieSupport{"with more $0", "met meer $0"};
inline constexpr Phrase kTieCost{"that costs less", "dat minder kost"};
inline constexpr Phrase kTieNumber{"with the lower number", "met het laagste nummer"};
inline constexpr Phrase kTieLot{"that was drawn first", "dat het eerst werd geloot"};
inline constexpr Phrase kThen{", then the one ", ", dan het plan "};
inline constexpr Phrase kEndowment{"Everybody could spend", "Iedere kiezer had te besteden"};
inline constexpr Phrase kEndowmentOfPot{"In $0 everybody could spend",
                                        "In $0 had iedere kiezer te besteden"};

// A plan.
inline constexpr Phrase kFunded{"Funded", "Toegekend"};
inline constexpr Phrase kPartly{"Partly funded", "Deels toegekend"};
inline constexpr Phrase kNotFunded{"Not funded", "Niet toegekend"};
inline constexpr Phrase kPlan{"Plan $0", "Plan $0"};
inline constexpr Phrase kGets{"Gets", "Krijgt"};
inline constexpr Phrase kCosts{"Costs", "Kost"};
inline constexpr Phrase kOf{"of ", "van "};
inline constexpr Phrase kAllOfIt{"all it asked for", "alles wat het vroeg"};
inline constexpr Phrase kVotes{"Votes", "Stemmen"};
inline constexpr Phrase kPoints{"Points", "Punten"};
inline constexpr Phrase kManyVotes{"votes", "stemmen"};
inline constexpr Phrase kManyPoints{"points", "punten"};
inline constexpr Phrase kOneVote{"1 vote", "1 stem"};
inline constexpr Phrase kOnePoint{"1 point", "1 punt"};
inline constexpr Phrase kShareOfVoters{"$0% of the voters", "$0% van de kiezers"};
inline constexpr Phrase kCategory{"Category: $0", "Categorie: $0"};

// Groups of voters.
inline constexpr Phrase kGroupsShares{
    "The money counts for those who paid for a plan out of their share.",
    "Het geld telt mee voor wie er uit het eigen deel aan meebetaalde."};
inline constexpr Phrase kGroupsSupporters{
    "The money of a plan counts in equal parts for everybody who chose it.",
    "Het geld van een plan telt in gelijke delen mee voor iedereen die het koos."};
inline constexpr Phrase kGroupsSmall{
    "Groups of fewer than $0 voters are not shown alone, so that nobody can be recognised.",
    "Groepen van minder dan $0 kiezers staan er niet apart in, zodat niemand te herkennen is."};
inline constexpr Phrase kAge{"By age", "Naar leeftijd"};
inline constexpr Phrase kSex{"By sex", "Naar geslacht"};
inline constexpr Phrase kVotingMethod{"By way of voting", "Naar manier van stemmen"};
inline constexpr Phrase kNeighborhood{"By neighbourhood", "Naar buurt"};
inline constexpr Phrase kGroup{"Group", "Groep"};
inline constexpr Phrase kGroupBallots{"Ballots", "Stemmen"};
inline constexpr Phrase kGroupMoney{"Money", "Geld"};
inline constexpr Phrase kGroupSatisfied{"Got at least one plan", "Kreeg minstens één plan"};
inline constexpr Phrase kGroupAverage{"Plans per voter", "Plannen per kiezer"};
inline constexpr Phrase kUnknown{"Unknown", "Onbekend"};
inline constexpr Phrase kOther{"Other", "Overig"};
inline constexpr Phrase kAll{"Everybody", "Iedereen"};
inline constexpr Phrase kNobody{"$0 went to plans that nobody chose.",
                                "$0 ging naar plannen die niemand koos."};
// Words of the files that everybody should understand.
inline constexpr std::pair<absl::string_view, Phrase> kFileWords[] = {
    {"F", {"Women", "Vrouwen"}},        {"M", {"Men", "Mannen"}},
    {"K", {"Women", "Vrouwen"}},        {"O", {"Another answer", "Anders"}},
    {"internet", {"Online", "Online"}}, {"paper", {"On paper", "Op papier"}},
};

// Ties and steps.
inline constexpr Phrase kTie{"Step $0: plan $1 was exactly as good as $2, and went first: $3.",
                             "Stap $0: plan $1 was precies even goed als $2, en ging voor: $3."};
inline constexpr Phrase kTiePlans{"plan $0", "plan $0"};
inline constexpr Phrase kAnd{" and ", " en "};
inline constexpr Phrase kBySupport{"more people wanted it", "meer mensen wilden het"};
inline constexpr Phrase kByCost{"it costs less", "het kost minder"};
inline constexpr Phrase kByNumber{"it has the lower number", "het heeft het laagste nummer"};
inline constexpr Phrase kByLot{"the lot fell that way", "het lot viel zo"};
inline constexpr Phrase kStepsOpen{"Show all $0 steps", "Toon alle $0 stappen"};
inline constexpr Phrase kStepsOne{"Show the only step", "Toon de enige stap"};
inline constexpr Phrase kTried{
    "$0 sizes of the share were tried; the last that fitted counts.",
    "$0 groottes van het deel zijn geprobeerd; de laatste die paste, telt."};
inline constexpr Phrase kStepTakes{" gets ", " krijgt "};
inline constexpr Phrase kStepLeft{"; after that ", "; daarna is er "};
inline constexpr Phrase kStepLeftEnd{" is left.", " over."};
inline constexpr Phrase kStepShare{" Everybody who chose it pays ", " Wie het koos, betaalt elk "};
inline constexpr Phrase kStepShareEnd{", or all they had left.", ", of alles wat er nog over was."};
inline constexpr Phrase kStepPoint{" Its voters pay ", " De kiezers betalen "};
inline constexpr Phrase kStepPointEnd{
    " for every point they gave it, or all they had left.",
    " voor elk punt dat zij gaven, of alles wat er nog over was."};
inline constexpr Phrase kStepLoad{" The load of everybody who chose it is now ",
                                  " De last van wie het koos is nu "};

// The foot.
inline constexpr Phrase kFile{"File", "Bestand"};
inline constexpr Phrase kRule{"Rule", "Regel"};
inline constexpr Phrase kExact{
    "Amounts on this page are rounded to cents; they were counted as exact fractions.",
    "Bedragen op deze pagina zijn afgerond op centen; geteld is met precieze breuken."};
inline constexpr Phrase kAgainHow{
    "Anybody with this file and the program Smederij gets the same result with:",
    "Wie dit bestand en het programma Smederij heeft, krijgt dezelfde uitslag met:"};

}  // namespace smederij::cli::words
