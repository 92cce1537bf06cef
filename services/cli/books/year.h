#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/books/journal.h"
#include "services/cli/remote/deployment.h"

namespace smederij::cli {

// A district's money of one year in one currency, all its budgets together.
struct Year {
  // What was set aside for one round, and what became of it.
  struct Pot {
    std::string title;
    int64_t held = 0, given_back = 0, awarded = 0;

    int64_t left() const { return held - given_back - awarded; }
  };
  // What a source gave, and what became of that but for what is here.
  struct Giver {
    int64_t given = 0;       // This year, less what was corrected.
    int64_t came_over = 0;   // From last year.
    int64_t given_back = 0;  // To it: what lapsed, and money whose condition was not met.
    int64_t went_over = 0;   // To next year.
  };
  // What a plan got out of pots, and on which of its accounts that stands now.
  struct Plan {
    uint32_t number = 0;
    std::string title;
    std::map<std::string, int64_t> awarded;            // By round.
    int64_t came_over = 0;                             // From last year.
    int64_t went_over = 0;                             // To next year.
    int64_t released = 0;                              // Given back: free to decide on again.
    std::map<ledger::v1::AccountKind, int64_t> parts;  // By what it is for.

    int64_t total() const;
  };

  std::string currency;
  std::vector<ledger::v1::Budget> budgets;
  // By source; money that was carried over before that was told by source is nobody's: "".
  std::map<std::string, Giver> givers;
  std::map<std::string, Pot> pots;             // By round.
  std::map<std::string, Plan> plans;           // By plan.
  std::map<std::string, std::string> plan_of;  // Of commitments.
  int64_t available = 0;
  int64_t vat = 0;  // In what was paid and did not come back: what the municipality may reclaim.
  int64_t came_back = 0;  // Of what was paid; it is with plans again, and so in what they hold.

  // Of all givers together.
  Giver all() const;
  int64_t all_in() const { return all().given + all().came_over; }
  // What plans hold, what is still in pots, what went over to next year, what was given back and
  // the rest, which is free, add up to all that came in, whatever went back and forth.
  int64_t in_plans() const;
  int64_t in_pots() const;

  // One entry of a budget of the year.
  void Add(const Journal& journal, const ledger::v1::Entry& entry);
  void Add(const ledger::v1::PlanMoney& money);

 private:
  std::string PlanOf(const ledger::v1::AccountBalance& account) const;
};

struct YearReport {
  std::string district_id, district;
  int32_t year = 0;
  std::vector<Year> currencies;  // Mostly one.
};

// What the services hold of it, as anybody may read it. Titles that are not known are left empty.
// Refusal: YEAR_HAS_NO_BUDGET.
absl::StatusOr<YearReport> ReadYear(const Deployment& deployment, const std::string& district_id,
                                    int32_t year);

}  // namespace smederij::cli
