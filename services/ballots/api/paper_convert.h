#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/ballots/domain/paper_batch.h"
#include "services/ballots/storage/paper_store.h"
#include "smederij/ballots/v1/paper.pb.h"

namespace smederij::ballots {

namespace v1 = smederij::ballots::v1;

// What an officer sent, not yet judged.
std::vector<PaperDraft> FromProto(
    const google::protobuf::RepeatedPtrField<v1::PaperBallot>& ballots);

v1::PaperBallot ToProto(const PaperEntry& entry);

// A batch with what has been done to it.
absl::StatusOr<v1::Batch> RenderBatch(pg::Tx& tx, const PaperBatch& batch);

// Every station of the manifest: what is in its box, and who signed for it.
absl::StatusOr<std::vector<v1::StationState>> RenderStations(pg::Tx& tx, const Manifest& manifest);

// The numbers of stations that are not closed over what their boxes hold now.
absl::StatusOr<std::vector<uint32_t>> OpenStations(pg::Tx& tx, const Manifest& manifest);

// What is in a station's box, class by class as in the manifest; the roll's numbers at zero.
std::vector<StationLine> BoxOf(const Boxes& boxes, uint16_t station, const Manifest& manifest);
// Whether numbers that were signed are those of the box as it is.
bool StillHolds(const std::vector<StationLine>& signed_lines, const std::vector<StationLine>& box);

}  // namespace smederij::ballots
