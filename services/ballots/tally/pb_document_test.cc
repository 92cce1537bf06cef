#include "services/ballots/tally/pb_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "services/ballots/tally/testing/small_pb.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PbDocument MustParse(absl::string_view text) {
  absl::StatusOr<PbDocument> document = ParsePbDocument(text);
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *std::move(document) : PbDocument();
}

std::string MustWrite(const PbDocument& document) {
  const absl::StatusOr<std::string> text = WritePb(document);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

void ExpectSameCells(const PbDocument& one, const PbDocument& other) {
  EXPECT_EQ(one.meta, other.meta);
  EXPECT_EQ(one.projects, other.projects);
  EXPECT_EQ(one.votes, other.votes);
}

std::vector<std::string> ChangesOf(const PbDocument& document) {
  std::vector<std::string> changes;
  for (const PbWarning& change : document.changes) {
    changes.push_back(absl::StrCat(change.line, " ", change.field, ": ", change.text));
  }
  return changes;
}

TEST(PbDocument, KeepsEverySectionColumnAndRow) {
  const PbDocument document = MustParse(kSmallPb);
  EXPECT_THAT(document.meta.header, ElementsAre("key", "value"));
  EXPECT_EQ(document.meta.rows.size(), 4u);
  EXPECT_THAT(document.projects.rows[1], ElementsAre("9", "40", "Pool"));
  EXPECT_THAT(document.votes.rows[0], ElementsAre("v1", "10,9", "30"));
  EXPECT_EQ(document.Meta("budget"), "100");
}

// A good file with `to` in place of `from` is written as it was read.
struct Kept {
  std::string name;
  std::string from;
  std::string to;
};

class PbKept : public testing::TestWithParam<Kept> {};

TEST_P(PbKept, IsWrittenByteForByte) {
  const std::string text = absl::StrReplaceAll(kSmallPb, {{GetParam().from, GetParam().to}});
  const PbDocument document = MustParse(text);
  EXPECT_THAT(ChangesOf(document), IsEmpty());
  EXPECT_EQ(MustWrite(document), text);
}

INSTANTIATE_TEST_SUITE_P(All, PbKept,
                         testing::ValuesIn<Kept>({
                             {"plain", "", ""},
                             {"carriage_returns", "\n", "\r\n"},
                             {"no_last_line_end", "v2;9;\n", "v2;9;"},
                             {"unknown_columns", "cost;name", "cost;latitude"},
                             {"unknown_keys", "num_votes", "experimental;1\nnum_votes"},
                             {"wrong_counts", "num_votes;2", "num_votes;7"},
                             {"short_row", "v2;9;", "v2;9"},
                             {"long_row", "v2;9;", "v2;9;;;"},
                             {"inner_quotes", "Park", "the \"big\" Park"},
                             {"odd_quote", "Park", "5\" Park"},
                             {"doubled_quotes", "Park", "\"the \"\"big\"\" Park\""},
                             {"leading_quote", "Park", "\"\"\"big\"\" Park\""},
                             {"semicolon", "Park", "\"Park; and pool\""},
                             {"newline", "Park", "\"Park\nand pool\""},
                             {"quoted_blanks", "Park", "\"  Park \""},
                             {"invisible", "Park", "\xC2\xA0Park\xE2\x80\x8B"},
                             {"decomposed", "Park", "Cafe\xCC\x81"},
                             {"other_separators", "Park", "a\xE2\x80\xA8z\x0B\x0C\xC2\x85z"},
                         }),
                         [](const auto& tested) { return tested.param.name; });

struct Changed {
  std::string name;
  std::string from;
  std::string to;
  std::string change;
};

class PbChanged : public testing::TestWithParam<Changed> {};

TEST_P(PbChanged, IsToldAndKeepsItsCells) {
  const std::string text = absl::StrReplaceAll(kSmallPb, {{GetParam().from, GetParam().to}});
  const PbDocument document = MustParse(text);
  EXPECT_THAT(ChangesOf(document), ElementsAre(GetParam().change));
  EXPECT_EQ(document.changes_total, 1u);
  const std::string written = MustWrite(document);
  EXPECT_NE(written, text);
  const PbDocument again = MustParse(written);
  ExpectSameCells(again, document);
  EXPECT_THAT(ChangesOf(again), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, PbChanged,
    testing::ValuesIn<Changed>({
        {"byte_order_mark", "META", "\xEF\xBB\xBFMETA", "1 text: the byte order mark is left out"},
        {"section_in_small_letters", "VOTES", "Votes;;",
         "11 row: the section's name is written alone, in capitals"},
        {"blanks", ";Park", "; Park ", "9 row: blanks around cells are left out"},
        {"needless_quotes", ";Park", ";\"Park\"",
         "9 row: quotes are written where a cell needs them"},
        {"text_after_quote", ";Park", ";\"Pa\"rk",
         "9 row: text after a closing quote is written inside the quotes"},
        {"blank_lines", "9;40", "\n \n9;40", "0 lines: 2 blank lines are left out"},
        {"mixed_line_ends", "9;40;Pool\n", "9;40;Pool\r\n",
         "0 lines: 1 of 14 line ends are not like most and are written alike"},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(PbDocument, QuotesAroundInnerQuotesFollowMostRows) {
  const std::string text = absl::StrReplaceAll(
      kSmallPb, {{";Park", ";a \"\"b\"\""}, {";Pool", ";\"c \"\"d\"\"\""}, {";30", ";e \"f\""}});
  const PbDocument document = MustParse(text);
  EXPECT_FALSE(document.quotes_inner);
  EXPECT_THAT(ChangesOf(document),
              ElementsAre("10 row: quotes are written where a cell needs them"));
}

TEST(PbDocument, CellsAndKeysCanBeSet) {
  PbDocument document = MustParse(kSmallPb);
  document.SetMeta("Budget", "250");
  document.SetMeta("comment", "#1: a; b");
  document.RemoveMeta("num_votes");
  document.projects.SetCell(1, document.projects.AddColumn("selected"), "1");
  const PbDocument again = MustParse(MustWrite(document));
  EXPECT_EQ(again.Meta("budget"), "250");
  EXPECT_EQ(again.Meta("comment"), "#1: a; b");
  EXPECT_EQ(again.Meta("num_votes"), "");
  EXPECT_EQ(again.meta.rows.size(), 4u);
  EXPECT_EQ(again.projects.Cell(1, again.projects.Column("SELECTED")), "1");
  EXPECT_EQ(again.projects.Cell(0, again.projects.Column("selected")), "");
}

TEST(PbDocument, FormIsRefusedLikeInReading) {
  const absl::Status refusal =
      ParsePbDocument(absl::StrReplaceAll(kSmallPb, {{"PROJECTS\n", ""}})).status();
  EXPECT_EQ(ReasonOf(refusal), "PB_INVALID");
}

// The row that cannot be written, and what is said.
struct Hopeless {
  std::string name;
  PbSheet::Cells row;
  std::string says;
};

class PbHopeless : public testing::TestWithParam<Hopeless> {};

TEST_P(PbHopeless, IsNotWritten) {
  PbDocument document = MustParse(kSmallPb);
  document.votes.rows[1] = GetParam().row;
  const absl::Status refusal = WritePb(document).status();
  EXPECT_EQ(ReasonOf(refusal), "PB_UNWRITABLE");
  EXPECT_EQ(std::string(refusal.message()), absl::StrCat("VOTES, row 2: ", GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, PbHopeless,
    testing::ValuesIn<Hopeless>({
        {"no_cells", {}, "would be read as a blank line; give it a second column"},
        {"blank", {" \t"}, "would be read as a blank line; give it a second column"},
        {"section",
         {" votes", "", " "},
         "would be read as the name of a section; put something beside \" votes\""},
        {"not_utf8", {"v2", "\xFF"}, "is not UTF-8; convert it first"},
    }),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace smederij::ballots::tally
