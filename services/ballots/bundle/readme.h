#pragma once

#include "absl/strings/string_view.h"

namespace smederij::ballots::bundle {

// README.txt of every bundle: the same text always, and the one file that proves nothing.
inline constexpr absl::string_view kReadme =
    R"(Deze map is een hele stemming / This folder is a whole vote
================================================================

NEDERLANDS

Met deze map kan iedereen natellen wat er is besloten: zonder de gemeente, zonder
internet, met een programma dat u zelf kiest of schrijft.

  smederij verify DEZE_MAP --language nl

  manifest.bin    waarover gestemd is, door wie, en hoe er geteld wordt; vastgelegd
                  door twee ambtenaren voordat het stemmen begon
  checkpoint      de handtekening van de stembus onder het hele logboek
  tile/           het logboek: elke uitgebrachte stem, zonder naam en dichtgeplakt
  openings.jsonl  per getelde stem: wat er op het biljet stond
  paper.jsonl     per stapel stemmen op papier: wat erop stond, opgeteld waar dat kan
  turnout.csv     per groep: wie mocht stemmen, wie een stembiljet ophaalde, hoeveel stemmen
  result.bin      de uitslag, met bij elk plan de reden

Heeft u zelf gestemd? Het bewijs dat uw app bewaart (.tlog-proof) hoort bij dit logboek.
Een groep of stapel die zo klein is dat stemmen te raden zouden zijn, is niet geopend; het programma
zegt dan GEDEELTELIJK. De accountant krijgt een map waarin ook die groep staat.
Vergelijk de sleutel en de code die het programma toont met wat de gemeente op papier
heeft getekend: dat is wat deze map aan uw stemming bindt.

ENGLISH

With this folder anybody can count again what was decided: without the municipality,
without a network, with a program of their own choosing or writing.

  smederij verify THIS_FOLDER

  manifest.bin    what was voted on, by whom, and how it is counted; fixed by two
                  officials before voting began
  checkpoint      the ballot box's signature under the whole log
  tile/           the log: every ballot that was cast, nameless and sealed (C2SP tlog-tiles)
  openings.jsonl  for every counted ballot: what was on it
  paper.jsonl     for every stack of paper ballots: what was on them, in totals where that does
  turnout.csv     per class: who may vote, who fetched a ballot, how many ballots
  result.bin      the result, with a reason for every plan

Did you vote? The proof your app keeps (.tlog-proof) belongs to this log.
A class or stack so small that votes could be guessed is not opened; the program then says PARTIAL.
The auditor gets a folder that holds that class as well.
Compare the key and the hash the program shows with what the municipality signed on paper:
that is what ties this folder to your vote.

The formats, byte by byte: services/ballots/README.md of Smederij.
)";

}  // namespace smederij::ballots::bundle
