#include "common/pg/now.h"

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"

namespace smederij::pg {
namespace {

constexpr Statement<absl::Time()> kNow{"pg.now", "SELECT clock_timestamp()"};
constexpr Statement<absl::CivilDay(std::string)> kDay{
    "pg.day", "SELECT (clock_timestamp() AT TIME ZONE $1)::date"};
constexpr absl::string_view kInvalidParameter = "22023";
constexpr absl::Duration kApartMax = absl::Seconds(2);

}  // namespace

absl::StatusOr<absl::Time> Now(Tx& tx) { return tx.One(kNow); }

absl::Status CheckClock(Pool& pool, absl::Time deadline) {
  const auto measure = [](Tx& tx) -> absl::StatusOr<absl::Duration> {
    const absl::Time before = absl::Now();
    ASSIGN_OR_RETURN(const absl::Time database, Now(tx));
    const absl::Time after = absl::Now();
    // Somewhere between the two the server looked at its clock: only what lies outside counts.
    if (database < before) return before - database;
    if (database > after) return database - after;
    return absl::ZeroDuration();
  };
  ASSIGN_OR_RETURN(const absl::Duration apart,
                   Transact(pool, {.deadline = deadline, .read_only = true}, measure));
  if (apart <= kApartMax) return absl::OkStatus();
  return Error(kFailedPrecondition, "CLOCKS_DISAGREE",
               "the clocks of this host and of the database are more than two seconds apart")
      .With("apart_ms", absl::ToInt64Milliseconds(apart));
}

absl::Status CheckTimeZone(Pool& pool, absl::string_view zone, absl::Time deadline) {
  const auto ask = [&](Tx& tx) { return tx.One(kDay, std::string(zone)).status(); };
  const absl::Status status = Transact(pool, {.deadline = deadline, .read_only = true}, ask);
  if (SqlStateOf(status) != kInvalidParameter) return status;
  return Error(kFailedPrecondition, "NO_TIME_ZONE",
               "the database does not know the time zone by which days are told")
      .With("time_zone", zone);
}

}  // namespace smederij::pg
