#include "services/cli/bundle/fetch.h"

#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/domain/event.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ballots/v1/paper.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ballots::v1;
using ballots::bundle::Contents;
using ballots::bundle::Opening;
using ballots::bundle::PaperOpening;
using Stub = v1::BallotsService::Stub;
using PaperStub = v1::PaperService::Stub;

constexpr int kPage = 500;

absl::Status FetchLeaves(const Endpoint& ballots, const std::string& round_id,
                         std::vector<std::string>& leaves) {
  v1::ListLeavesRequest request;
  request.set_round_id(round_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(v1::ListLeavesResponse page, ballots.Call(&Stub::ListLeaves, request));
    for (std::string& leaf : *page.mutable_leaves()) leaves.push_back(std::move(leaf));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

template <class Req, class Res>
absl::Status FetchOpenings(const Endpoint& ballots, const std::string& round_id,
                           grpc::Status (Stub::*list)(grpc::ClientContext*, const Req&, Res*),
                           const std::string& token, std::vector<Opening>& openings) {
  Req request;
  request.set_round_id(round_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(Res page, ballots.Call(list, request, token));
    for (v1::Opening& opening : *page.mutable_openings()) {
      const auto leaf_hash = crypto::ToArray<32>(opening.leaf_hash());
      if (!leaf_hash) return absl::InternalError("the service gave a leaf hash that is none");
      openings.push_back({.leaf_hash = *leaf_hash,
                          .choice = std::move(*opening.mutable_choice()),
                          .nonce = std::move(*opening.mutable_nonce())});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

template <class Req, class Res>
absl::Status FetchPapers(const Endpoint& ballots, const std::string& round_id,
                         grpc::Status (PaperStub::*list)(grpc::ClientContext*, const Req&, Res*),
                         const std::string& token, std::vector<PaperOpening>& papers) {
  Req request;
  request.set_round_id(round_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(Res page, ballots.Call(list, request, token));
    for (v1::PaperOpening& paper : *page.mutable_openings()) {
      const auto leaf_hash = crypto::ToArray<32>(paper.leaf_hash());
      if (!leaf_hash) return absl::InternalError("the service gave a leaf hash that is none");
      papers.push_back({.leaf_hash = *leaf_hash,
                        .content = std::move(*paper.mutable_content()),
                        .nonce = std::move(*paper.mutable_nonce())});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

bool Certified(const std::vector<std::string>& leaves) {
  if (leaves.empty()) return false;
  const auto event = ballots::ParseEvent(leaves.back());
  return event.ok() && event->kind == ballots::Event::Kind::kTally;
}

}  // namespace

absl::StatusOr<Contents> FetchBundle(const Endpoint& ballots, const std::string& round_id,
                                     const std::string& auditor_token) {
  Contents contents;
  v1::GetResultRequest get_result;
  get_result.set_round_id(round_id);
  ASSIGN_OR_RETURN(v1::Result result, ballots.Call(&Stub::GetResult, get_result));
  contents.result = std::move(*result.mutable_result_bytes());
  v1::GetElectionRequest get_election;
  get_election.set_round_id(round_id);
  ASSIGN_OR_RETURN(v1::Election election, ballots.Call(&Stub::GetElection, get_election));
  contents.checkpoint = std::move(*election.mutable_checkpoint());
  RETURN_IF_ERROR(FetchLeaves(ballots, round_id, contents.leaves));
  if (!Certified(contents.leaves)) {
    return Error(kUnavailable, "CHECKPOINT_BEHIND", "the end of the log is not signed yet")
        .With("leaves", contents.leaves.size());
  }
  RETURN_IF_ERROR(FetchOpenings(ballots, round_id, &Stub::ListOpenings, "", contents.openings));
  RETURN_IF_ERROR(
      FetchPapers(ballots, round_id, &PaperStub::ListPaperOpenings, "", contents.papers));
  if (!auditor_token.empty()) {
    RETURN_IF_ERROR(FetchOpenings(ballots, round_id, &Stub::ListWithheldOpenings, auditor_token,
                                  contents.openings));
    RETURN_IF_ERROR(FetchPapers(ballots, round_id, &PaperStub::ListWithheldPaperOpenings,
                                auditor_token, contents.papers));
  }
  std::sort(contents.openings.begin(), contents.openings.end(),
            [](const Opening& a, const Opening& b) { return a.leaf_hash < b.leaf_hash; });
  std::sort(contents.papers.begin(), contents.papers.end(),
            [](const PaperOpening& a, const PaperOpening& b) { return a.leaf_hash < b.leaf_hash; });
  return contents;
}

}  // namespace smederij::cli
