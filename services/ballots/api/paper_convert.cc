#include "services/ballots/api/paper_convert.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace smederij::ballots {
namespace {

v1::StationState ToProto(const Station& station, const std::vector<StationLine>& box,
                         const StationClosing* closing) {
  v1::StationState state;
  state.set_station(station.number);
  state.set_name(station.name);
  const bool holds = closing != nullptr && StillHolds(closing->lines, box);
  for (size_t i = 0; i < box.size(); ++i) {
    v1::StationClass& out = *state.add_classes();
    out.set_class_id(box[i].class_id);
    out.set_in_box(box[i].in_box);
    if (!holds) continue;
    out.set_marked(closing->lines[i].marked);
    out.set_spoiled(closing->lines[i].spoiled);
    out.set_taken_home(closing->lines[i].taken_home);
  }
  if (!holds) return state;
  state.set_closed(closing->second.has_value());
  state.set_signatures(closing->second ? 2 : 1);
  state.set_reason(closing->reason);
  return state;
}

}  // namespace

std::vector<PaperDraft> FromProto(
    const google::protobuf::RepeatedPtrField<v1::PaperBallot>& ballots) {
  std::vector<PaperDraft> drafts;
  for (const v1::PaperBallot& ballot : ballots) {
    PaperDraft& draft = drafts.emplace_back();
    draft.serial = ballot.serial();
    switch (ballot.says_case()) {
      case v1::PaperBallot::kChoice:
        draft.says = PaperDraft::Says::kChoice;
        for (const v1::PaperLine& line : ballot.choice().lines()) {
          draft.lines.push_back({.number = line.number(), .points = line.points()});
        }
        break;
      case v1::PaperBallot::kBlank:
        if (ballot.blank()) draft.says = PaperDraft::Says::kBlank;
        break;
      case v1::PaperBallot::kInvalid:
        draft.says = PaperDraft::Says::kInvalid;
        draft.invalid = ballot.invalid();
        break;
      case v1::PaperBallot::SAYS_NOT_SET:
        break;
    }
  }
  return drafts;
}

v1::PaperBallot ToProto(const PaperEntry& entry) {
  v1::PaperBallot ballot;
  ballot.set_serial(entry.serial);
  if (entry.invalid) {
    ballot.set_invalid(static_cast<v1::InvalidReason>(*entry.invalid));
  } else if (entry.choice.blank()) {
    ballot.set_blank(true);
  } else {
    for (const Choice::Line& line : entry.choice.lines) {
      v1::PaperLine& out = *ballot.mutable_choice()->add_lines();
      out.set_number(line.number);
      out.set_points(line.points);
    }
  }
  return ballot;
}

absl::StatusOr<v1::Batch> RenderBatch(pg::Tx& tx, const PaperBatch& batch) {
  ASSIGN_OR_RETURN(const auto passes, GetPasses(tx, batch.round_id, batch.batch_id));
  ASSIGN_OR_RETURN(const auto seals, GetSeals(tx, batch.round_id, batch.batch_id));
  ASSIGN_OR_RETURN(const bool superseded,
                   IsSuperseded(tx, batch.round_id, batch.batch_id, /*sealed=*/true));
  v1::Batch proto;
  proto.set_round_id(batch.round_id.ToString());
  proto.set_batch_id(batch.batch_id.ToString());
  proto.set_number(batch.number);
  proto.set_class_id(batch.class_id);
  proto.set_station(batch.station);
  proto.set_ballots(batch.ballots);
  if (batch.supersedes) proto.set_supersedes_batch_id(batch.supersedes->ToString());
  proto.set_state(static_cast<v1::Batch::State>(batch.state));
  proto.set_passes(static_cast<uint32_t>(passes.size()));
  const auto finished = [](const PaperPass& pass) { return pass.finished; };
  proto.set_passes_finished(
      static_cast<uint32_t>(std::count_if(passes.begin(), passes.end(), finished)));
  proto.set_seals(static_cast<uint32_t>(seals.size()));
  if (batch.state == BatchState::kSealed) proto.set_leaf_hash(crypto::ToBytes(batch.leaf_hash));
  proto.set_superseded(superseded);
  return proto;
}

std::vector<StationLine> BoxOf(const Boxes& boxes, uint16_t station, const Manifest& manifest) {
  std::vector<StationLine> lines;
  for (const VoterClass& c : manifest.classes) {
    const auto at = boxes.find({station, c.class_id});
    StationLine& line = lines.emplace_back();
    line.class_id = c.class_id;
    line.in_box = at == boxes.end() ? 0 : at->second;
  }
  return lines;
}

bool StillHolds(const std::vector<StationLine>& signed_lines, const std::vector<StationLine>& box) {
  const auto same = [](const StationLine& a, const StationLine& b) {
    return a.class_id == b.class_id && a.in_box == b.in_box;
  };
  return std::equal(signed_lines.begin(), signed_lines.end(), box.begin(), box.end(), same);
}

absl::StatusOr<std::vector<v1::StationState>> RenderStations(pg::Tx& tx, const Manifest& manifest) {
  ASSIGN_OR_RETURN(const Boxes boxes, GetBoxes(tx, manifest.round_id));
  ASSIGN_OR_RETURN(const auto closings, GetClosings(tx, manifest.round_id));
  ASSIGN_OR_RETURN(const auto unsealed, GetUnsealed(tx, manifest.round_id));
  std::vector<v1::StationState> states;
  for (const Station& station : manifest.stations) {
    const auto here = [&](const StationClosing& c) { return c.station == station.number; };
    const auto closing = std::find_if(closings.begin(), closings.end(), here);
    states.push_back(ToProto(station, BoxOf(boxes, station.number, manifest),
                             closing == closings.end() ? nullptr : &*closing));
    for (const auto& [where, number] : unsealed) {
      if (where == station.number) states.back().add_unsealed_batches(number);
    }
  }
  return states;
}

absl::StatusOr<std::vector<uint32_t>> OpenStations(pg::Tx& tx, const Manifest& manifest) {
  ASSIGN_OR_RETURN(const auto states, RenderStations(tx, manifest));
  std::vector<uint32_t> open;
  for (const v1::StationState& state : states) {
    if (!state.closed()) open.push_back(state.station());
  }
  return open;
}

}  // namespace smederij::ballots
