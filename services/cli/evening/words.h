#pragma once

#include "services/cli/document/phrase.h"

// What is printed for a polling evening, in both languages.
namespace smederij::cli::words {

inline constexpr Phrase kRollTitle{"Roll of station $0: $1",
                                   "Kiezersregister van stembureau $0: $1"};
inline constexpr Phrase kRollPrinted{
    "Printed $0. $1 voters, of whom $2 are struck through: they vote another way.",
    "Afgedrukt op $0. $1 kiezers, van wie er $2 zijn doorgestreept: zij stemmen anders."};
inline constexpr Phrase kRollHowTo{
    "Check who it is, tick the box, then hand out the paper in the colour of the class. Who is "
    "struck "
    "through gets no paper.",
    "Controleer wie het is, zet een vinkje, geef dan het biljet in de kleur van de groep. Wie is "
    "doorgestreept krijgt geen biljet."};
inline constexpr Phrase kRollSecret{
    "Personal data: keep it in sight, and seal it with the ballots afterwards.",
    "Persoonsgegevens: houd dit in het oog, en verzegel het na afloop bij de stembiljetten."};
inline constexpr Phrase kColumnNumber{"No.", "Nr."};
inline constexpr Phrase kColumnPaper{"Paper given", "Biljet gegeven"};
inline constexpr Phrase kColumnName{"Name", "Naam"};
inline constexpr Phrase kColumnBorn{"Born", "Geboren"};
inline constexpr Phrase kColumnClass{"Class", "Groep"};
inline constexpr Phrase kNameless{"(name not known: ask an official)",
                                  "(naam onbekend: vraag de leiding)"};
inline constexpr Phrase kVotesOnline{"votes online", "stemt online"};
inline constexpr Phrase kHasPaper{"was given paper", "kreeg een biljet"};
inline constexpr Phrase kAtTablet{"votes on the tablet", "stemt op de tablet"};

inline constexpr Phrase kPaperTitle{"Ballot paper: $0", "Stembiljet: $0"};
inline constexpr Phrase kPaperClass{"$0 – for $1, $2 to $3 years old",
                                    "$0 – voor $1, $2 tot en met $3 jaar"};
inline constexpr Phrase kDemonstration{"A demonstration: this binds nobody.",
                                       "Een demonstratie: dit bindt niemand."};
inline constexpr Phrase kHowTo{"How to fill it in", "Zo vult u het in"};
inline constexpr Phrase kApprove{"Put a cross in the box of every plan you choose.",
                                 "Zet een kruisje in het vakje van elk plan dat u kiest."};
inline constexpr Phrase kChooseOne{"Put a cross in the box of one plan, no more.",
                                   "Zet een kruisje in het vakje van één plan, niet meer."};
inline constexpr Phrase kKnapsack{
    "Put a cross in the box of every plan you choose. Together they may cost at most $0.",
    "Zet een kruisje in het vakje van elk plan dat u kiest. Samen mogen ze hoogstens $0 kosten."};
inline constexpr Phrase kRank{
    "Write 1 in the box of the plan you like best, 2 in the next, and so on.",
    "Zet een 1 in het vakje van het beste plan, een 2 in het volgende, enzovoort."};
inline constexpr Phrase kPoints{"Write your points in the boxes: at most $0 in all.",
                                "Zet uw punten in de vakjes: samen hoogstens $0."};
inline constexpr Phrase kPointsEach{"At most $0 points for one plan.",
                                    "Hoogstens $0 punten voor één plan."};
inline constexpr Phrase kLadder{"Use each of these at most once: $0.",
                                "Gebruik elk hiervan hoogstens één keer: $0."};
inline constexpr Phrase kAtLeast{"Choose at least $0 plans.", "Kies minstens $0 plannen."};
inline constexpr Phrase kAtMost{"Choose at most $0 plans.", "Kies hoogstens $0 plannen."};
inline constexpr Phrase kExclusive{"Of plans with the same letter only one can win.",
                                   "Van plannen met dezelfde letter kan er maar één winnen."};
inline constexpr Phrase kBlank{"Leaving everything empty is a vote too: blank.",
                               "Alles leeg laten is ook een stem: blanco."};
inline constexpr Phrase kNoNames{"Write nothing else on this paper, and no name.",
                                 "Schrijf verder niets op dit biljet, ook geen naam."};
inline constexpr Phrase kColumnChoice{"Choice", "Keuze"};
inline constexpr Phrase kColumnPlan{"Plan", "Plan"};
inline constexpr Phrase kColumnCost{"Cost", "Kosten"};

inline constexpr Phrase kColours[] = {{"Yellow", "Geel"}, {"Green", "Groen"},   {"Blue", "Blauw"},
                                      {"Pink", "Roze"},   {"Orange", "Oranje"}, {"Lilac", "Lila"},
                                      {"White", "Wit"}};

}  // namespace smederij::cli::words
