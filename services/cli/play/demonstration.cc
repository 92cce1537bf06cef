#include "services/cli/play/demonstration.h"

#include <array>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace smederij::cli {
namespace {

using registry::v1::BallotRule;

struct Wish {
  const char* id;
  const char* title;
  const char* text;
  int64_t euros;
  int popularity;  // Relative: how often a voter thinks of it first.
};

constexpr std::array<Wish, 7> kWishes = {{
    {"playground", "Natural playground behind the school",
     "Tree trunks, sand and a water pump, built by parents in three Saturdays.", 6200, 30},
    {"bench", "Benches along the canal walk",
     "Four oak benches, one with armrests, every two hundred metres.", 1800, 22},
    {"kitchen", "Kitchen for the village hall",
     "A second-hand kitchen so that people can cook and eat together.", 4500, 18},
    {"hedgehogs", "Hedgehog crossing",
     "Two small tunnels, proposed by group five of the primary school.", 350, 17},
    {"concert", "Open-air concert", "An evening with the brass band and the youth choir.", 2400,
     10},
    {"lights", "Lights on the cycle path", "Eleven solar lights on the dark stretch.", 3900, 9},
    {"drums", "Drums for the samba group", "Six drums; the group plays at every village feast.",
     1250, 6},
}};

constexpr int kResidents = 96;
constexpr int64_t kPotEuros = 12000;

registry::v1::Charter Rules() {
  registry::v1::Charter charter;
  const auto add_class = [&](uint32_t id, const char* name, uint32_t from, uint32_t to) {
    registry::v1::VotingClass& added = *charter.add_classes();
    added.set_class_id(id);
    added.set_name(name);
    added.set_age_from(from);
    added.set_age_to(to);
    added.set_weight(1);
  };
  add_class(1, "children", 4, 11);
  add_class(2, "youth", 12, 17);
  add_class(3, "adults", 18, 120);
  BallotRule& ballot = *charter.mutable_ballot_rule();
  ballot.set_kind(BallotRule::KIND_POINTS);
  ballot.set_choices_max(3);
  ballot.set_points_total_max(6);
  ballot.set_points_per_plan_max(3);
  for (const uint32_t points : {3, 2, 1}) ballot.add_points_ladder(points);
  charter.mutable_count_rule()->set_rule("greedy_points");
  charter.mutable_count_rule()->set_support_min(1);
  const auto add_criterion = [&](const char* id, const char* text) {
    registry::v1::Criterion& added = *charter.add_criteria();
    added.set_criterion_id(id);
    added.set_text(text);
  };
  add_criterion("for-everyone", "Is it open to everybody in the village?");
  add_criterion("own-effort", "Do residents put in work themselves?");
  charter.set_plan_cost_cents_max(800000);
  charter.set_k_min(1);
  return charter;
}

// Three different plans, most wanted first; a few people choose fewer, one in thirty none.
ScriptBallot Vote(size_t voter, std::mt19937& random) {
  ScriptBallot ballot{.voter = voter, .choices = {}};
  std::array<int, kWishes.size()> weight;
  for (size_t i = 0; i < kWishes.size(); ++i) weight[i] = kWishes[i].popularity;
  const auto draw = [&random](int below) {  // Unlike std's distributions, the same everywhere.
    return static_cast<int>(random() % static_cast<uint32_t>(below));
  };
  const int mood = draw(30);
  const uint32_t wanted = mood == 0 ? 0 : mood < 4 ? 2 : 3;
  for (uint32_t place = 0; place < wanted; ++place) {
    int total = 0;
    for (const int w : weight) total += w;
    int at = draw(total);
    size_t plan = 0;
    while (at >= weight[plan]) at -= weight[plan++];
    weight[plan] = 0;
    ballot.choices.emplace_back(plan, 3 - place);
  }
  return ballot;
}

}  // namespace

Script Demonstration(int year) {
  Script script;
  script.district_slug = "noordveld";
  script.district_name = "Noordveld";
  script.postcode = "9999 NV";
  script.reference_date = absl::StrFormat("%04d-01-01", year);
  script.pot_cents = kPotEuros * 100;
  script.charter = Rules();
  script.spends = true;
  std::mt19937 random(static_cast<uint32_t>(year));
  for (int i = 0; i < kResidents; ++i) {
    // From four to eighty-nine, more of the young: they are who the evening is for.
    const int age = i < 20 ? 4 + i % 8 : i < 36 ? 12 + i % 6 : 18 + (i * 7) % 72;
    script.residents.push_back(
        {.subject = absl::StrCat("resident:noordveld-", i),
         .birth_date = absl::StrFormat("%04d-%02d-%02d", 2025 - age, 1 + i % 12, 1 + i % 28)});
    // Two in three come to vote, not the same ones every year.
    if (random() % 3 != 0) script.ballots.push_back(Vote(static_cast<size_t>(i), random));
  }
  for (const Wish& wish : kWishes) {
    script.plans.push_back({.id = wish.id,
                            .title = wish.title,
                            .text = wish.text,
                            .cost_cents = wish.euros * 100,
                            .author = script.plans.size() * 11 % kResidents});
  }
  return script;
}

}  // namespace smederij::cli
