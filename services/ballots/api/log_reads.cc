#include <algorithm>
#include <set>
#include <utility>

#include "services/ballots/api/ballots_api.h"
#include "services/ballots/api/page.h"
#include "services/ballots/api/withheld.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/storage/paper_store.h"
#include "services/ballots/storage/round_store.h"
#include "services/ballots/storage/tally_store.h"

// What anybody may read of a log.
namespace smederij::ballots {
namespace {

constexpr absl::string_view kLeaves = "leaves", kOpenings = "openings", kWithheld = "withheld";

// A ballot as far as the signed log, or whoever made it, may know.
struct Standing {
  v1::StatusResponse response;
  std::optional<uint64_t> index;  // In the signed log.
  SignedHead head;
};

absl::StatusOr<uint32_t> SeqOf(const std::string& leaf_bytes) {
  const absl::StatusOr<BallotLeaf> leaf = ParseLeaf(leaf_bytes);
  if (!leaf.ok()) return BallotNotFound();  // A leaf about the round itself.
  return leaf->seq;
}

// One that is in the signed log: the last of its key there, or replaced there.
absl::Status Place(pg::Tx& tx, RoundId id, const FoundLeaf& found, uint32_t seq,
                   Standing& standing) {
  const BallotLeaf leaf = *ParseLeaf(found.leaf);
  ASSIGN_OR_RETURN(
      const std::vector<FoundLeaf> of_key,
      FindLeavesOfKey(tx, id, leaf.voting_key, static_cast<int64_t>(standing.head.size)));
  uint32_t last_seq = seq;
  for (const FoundLeaf& other : of_key) {
    ASSIGN_OR_RETURN(const uint32_t other_seq, SeqOf(other.leaf));
    last_seq = std::max(last_seq, other_seq);
  }
  standing.index = static_cast<uint64_t>(*found.idx);
  standing.response.set_last_seq(last_seq);
  standing.response.set_state(last_seq > seq ? v1::StatusResponse::STATE_SUPERSEDED
                                             : v1::StatusResponse::STATE_INCLUDED);
  return absl::OkStatus();
}

absl::StatusOr<Standing> StandingOfLeaf(pg::Tx& tx, RoundId id, const Hash& leaf_hash) {
  Standing standing;
  ASSIGN_OR_RETURN(const std::optional<FoundLeaf> found, FindLeaf(tx, id, leaf_hash));
  if (!found) return BallotNotFound();
  ASSIGN_OR_RETURN(const uint32_t seq, SeqOf(found->leaf));
  ASSIGN_OR_RETURN(std::optional<SignedHead> head, GetSignedHead(tx, id));
  standing.head = head ? *std::move(head) : SignedHead();
  standing.response.set_leaf_hash(crypto::ToBytes(leaf_hash));
  if (found->idx && static_cast<uint64_t>(*found->idx) < standing.head.size) {
    RETURN_IF_ERROR(Place(tx, id, *found, seq, standing));
    return standing;
  }
  ASSIGN_OR_RETURN(const uint32_t last_seq, GetLastSeq(tx, id, ParseLeaf(found->leaf)->voting_key));
  standing.response.set_last_seq(std::max(seq, last_seq));
  standing.response.set_state(last_seq > seq ? v1::StatusResponse::STATE_SUPERSEDED
                                             : v1::StatusResponse::STATE_PENDING);
  return standing;
}

absl::StatusOr<Standing> StandingOfKey(pg::Tx& tx, RoundId id, const Hash& voting_key) {
  Standing standing;
  ASSIGN_OR_RETURN(std::optional<SignedHead> head, GetSignedHead(tx, id));
  if (!head) return BallotNotFound();
  standing.head = *std::move(head);
  ASSIGN_OR_RETURN(const std::vector<FoundLeaf> of_key,
                   FindLeavesOfKey(tx, id, voting_key, static_cast<int64_t>(standing.head.size)));
  uint32_t last_seq = 0;
  for (const FoundLeaf& found : of_key) {
    ASSIGN_OR_RETURN(const uint32_t seq, SeqOf(found.leaf));
    if (seq <= last_seq) continue;
    last_seq = seq;
    standing.index = static_cast<uint64_t>(*found.idx);
    standing.response.set_leaf_hash(crypto::ToBytes(found.leaf_hash));
  }
  if (!standing.index) return BallotNotFound();
  standing.response.set_last_seq(last_seq);
  standing.response.set_state(v1::StatusResponse::STATE_INCLUDED);
  return standing;
}

}  // namespace

absl::StatusOr<std::set<Unit>> WithheldOf(pg::Tx& tx, const Round& round) {
  ASSIGN_OR_RETURN(const std::optional<Tally> tally, FindTally(tx, round.round_id, 0));
  if (!tally) return absl::InternalError("a certified round has no tally");
  ASSIGN_OR_RETURN(const Result result, DecodeResult(tally->result));
  ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
  BallotsByUnit ballots;
  for (const ClassTurnout& c : result.turnout) {
    ballots[{.class_id = c.class_id}] = c.ballots - c.paper;
  }
  ASSIGN_OR_RETURN(const std::vector<SealedContent> sealed, GetSealed(tx, round.round_id));
  for (const SealedContent& s : sealed) {
    ballots[{.class_id = s.class_id, .batch = s.leaf_hash}] = s.valid;
  }
  return WithheldUnits(ballots, manifest.k_min);
}

absl::StatusOr<v1::StatusResponse> BallotsApi::Status(const rpc::Call& call,
                                                      const v1::StatusRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const bool by_key = request.has_voting_key();
  ASSIGN_OR_RETURN(const Hash wanted, by_key ? ParseHash(request.voting_key(), "voting_key")
                                             : ParseHash(request.leaf_hash(), "leaf_hash"));
  RETURN_IF_ERROR(p_.elections.Get(id, call.deadline).status());
  const auto find = [&](pg::Tx& tx) {
    return by_key ? StandingOfKey(tx, id, wanted) : StandingOfLeaf(tx, id, wanted);
  };
  // On connections no statement of which is measured, and none of which a cast waits for.
  ASSIGN_OR_RETURN(
      Standing standing,
      pg::Transact(p_.status_pool, {.deadline = call.deadline, .read_only = true}, find));
  if (standing.index) {
    ASSIGN_OR_RETURN(const crypto::LogProof proof,
                     p_.trees.Prove(id, *standing.index, standing.head, call.deadline));
    standing.response.set_proof(crypto::ToText(proof));
  }
  return std::move(standing.response);
}

absl::StatusOr<v1::ListLeavesResponse> BallotsApi::ListLeaves(
    const rpc::Call& call, const v1::ListLeavesRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const int64_t first, ParsePageToken(request.page_token(), kLeaves, id));
  const auto list = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListLeavesResponse> {
    RETURN_IF_ERROR(GetRound(tx, id, Lock::kNone).status());
    ASSIGN_OR_RETURN(const std::optional<SignedHead> head, GetSignedHead(tx, id));
    v1::ListLeavesResponse response;
    const int64_t past = std::min(first + page_size, head ? static_cast<int64_t>(head->size) : 0);
    if (first >= past) return response;
    ASSIGN_OR_RETURN(std::vector<LogLeaf> leaves,
                     GetLeaves(tx, id, first, static_cast<int32_t>(past - first)));
    for (LogLeaf& leaf : leaves) response.add_leaves(std::move(leaf.leaf));
    if (past < static_cast<int64_t>(head->size)) {
      response.set_next_page_token(PageToken(kLeaves, id, past));
    }
    return response;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, list);
}

template <class Res, class Req>
absl::StatusOr<Res> BallotsApi::Openings(const rpc::Call& call, const Req& request, bool withheld) {
  const absl::string_view name = withheld ? kWithheld : kOpenings;
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const int64_t first, ParsePageToken(request.page_token(), name, id));
  const auto list = [&](pg::Tx& tx) -> absl::StatusOr<Res> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kNone));
    if (withheld) RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    if (round.state != RoundState::kCertified) return NotCertified();
    ASSIGN_OR_RETURN(const std::set<Unit> hidden, WithheldOf(tx, round));
    ASSIGN_OR_RETURN(const std::optional<LogHead> head, GetHead(tx, id));
    Res response;
    const int64_t past = std::min(first + page_size, head ? static_cast<int64_t>(head->size) : 0);
    if (first >= past) return response;
    ASSIGN_OR_RETURN(std::vector<CertifiedOpening> rows, GetCertifiedOpenings(tx, id, first, past));
    for (CertifiedOpening& row : rows) {
      if (hidden.contains({.class_id = row.class_id}) != withheld) continue;
      v1::Opening& opening = *response.add_openings();
      opening.set_leaf_hash(crypto::ToBytes(row.opening.leaf_hash));
      opening.set_choice(std::move(row.opening.choice));
      opening.set_nonce(std::move(row.opening.nonce));
    }
    if (past < static_cast<int64_t>(head->size)) {
      response.set_next_page_token(PageToken(name, id, past));
    }
    return response;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, list);
}

absl::StatusOr<v1::ListOpeningsResponse> BallotsApi::ListOpenings(
    const rpc::Call& call, const v1::ListOpeningsRequest& request) {
  return Openings<v1::ListOpeningsResponse>(call, request, /*withheld=*/false);
}

absl::StatusOr<v1::ListWithheldOpeningsResponse> BallotsApi::ListWithheldOpenings(
    const rpc::Call& call, const v1::ListWithheldOpeningsRequest& request) {
  return Openings<v1::ListWithheldOpeningsResponse>(call, request, /*withheld=*/true);
}

}  // namespace smederij::ballots
