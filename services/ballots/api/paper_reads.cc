#include <algorithm>
#include <set>
#include <utility>

#include "services/ballots/api/page.h"
#include "services/ballots/api/paper_api.h"
#include "services/ballots/api/withheld.h"
#include "services/ballots/domain/errors.h"

// What the paper of a certified election holds.
namespace smederij::ballots {
namespace {

constexpr absl::string_view kOpenings = "papers", kWithheld = "withheld_papers";

// A message holds 4 MiB; a batch of single ballots may be a megabyte.
constexpr size_t kContentBytesMax = 1'500'000;

}  // namespace

template <class Res, class Req>
absl::StatusOr<Res> PaperApi::Openings(const rpc::Call& call, const Req& request, bool withheld) {
  const absl::string_view name = withheld ? kWithheld : kOpenings;
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const int64_t first, ParsePageToken(request.page_token(), name, id));
  const auto list = [&](pg::Tx& tx) -> absl::StatusOr<Res> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kNone));
    if (withheld) RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    if (round.state != RoundState::kCertified) return NotCertified();
    ASSIGN_OR_RETURN(const std::set<Unit> hidden, WithheldOf(tx, round));
    ASSIGN_OR_RETURN(std::vector<SealedContent> sealed,
                     GetSealedFrom(tx, id, first, static_cast<int32_t>(page_size)));
    Res response;
    size_t bytes = 0;
    for (SealedContent& s : sealed) {
      bytes += s.content.size();
      if (bytes > kContentBytesMax && bytes != s.content.size()) {
        response.set_next_page_token(PageToken(name, id, s.idx));
        return response;
      }
      if (hidden.contains({.class_id = s.class_id, .batch = s.leaf_hash}) != withheld) continue;
      v1::PaperOpening& opening = *response.add_openings();
      opening.set_leaf_hash(crypto::ToBytes(s.leaf_hash));
      opening.set_content(std::move(s.content));
      opening.set_nonce(std::move(s.nonce));
    }
    if (static_cast<int64_t>(sealed.size()) == page_size) {
      response.set_next_page_token(PageToken(name, id, sealed.back().idx + 1));
    }
    return response;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, list);
}

absl::StatusOr<v1::ListPaperOpeningsResponse> PaperApi::ListPaperOpenings(
    const rpc::Call& call, const v1::ListPaperOpeningsRequest& request) {
  return Openings<v1::ListPaperOpeningsResponse>(call, request, /*withheld=*/false);
}

absl::StatusOr<v1::ListWithheldPaperOpeningsResponse> PaperApi::ListWithheldPaperOpenings(
    const rpc::Call& call, const v1::ListWithheldPaperOpeningsRequest& request) {
  return Openings<v1::ListWithheldPaperOpeningsResponse>(call, request, /*withheld=*/true);
}

}  // namespace smederij::ballots
