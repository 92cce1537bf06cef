#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "services/ledger/domain/entry.h"

namespace smederij::ledger {

// What conditional money is for, and until when.
struct Condition {
  std::vector<PlanId> plans;  // For these plans,
  std::string category;       // or for those of a category: one of the two.
  absl::CivilDay deadline;    // The last day on which it may be awarded.

  bool operator==(const Condition&) const = default;
};

// One district, one fund, one fiscal year, one currency.
struct Budget {
  enum class State : int16_t {
    kOpen = 1,
    kCarried =
        2,  // What it had went over to the next year; only its periods are still to be closed.
    kClosed = 3,
  };

  BudgetId id;
  MunicipalityId municipality;
  DistrictId district;
  std::string fund;
  int32_t fiscal_year = 0;
  std::string currency;
  absl::Time opened_at;
  RequestId request;  // Whose effect it is.
  std::string actor;
  State state = State::kOpen;
  std::optional<Condition> condition = {};  // None: for whatever the district decides.
};

// The id follows from what makes a budget one of its kind, so that there cannot be two.
BudgetId IdOfBudget(DistrictId district, absl::string_view fund, int32_t fiscal_year,
                    absl::string_view currency);

// The opening record, as bytes; its SHA-256 is what the first entry is chained to.
std::string CanonicalOpening(const Budget& budget);
Hash OpeningHash(absl::string_view opening);

// A month of a fiscal year. One that is closed takes no entries.
struct Period {
  int16_t no = 0;  // 1 … 12
  absl::CivilDay first, last;
};
std::array<Period, 12> PeriodsOf(int32_t fiscal_year);

// The first day on which anything of a fiscal year may have happened: a council decides, and a
// supplier is found, in the year before at the earliest.
absl::CivilDay EarliestDay(int32_t fiscal_year);

// The period that takes what is recorded on `day`: the month itself, the first one before the year
// begins (a council appropriates in November), the last one after it has ended.
int16_t PeriodFor(int32_t fiscal_year, absl::CivilDay day);

}  // namespace smederij::ledger
