#include "services/cli/play/play.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "services/cli/play/cast.h"
#include "services/cli/play/finish.h"
#include "services/cli/play/prepare.h"
#include "services/cli/play/spend.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

using proposals::v1::ProposalsService;
using proposals::v1::Round;
using registry::v1::RegistryService;

// The first year from `year_from` on whose round is not done; where the script spends what was
// awarded, also that.
absl::StatusOr<int> YearToPlay(const Deployment& deployment, Tokens& tokens, const Script& script,
                               int year_from) {
  ASSIGN_OR_RETURN(const std::string token, tokens.For(kAdministrator, Audience::kRegistry));
  ASSIGN_OR_RETURN(const auto municipality,
                   deployment.registry.Call(&RegistryService::Stub::GetMunicipality,
                                            registry::v1::GetMunicipalityRequest(), token));
  registry::v1::ListDistrictsRequest list_districts;
  list_districts.set_municipality_id(municipality.municipality_id());
  list_districts.set_page_size(500);
  ASSIGN_OR_RETURN(const auto districts,
                   deployment.registry.Call(&RegistryService::Stub::ListDistricts, list_districts));
  int year = year_from;
  for (const auto& district : districts.districts()) {
    if (district.slug() != script.district_slug) continue;
    proposals::v1::ListRoundsRequest list_rounds;
    list_rounds.set_district_id(district.district_id());
    list_rounds.set_page_size(500);
    ASSIGN_OR_RETURN(const auto rounds,
                     deployment.proposals.Call(&ProposalsService::Stub::ListRounds, list_rounds));
    for (const Round& round : rounds.rounds()) {
      if (round.phase() != Round::PHASE_DONE || round.year() < year) continue;
      bool ended = true;
      if (script.spends && !round.pots().empty()) {
        ASSIGN_OR_RETURN(ended, SpendingEnded(deployment, round.pots(0).budget_id()));
      }
      year = ended ? round.year() + 1 : round.year();
    }
  }
  return year;
}

}  // namespace

int ThisYear() {
  return static_cast<int>(absl::ToCivilYear(absl::Now(), absl::UTCTimeZone()).year());
}

absl::StatusOr<Summary> Play(const Deployment& deployment, Tokens& tokens,
                             const std::function<Script(int year)>& make_script, int year_from,
                             const std::string& voters_secret, std::ostream& progress,
                             std::ostream& out) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const int year,
                   YearToPlay(deployment, tokens, make_script(year_from), year_from));
  const Script script = make_script(year);
  Stage stage{.deployment = deployment,
              .tokens = tokens,
              .script = script,
              .year = year,
              .title = absl::StrCat(script.district_name, " ", year),
              .play = Uuid::Derived(Uuid(), absl::StrCat("play/", script.district_slug, "/", year)),
              .voters_secret = voters_secret,
              .tell = [&progress](absl::string_view line) { progress << line << std::endl; },
              .municipality_id = "",
              .district_id = "",
              .charter_id = "",
              .budget_id = "",
              .round_id = ""};
  for (absl::Status (*act)(Stage&) :
       {&SetUpDistrict, &FillBudget, &PlanRound, &ForgePlans, &ApproveManifest}) {
    RETURN_IF_ERROR(act(stage));
  }
  ASSIGN_OR_RETURN(const VotingTime voting, Vote(stage));
  for (absl::Status (*act)(Stage&) : {&EndVoting, &Certify, &FollowTheMoney, &SpendAwards}) {
    RETURN_IF_ERROR(act(stage));
  }
  ASSIGN_OR_RETURN(Summary summary, Report(stage, voting, out));
  summary.elapsed = absl::Now() - start;
  return summary;
}

}  // namespace smederij::cli
