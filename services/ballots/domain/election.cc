#include "services/ballots/domain/election.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "services/ballots/domain/errors.h"

namespace smederij::ballots {

absl::string_view NameOf(RoundState state) {
  switch (state) {
    case RoundState::kProposed:
      return "PROPOSED";
    case RoundState::kPublished:
      return "PUBLISHED";
    case RoundState::kClosed:
      return "CLOSED";
    case RoundState::kTallied:
      return "TALLIED";
    case RoundState::kCertified:
      return "CERTIFIED";
  }
  return "?";
}

absl::Status MustBe(const Round& round, absl::Span<const RoundState> wanted) {
  if (std::find(wanted.begin(), wanted.end(), round.state) != wanted.end()) return absl::OkStatus();
  const auto name = [](std::string* out, RoundState state) {
    out->append(std::string(NameOf(state)));
  };
  return WrongState(NameOf(round.state), absl::StrJoin(wanted, " or ", name));
}

absl::Status MustBeAnother(absl::Span<const SubjectId> officials, SubjectId official) {
  if (std::find(officials.begin(), officials.end(), official) != officials.end()) {
    return SameOfficial();
  }
  return absl::OkStatus();
}

absl::StatusOr<CastOutcome> Decide(const Cast& cast, const Round& round,
                                   const std::optional<CastHead>& head, bool known,
                                   absl::Time now) {
  if (known) return CastOutcome::kRepeated;  // Promised once, promised for ever, also after close.
  if (round.state != RoundState::kPublished || now < round.cast_from || now >= round.cast_until) {
    return NotOpen(NameOf(round.state), absl::FormatTime(round.cast_from, absl::UTCTimeZone()),
                   absl::FormatTime(round.cast_until, absl::UTCTimeZone()));
  }
  RETURN_IF_ERROR(cast.opening);
  if (!head) return CastOutcome::kFirst;
  if (cast.seq <= head->last_seq) return StaleSeq(head->last_seq);
  if (head->casts >= kCastsMax) return TooManyCasts(kCastsMax);
  return CastOutcome::kReplaces;
}

}  // namespace smederij::ballots
