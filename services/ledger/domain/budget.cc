#include "services/ledger/domain/budget.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"

namespace smederij::ledger {

BudgetId IdOfBudget(DistrictId district, absl::string_view fund, int32_t fiscal_year,
                    absl::string_view currency) {
  return BudgetId::Derived(district,
                           absl::StrCat("budget/", fund, "/", fiscal_year, "/", currency));
}

std::string CanonicalOpening(const Budget& budget) {
  // Budgets with a condition are of the second version; the others stay as they were.
  CanonicalWriter writer(budget.condition ? "smederij-budget-v2" : "smederij-budget-v1");
  writer.Id(budget.id.uuid());
  writer.Id(budget.municipality.uuid());
  writer.Id(budget.district.uuid());
  writer.Text(budget.fund);
  writer.Number(static_cast<uint16_t>(budget.fiscal_year));
  writer.Text(budget.currency);
  writer.Time(budget.opened_at);
  writer.Id(budget.request.uuid());
  writer.Text(budget.actor);
  if (budget.condition) {
    CHECK(budget.condition->plans.size() <= UINT16_MAX);
    writer.Number(static_cast<uint16_t>(budget.condition->plans.size()));
    for (const PlanId plan : budget.condition->plans) writer.Id(plan.uuid());
    writer.Text(budget.condition->category);
    writer.Text(absl::FormatCivilTime(budget.condition->deadline));
  }
  return std::move(writer).Finish();
}

Hash OpeningHash(absl::string_view opening) { return crypto::Sha256(opening); }

std::array<Period, 12> PeriodsOf(int32_t fiscal_year) {
  std::array<Period, 12> periods;
  for (int month = 1; month <= 12; ++month) {
    const absl::CivilMonth civil(fiscal_year, month);
    periods[static_cast<size_t>(month - 1)] = {.no = static_cast<int16_t>(month),
                                               .first = absl::CivilDay(civil),
                                               .last = absl::CivilDay(civil + 1) - 1};
  }
  return periods;
}

absl::CivilDay EarliestDay(int32_t fiscal_year) { return absl::CivilDay(fiscal_year - 1, 1, 1); }

int16_t PeriodFor(int32_t fiscal_year, absl::CivilDay day) {
  if (day.year() < fiscal_year) return 1;
  if (day.year() > fiscal_year) return 12;
  return static_cast<int16_t>(day.month());
}

}  // namespace smederij::ledger
