#include <algorithm>
#include <utility>

#include "common/base/ranges.h"
#include "services/ballots/api/paper_api.h"
#include "services/ballots/api/paper_convert.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/text.h"

// From sealed batches to a closed station.
namespace smederij::ballots {
namespace {

// What the roll tells of a station beside what is in its box, class by class.
std::vector<StationLine> Beside(std::vector<StationLine> box, const Registry::Desks& desks,
                                uint16_t station) {
  for (StationLine& line : box) {
    const auto at = desks.find({station, line.class_id});
    if (at == desks.end()) continue;
    const uint32_t in_box = line.in_box;
    line = at->second;
    line.in_box = in_box;
  }
  return box;
}

// What differs needs a reason.
absl::Status MustBeExplained(const std::vector<StationLine>& lines, absl::string_view reason) {
  for (const StationLine& line : lines) {
    if (!line.Balances() && reason.empty()) {
      return ReasonRequired(line.class_id, line.expected(), line.in_box);
    }
  }
  return absl::OkStatus();
}

absl::Status MustBeSealed(pg::Tx& tx, RoundId round, uint16_t station) {
  ASSIGN_OR_RETURN(const auto unsealed, GetUnsealed(tx, round));
  std::vector<uint32_t> here;
  for (const auto& [where, number] : unsealed) {
    if (where == station) here.push_back(static_cast<uint32_t>(number));
  }
  if (here.empty()) return absl::OkStatus();
  return BatchesUnsealed(RangesText(here));
}

absl::StatusOr<std::optional<StationClosing>> LastClosing(pg::Tx& tx, RoundId round,
                                                          uint16_t station) {
  ASSIGN_OR_RETURN(auto closings, GetClosings(tx, round));
  for (StationClosing& closing : closings) {
    if (closing.station == station) return std::optional<StationClosing>(std::move(closing));
  }
  return std::optional<StationClosing>();
}

absl::StatusOr<v1::StationState> RenderStation(pg::Tx& tx, const Manifest& manifest,
                                               uint16_t station) {
  ASSIGN_OR_RETURN(auto states, RenderStations(tx, manifest));
  for (v1::StationState& state : states) {
    if (state.station() == station) return std::move(state);
  }
  return StationUnknown(station);
}

}  // namespace

absl::StatusOr<v1::StationState> PaperApi::CloseStation(const rpc::Call& call,
                                                        const v1::CloseStationRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const std::string& reason = request.reason();
  if (!reason.empty() && !IsPlainText(reason, kReasonBytesMax)) return BadReason();
  std::optional<Registry::Desks> desks;
  const auto close = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::StationState> {
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, id, Lock::kUpdate));
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    const Station* const station = manifest.FindStation(request.station());
    if (station == nullptr) return StationUnknown(request.station());
    RETURN_IF_ERROR(MustBe(round, {RoundState::kClosed, RoundState::kTallied}));
    RETURN_IF_ERROR(MustBeSealed(tx, id, station->number));
    if (!desks) return AskRegistryFirst();
    ASSIGN_OR_RETURN(const Boxes boxes, GetBoxes(tx, id));
    const auto box = BoxOf(boxes, station->number, manifest);
    ASSIGN_OR_RETURN(const auto last, LastClosing(tx, id, station->number));
    if (last && last->second && StillHolds(last->lines, box)) return StationClosed(station->number);
    StationClosing closing{.station = station->number,
                           .version = last ? last->version + (last->second ? 1 : 0) : 1,
                           .lines = Beside(box, *desks, station->number),
                           .reason = reason,
                           .first = call.caller.subject,
                           .second = std::nullopt};
    RETURN_IF_ERROR(MustBeExplained(closing.lines, reason));
    // What was signed of other numbers is void: whoever comes now is the first again. And the first
    // may put their reason in other words, as long as nobody has confirmed it.
    const bool waits = last && !last->second && last->lines == closing.lines;
    const bool own = waits && last->first == call.caller.subject;
    if (!waits || (own && last->reason != reason)) {
      RETURN_IF_ERROR(PutWaiting(tx, id, closing));
      return RenderStation(tx, manifest, station->number);
    }
    if (last->reason != reason) return ReasonDiffers();
    RETURN_IF_ERROR(MustBeAnother({last->first}, call.caller.subject));
    RETURN_IF_ERROR(SignClosing(tx, id, *last, call.caller.subject));
    RETURN_IF_ERROR(Grow(tx, id,
                         {StationEvent(id, station->number, last->lines, reason,
                                       {last->first, call.caller.subject})},
                         effects));
    return RenderStation(tx, manifest, station->number);
  };
  auto answer = Write<v1::StationState>(call, "CloseStation", request, close);
  if (answer.status() != AskRegistryFirst()) return answer;
  ASSIGN_OR_RETURN(desks, p_.registry.GetDesks(id, call));
  return Write<v1::StationState>(call, "CloseStation", request, close);
}

absl::StatusOr<v1::Evening> PaperApi::GetEvening(const rpc::Call& call,
                                                 const v1::GetEveningRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Evening> {
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, id, Lock::kNone));
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    ASSIGN_OR_RETURN(auto states, RenderStations(tx, manifest));
    v1::Evening evening;
    for (v1::StationState& state : states) *evening.add_stations() = std::move(state);
    return evening;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, get);
}

}  // namespace smederij::ballots
