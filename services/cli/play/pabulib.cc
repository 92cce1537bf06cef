#include "services/cli/play/pabulib.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/money.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/cli/files/pabulib_file.h"
#include "services/cli/play/pabulib_charter.h"
#include "services/cli/play/plain_text.h"

namespace smederij::cli {
namespace {

namespace tally = ballots::tally;

constexpr int kAgeMax = 120;  // The oldest its one class may be.
// What the ledger keeps books in.
constexpr std::array<absl::string_view, 16> kCurrencies = {"AWG", "BRL", "CAD", "CHF", "CZK", "DKK",
                                                           "EUR", "GBP", "HUF", "NOK", "PLN", "RON",
                                                           "SEK", "UAH", "USD", "XCG"};
constexpr size_t kTitleCharacters = 110;
constexpr size_t kTitleBytes = 190;
constexpr size_t kTextCharacters = 4'000;
constexpr size_t kTextBytes = 16'000;
constexpr size_t kSlugBytes = 50;  // Before the eight of the content hash.

absl::StatusOr<int64_t> WholeCents(const tally::Rational& amount, const std::string& field) {
  const tally::Rational cents = amount * 100;
  if (cents.get_den() == 1 && cents >= 1 && cents <= Money::kCentsMax) {
    return cents.get_num().get_si();
  }
  return Error(kInvalidArgument, "COST_NOT_IN_CENTS",
               "amounts are played in whole cents, from one cent up")
      .With("amount", tally::ToText(amount))
      .At(field, "is no whole number of cents that can be played");
}

std::string CountOf(size_t count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

// A file on its way to becoming a script.
class Maker {
 public:
  Maker(std::string stem, crypto::Hash content, const tally::PbFile& file, int year)
      : stem_(std::move(stem)), content_(content), file_(file), year_(year) {}

  absl::StatusOr<Script> Make() && {
    if (file_.voters.empty()) {
      return Error(kFailedPrecondition, "NOBODY_VOTED", "a file without ballots cannot be played");
    }
    Place();
    RETURN_IF_ERROR(AddPlans());
    AddResidents();
    AddBallots();
    script_.charter = PabulibCharter(file_, script_.ballots, script_.notes);
    AddOfficial();
    for (const tally::PbWarning& warning : file_.warnings) {
      script_.notes.push_back(absl::StrCat(
          "the file, ", warning.line > 0 ? absl::StrCat("line ", warning.line, ", ") : "",
          warning.field, ": ", warning.text));
      if (script_.notes.size() >= kNotesMax) break;
    }
    return std::move(script_);
  }

 private:
  static constexpr size_t kNotesMax = 30;

  // Where the election is held: the file's own place, and made-up ones for what files do not tell.
  void Place() {
    script_.district_slug = Slug();
    std::string name = std::string(file_.Meta("unit"));
    for (const absl::string_view key : {"district", "subunit", "instance"}) {
      const absl::string_view part = file_.Meta(key);
      if (!part.empty() && part != file_.Meta("unit")) absl::StrAppend(&name, " ", part);
    }
    script_.district_name = PlainLine(name.empty() ? stem_ : name, 80, 140);
    if (script_.district_name.empty()) script_.district_name = script_.district_slug;
    // Of the slug: two districts cannot share one, not even two names of one file.
    const crypto::Hash drawn = crypto::Sha256({script_.district_slug});
    const auto letter = [&drawn](size_t i) { return static_cast<char>('A' + drawn[i] % 26); };
    const int digits = 1000 + (drawn[8] * 256 + drawn[9]) % 9000;
    script_.postcode = absl::StrFormat("%d %c%c", digits, letter(10), letter(11));
    script_.reference_date = absl::StrFormat("%04d-01-01", year_);
    const absl::string_view currency = file_.Meta("currency");
    if (std::find(kCurrencies.begin(), kCurrencies.end(), currency) != kCurrencies.end()) {
      script_.currency = std::string(currency);
    } else {
      script_.notes.push_back(absl::StrCat("the books are kept in EUR: every ",
                                           currency.empty() ? "unit" : currency, " stands as one"));
    }
    script_.notes.push_back(
        absl::StrCat("the postcode ", script_.postcode, " is made up; Pabulib files have none"));
  }

  // Letters and digits of the file's name, and a piece of the hash of its content: two versions of
  // a file are two districts.
  std::string Slug() const {
    std::string slug;
    for (const char c : stem_) {
      if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
        slug.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
      } else if (!slug.empty() && slug.back() != '-') {
        slug.push_back('-');
      }
    }
    slug.resize(std::min(slug.size(), kSlugBytes));
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    const std::string hash = crypto::ToHex(content_).substr(0, 8);
    return slug.empty() ? absl::StrCat("pb-", hash) : absl::StrCat(slug, "-", hash);
  }

  absl::Status AddPlans() {
    const std::vector<tally::Plan>& plans = file_.election.plans;
    ASSIGN_OR_RETURN(script_.pot_cents, WholeCents(file_.election.budget, "budget"));
    // Numbers follow the ids' order, so going by number keeps what breaks ties.
    std::vector<size_t> order(plans.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(),
              [&plans](size_t a, size_t b) { return plans[a].number < plans[b].number; });
    played_.assign(plans.size(), kNotPlayed);
    size_t untitled = 0;
    for (const size_t i : order) {
      if (plans[i].withdrawn) continue;
      ScriptPlan plan;
      plan.id = plans[i].id;
      plan.title = PlainLine(file_.plans[i].name, kTitleCharacters, kTitleBytes);
      if (plan.title.empty()) {
        plan.title = absl::StrCat("Project ", PlainLine(plan.id, 40, 100));
        ++untitled;
      }
      plan.text = PlainLine(file_.plans[i].name, kTextCharacters, kTextBytes);
      if (plan.text.empty()) plan.text = plan.title;
      ASSIGN_OR_RETURN(plan.cost_cents,
                       WholeCents(plans[i].cost, absl::StrCat("project ", plans[i].id, ", cost")));
      plan.author = script_.plans.size() % file_.voters.size();
      played_[i] = script_.plans.size();
      script_.plans.push_back(std::move(plan));
    }
    if (untitled > 0) {
      script_.notes.push_back(absl::StrCat(CountOf(untitled, "project has", "projects have"),
                                           " no name; its id is used"));
    }
    if (script_.plans.size() < plans.size()) {
      script_.notes.push_back(
          absl::StrCat(CountOf(plans.size() - script_.plans.size(), "withdrawn project was",
                               "withdrawn projects were"),
                       " left out, also of the ballots"));
    }
    script_.notes.push_back("who proposed a project is made up: its author is one of the voters");
    return absl::OkStatus();
  }

  void AddResidents() {
    size_t invented = 0, capped = 0;
    for (size_t i = 0; i < file_.voters.size(); ++i) {
      int age = 18 + static_cast<int>(i * 7 % 60);
      if (const std::optional<int> told = file_.voters[i].age; told && *told >= 0) {
        age = std::min(*told, kAgeMax);
        capped += *told > kAgeMax ? 1 : 0;
      } else {
        ++invented;
      }
      // Half a year past the birthday on the first of January.
      script_.residents.push_back(
          {.subject = absl::StrCat("voter:", script_.district_slug, ":", i + 1),
           .birth_date = absl::StrFormat("%04d-07-01", year_ - age - 1)});
    }
    if (invented > 0) {
      script_.notes.push_back(absl::StrCat("birth dates of ", CountOf(invented, "voter", "voters"),
                                           " are made up: the file has no age"));
    }
    if (invented < file_.voters.size()) {
      script_.notes.push_back("birth dates are made up from ages: of the year a date is not told");
    }
    if (capped > 0) {
      script_.notes.push_back(absl::StrCat(CountOf(capped, "voter", "voters"), " older than ",
                                           kAgeMax, " are taken to be ", kAgeMax));
    }
  }

  void AddBallots() {
    const bool points = file_.election.kind == tally::BallotKind::kPoints;
    size_t pointless = 0;
    std::vector<bool> chosen(script_.plans.size(), false);
    for (size_t i = 0; i < file_.election.ballots.size(); ++i) {
      ScriptBallot ballot{.voter = i, .choices = {}};
      for (const tally::Choice& choice : file_.election.ballots[i].choices) {
        if (points && choice.points == 0) {
          ++pointless;
        } else if (played_[choice.plan] != kNotPlayed) {
          ballot.choices.emplace_back(played_[choice.plan], points ? choice.points : 1);
          chosen[played_[choice.plan]] = true;
        }
      }
      script_.ballots.push_back(std::move(ballot));
    }
    if (std::count(chosen.begin(), chosen.end(), false) > 0) {
      script_.notes.push_back("a project that nobody chose is not considered, even if it fits");
    }
    if (pointless > 0) {
      script_.notes.push_back(absl::StrCat(CountOf(pointless, "choice", "choices"),
                                           " of no points were dropped; they support nothing"));
    }
    if (file_.repeated_choices > 0) {
      script_.notes.push_back(absl::StrCat(
          CountOf(file_.repeated_choices, "choice that repeats", "choices that repeat"),
          " a project on the same ballot ", points ? "was added to its points" : "was dropped"));
    }
  }

  void AddOfficial() {
    const std::vector<tally::Plan>& plans = file_.election.plans;
    std::vector<std::string> official;
    bool told = false;
    for (size_t i = 0; i < plans.size(); ++i) {
      told |= file_.plans[i].selected.has_value();
      if (file_.plans[i].selected == 1) official.push_back(plans[i].id);
    }
    if (!told) return;
    std::sort(official.begin(), official.end());  // By bytes, which is by code points.
    script_.official = std::move(official);
    script_.official_rule_known = tally::OfficialRule(file_).has_value();
  }

  static constexpr size_t kNotPlayed = static_cast<size_t>(-1);

  std::string stem_;
  crypto::Hash content_;
  const tally::PbFile& file_;
  int year_;
  Script script_;
  std::vector<size_t> played_;  // By the file's plans: their place in the script.
};

}  // namespace

absl::StatusOr<Script> PabulibScript(const std::string& path, int year) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(path));
  ASSIGN_OR_RETURN(const tally::PbFile file, tally::ReadPb(bytes, {.keep_voters = true}));
  return Maker(std::filesystem::path(path).stem().string(), crypto::Sha256(bytes), file, year)
      .Make();
}

}  // namespace smederij::cli
