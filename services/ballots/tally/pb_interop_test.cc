// Real files go through the writer and come out as they were.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb_export.h"
#include "services/ballots/tally/testing/shared_data.h"

namespace smederij::ballots::tally {
namespace {

std::map<std::string, std::string> RealFiles(const std::filesystem::path& data) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(data / "pabulib")) {
    files.emplace(entry.path().filename().string(), ReadAll(entry.path()));
  }
  return files;
}

// The files of which a byte changes, and why.
const std::map<std::string, std::vector<std::string>>& Changed() {
  static const auto& changed = *new std::map<std::string, std::vector<std::string>>({
      {"Hungary_Budapest_2025_VIII_Jozsefvaros.pb", {2, "blanks around cells are left out"}},
      {"Poland_Czestochowa_2020_Grabowka.pb",
       {"text after a closing quote is written inside the quotes"}},
      {"Poland_Poznan_2024_4_-_Gluszyna_Krzesiny-Pokrzywno-Garaszewo_Staroleka-Minikowo_"
       "Szczepankowo-Splawie-Krzesinki__small.pb",
       {"1 of 3326 line ends are not like most and are written alike"}},
  });
  return changed;
}

TEST(RealFiles, AreWrittenByteForByteOrTellWhyNot) {
  SMEDERIJ_NEEDS_SHARED(data);
  std::map<std::string, std::vector<std::string>> changed;
  for (const auto& [name, text] : RealFiles(*data)) {
    SCOPED_TRACE(name);
    const absl::StatusOr<PbDocument> document = ParsePbDocument(text);
    ASSERT_TRUE(document.ok()) << document.status();
    const absl::StatusOr<std::string> written = WritePb(*document);
    ASSERT_TRUE(written.ok()) << written.status();
    const absl::StatusOr<PbDocument> again = ParsePbDocument(*written);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->meta, document->meta);
    EXPECT_EQ(again->projects, document->projects);
    EXPECT_EQ(again->votes, document->votes);
    EXPECT_EQ(*written == text, document->changes.empty());
    for (const PbWarning& change : document->changes) changed[name].push_back(change.text);
  }
  EXPECT_EQ(changed, Changed());
}

// "id: votes score" of a row.
std::string ColumnsOf(const PbDocument& document, size_t row) {
  const PbSheet& projects = document.projects;
  return absl::StrCat(projects.Cell(row, projects.Column("project_id")), ": ",
                      projects.Cell(row, projects.Column("votes")), " ",
                      projects.Cell(row, projects.Column("score")));
}

TEST(RealFiles, GetTheColumnsThatTheirCitiesPublished) {
  SMEDERIJ_NEEDS_SHARED(data);
  for (const auto& [name, text] : RealFiles(*data)) {
    SCOPED_TRACE(name);
    const absl::StatusOr<PbFile> file = ReadPb(text);
    const absl::StatusOr<PbDocument> before = ParsePbDocument(text);
    ASSERT_TRUE(file.ok() && before.ok());
    const std::optional<Rule> rule = OfficialRule(*file);
    if (!rule || file->repeated_choices > 0) continue;
    const absl::StatusOr<Outcome> outcome = Count(file->election, *rule);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    const absl::StatusOr<PbDocument> after = WithOutcome(*before, file->election, *rule, *outcome);
    ASSERT_TRUE(after.ok()) << after.status();
    for (size_t row = 0; row < before->projects.rows.size(); ++row) {
      EXPECT_EQ(ColumnsOf(*after, row), ColumnsOf(*before, row));
    }
    EXPECT_EQ(after->votes, before->votes);
    // Which plans exclude each other no file says, so that is not what was counted.
    const bool exclusive = before->Meta("rule") == "greedy-exclusive";
    EXPECT_EQ(std::string(after->Meta("rule")),
              exclusive ? "greedy" : std::string(before->Meta("rule")));
  }
}

}  // namespace
}  // namespace smederij::ballots::tally
