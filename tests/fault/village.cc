#include "tests/fault/village.h"

#include "absl/strings/str_cat.h"
#include "services/cli/play/prepare.h"

namespace smederij::e2e {

std::string NewId() { return Uuid::Random().ToString(); }

registry::v1::Charter Village::Rules() {
  registry::v1::Charter charter;
  registry::v1::VotingClass& everybody = *charter.add_classes();
  everybody.set_class_id(1);
  everybody.set_name("everybody");
  everybody.set_age_to(120);
  everybody.set_weight(1);
  charter.mutable_ballot_rule()->set_kind(registry::v1::BallotRule::KIND_APPROVAL);
  charter.mutable_count_rule()->set_rule("greedy_votes");
  charter.set_k_min(20);
  return charter;
}

std::string Village::SubjectOf(int resident) { return absl::StrCat("resident:", resident); }

Village::Village(Town& town, int residents, absl::Duration patience)
    : town_(town), patience_(patience) {
  services_ = Must(cli::OpenDeployment({.registry = town.address("registry"),
                                        .proposals = town.address("proposals"),
                                        .ballots = town.address("ballots"),
                                        .ledger = town.address("ledger"),
                                        .authority = town.key("ca.pem"),
                                        .patience = patience}));
  tokens_ = Must(cli::Tokens::Open(town.key("identity.key"), "development", services_->registry));
  cli::Script script;
  script.district_slug = "noordveld";
  script.district_name = "Noordveld";
  script.postcode = "9999";
  script.reference_date = "2026-01-01";
  script.charter = Rules();
  for (int i = 0; i < residents; ++i) {
    script.residents.push_back({.subject = SubjectOf(i),
                                .birth_date = "1980-05-05",
                                .name = absl::StrCat("Voter <", i, ">"),
                                .postcode = kStreets[static_cast<size_t>(i) % kStreets.size()]});
  }
  cli::Stage stage{.deployment = *services_,
                   .tokens = *tokens_,
                   .script = script,
                   .title = "",
                   .play = Uuid::Random(),
                   .voters_secret = "",
                   .tell = [](absl::string_view) {},
                   .municipality_id = "",
                   .district_id = "",
                   .charter_id = "",
                   .budget_id = "",
                   .round_id = ""};
  const absl::Status settled = cli::SetUpDistrict(stage);
  if (!settled.ok()) fprintf(stderr, "%s\n", settled.ToString().c_str());
  CHECK(settled.ok());
  municipality_ = stage.municipality_id;
  district_ = stage.district_id;
}

rpc::Peer Village::PeerOf(const std::string& service) const {
  return Must(rpc::Peer::Open(town_.address(service), {.certificate = town_.key("proposals.pem"),
                                                       .key = town_.key("proposals.key"),
                                                       .authority = town_.key("ca.pem")}));
}

}  // namespace smederij::e2e
