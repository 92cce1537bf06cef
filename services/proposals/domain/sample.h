#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/proposals/domain/next.h"
#include "services/proposals/domain/round.h"

// Values that tests start from. Linked by no binary.
namespace smederij::proposals {

inline absl::Time Hour(int64_t hours) {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 1), absl::UTCTimeZone()) + absl::Hours(hours);
}

template <class AnyId>
AnyId Named(absl::string_view name) {
  return AnyId(Uuid::Derived(Uuid(), name));
}

// Freeze at hour 10, credentials from 20 to 40, ballots from 30 to 50, answers until 60.
inline Instants SampleInstants() {
  return {.freeze_at = Hour(10),
          .issue_from = Hour(20),
          .issue_until = Hour(40),
          .cast_from = Hour(30),
          .cast_until = Hour(50),
          .reference_date = absl::CivilDay(2026, 3, 1),
          .answer_until = Hour(60)};
}

inline Round SampleRound() {
  Round round;
  round.id = Named<RoundId>("round");
  round.municipality = Named<MunicipalityId>("municipality");
  round.district = Named<DistrictId>("district");
  round.title = "Noordveld 2026";
  round.year = 2026;
  round.charter = {.id = Named<CharterId>("charter"),
                   .criteria = {"open-to-all", "feasible"},
                   .plan_cost_max = Money::Cents(2'500'00)};
  round.instants = SampleInstants();
  round.pots = {{Named<BudgetId>("general"), Money::Cents(10'000'00)},
                {Named<BudgetId>("corporation"), Money::Cents(2'000'00)}};
  return round;
}

}  // namespace smederij::proposals
