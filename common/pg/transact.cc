#include "common/pg/transact.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/error.h"

namespace smederij::pg {
namespace {

constexpr int kAttemptsMax = 8;
constexpr absl::Duration kPauseMin = absl::Milliseconds(2), kPauseMax = absl::Milliseconds(200);

}  // namespace

absl::Status WrongCount(absl::string_view statement, size_t rows) {
  return absl::InternalError(absl::StrCat(statement, " gave ", rows, " rows where one was meant"));
}

bool Backoff::Next() {
  if (++attempts_ > kAttemptsMax) return false;
  const absl::Duration longest = std::min(kPauseMax, kPauseMin * (int64_t{1} << attempts_));
  absl::BitGen random;
  const absl::Duration pause = longest * absl::Uniform(random, 0.1, 1.0);
  if (absl::Now() + pause >= deadline_) return false;
  absl::SleepFor(pause);
  return true;
}

absl::Status Contention(const absl::Status& last) {
  return Error(kAborted, "CONTENTION",
               absl::StrCat("others changed the same rows at every attempt: ", last.message()))
      .RetryAfter(kPauseMax);
}

absl::Status CheckStatements(Pool& pool, absl::Time deadline,
                             absl::Span<const AnyStatement> statements) {
  std::vector<std::string> wrong;
  for (const AnyStatement& statement : statements) {  // One transaction each: a failure ends it.
    const auto check = [&](Tx& tx) { return tx.Check(statement); };
    const absl::Status status = Transact(pool, {.deadline = deadline}, check);
    if (!status.ok()) wrong.push_back(absl::StrCat(statement.name, ": ", status.message()));
  }
  if (wrong.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrJoin(wrong, "; "));
}

}  // namespace smederij::pg
