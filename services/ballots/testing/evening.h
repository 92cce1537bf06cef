#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ballots/domain/paper.h"
#include "services/ballots/testing/polling_place.h"
#include "smederij/ballots/v1/paper.grpc.pb.h"

// An evening in the village hall, met through a channel.
namespace smederij::ballots::testing {

using PaperStub = v1::PaperService::Stub;

inline v1::PaperBallot Chosen(uint32_t serial, const std::vector<uint32_t>& numbers) {
  v1::PaperBallot ballot;
  ballot.set_serial(serial);
  for (const uint32_t number : numbers) ballot.mutable_choice()->add_lines()->set_number(number);
  return ballot;
}
inline v1::PaperBallot Blank(uint32_t serial) {
  v1::PaperBallot ballot;
  ballot.set_serial(serial);
  ballot.set_blank(true);
  return ballot;
}
inline v1::PaperBallot Invalid(uint32_t serial) {
  v1::PaperBallot ballot;
  ballot.set_serial(serial);
  ballot.set_invalid(v1::INVALID_REASON_UNREADABLE);
  return ballot;
}
// Papers 1, 2, … as they read; an empty choice is blank.
inline std::vector<v1::PaperBallot> Stack(const std::vector<std::vector<uint32_t>>& choices) {
  std::vector<v1::PaperBallot> stack;
  for (const std::vector<uint32_t>& numbers : choices) {
    const auto serial = static_cast<uint32_t>(stack.size() + 1);
    stack.push_back(numbers.empty() ? Blank(serial) : Chosen(serial, numbers));
  }
  return stack;
}

inline void AddStations(v1::Manifest& manifest, const std::vector<uint32_t>& numbers) {
  for (const uint32_t number : numbers) {
    v1::ManifestStation& station = *manifest.add_stations();
    station.set_number(number);
    station.set_name(absl::StrCat("Dorpshuis ", number));
  }
}

class Evening {
 public:
  Evening(PollingPlace& place, Replica& replica) : place_(place), replica_(replica) {}

  absl::StatusOr<v1::Batch> Open(uint32_t class_id, uint32_t station, uint32_t ballots,
                                 const std::string& supersedes = "",
                                 const std::string& batch_id = Uuid::Random().ToString(),
                                 int official = 0) {
    auto request = New<v1::OpenBatchRequest>(batch_id);
    request.set_class_id(class_id);
    request.set_station(station);
    request.set_ballots(ballots);
    request.set_supersedes_batch_id(supersedes);
    return Ask(&PaperStub::OpenBatch, request, official);
  }
  absl::StatusOr<v1::Batch> Enter(int official, const std::string& batch,
                                  const std::vector<v1::PaperBallot>& ballots) {
    auto request = New<v1::EnterBallotsRequest>(batch);
    for (const v1::PaperBallot& ballot : ballots) *request.add_ballots() = ballot;
    return Ask(&PaperStub::EnterBallots, request, official);
  }
  absl::StatusOr<v1::Batch> Finish(int official, const std::string& batch) {
    return Ask(&PaperStub::FinishPass, New<v1::FinishPassRequest>(batch), official);
  }
  absl::StatusOr<v1::Batch> Seal(int official, const std::string& batch) {
    return Ask(&PaperStub::SealBatch, New<v1::SealBatchRequest>(batch), official);
  }
  absl::StatusOr<v1::Batch> Discard(int official, const std::string& batch) {
    return Ask(&PaperStub::DiscardBatch, New<v1::DiscardBatchRequest>(batch), official);
  }
  absl::StatusOr<v1::Pass> OwnPass(int official, const std::string& batch) {
    v1::GetOwnPassRequest request;
    request.set_round_id(place_.round().ToString());
    request.set_batch_id(batch);
    return Ask(&PaperStub::GetOwnPass, request, official);
  }
  absl::StatusOr<v1::BatchComparison> Compare(int official, const std::string& batch) {
    v1::CompareBatchRequest request;
    request.set_round_id(place_.round().ToString());
    request.set_batch_id(batch);
    return Ask(&PaperStub::CompareBatch, request, official);
  }
  absl::StatusOr<v1::StationState> CloseStation(int official, uint32_t station,
                                                const std::string& reason = "") {
    v1::CloseStationRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_round_id(place_.round().ToString());
    request.set_station(station);
    request.set_reason(reason);
    return Ask(&PaperStub::CloseStation, request, official);
  }
  absl::StatusOr<v1::Evening> Stations(int official = 0) {
    v1::GetEveningRequest request;
    request.set_round_id(place_.round().ToString());
    return Ask(&PaperStub::GetEvening, request, official);
  }

  // A batch that officials 0 and 1 enter alike. Dies on refusal.
  v1::Batch Match(uint32_t class_id, uint32_t station, const std::vector<v1::PaperBallot>& stack,
                  const std::string& supersedes = "") {
    const auto opened = Open(class_id, station, static_cast<uint32_t>(stack.size()), supersedes);
    EXPECT_TRUE(opened.ok()) << opened.status();
    absl::StatusOr<v1::Batch> batch = opened;
    for (const int official : {0, 1}) {
      EXPECT_TRUE(Enter(official, opened->batch_id(), stack).ok());
      batch = Finish(official, opened->batch_id());
      EXPECT_TRUE(batch.ok()) << batch.status();
    }
    EXPECT_EQ(batch->state(), v1::Batch::STATE_MATCHED);
    return *batch;
  }
  v1::Batch SealByTwo(const std::string& batch) {
    EXPECT_TRUE(Seal(0, batch).ok());
    const auto sealed = Seal(1, batch);
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    EXPECT_EQ(sealed->state(), v1::Batch::STATE_SEALED);
    return *sealed;
  }
  void CloseByTwo(uint32_t station, const std::string& reason = "") {
    EXPECT_TRUE(CloseStation(0, station, reason).ok());
    const auto closed = CloseStation(1, station, reason);
    EXPECT_TRUE(closed.ok()) << closed.status();
    EXPECT_TRUE(closed->closed());
  }

  template <class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (PaperStub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request, int official) {
    return replica_.server->Ask(method, request, place_.Official(replica_, official));
  }
  template <class Req>
  Req New(const std::string& batch) {
    Req request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_round_id(place_.round().ToString());
    request.set_batch_id(batch);
    return request;
  }

 private:
  PollingPlace& place_;
  Replica& replica_;
};

}  // namespace smederij::ballots::testing
