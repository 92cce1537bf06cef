#include "services/ballots/api/paper_api.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/crypto/merkle.h"
#include "common/crypto/random.h"
#include "common/pg/now.h"
#include "common/rpc/table.h"
#include "services/ballots/api/page.h"
#include "services/ballots/api/paper_convert.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf.h"

// From a stack of papers to a batch in the log.
namespace smederij::ballots {
namespace {

constexpr absl::Duration kRead = absl::Seconds(2), kWrite = absl::Seconds(10);
constexpr absl::string_view kBatches = "batches";

constexpr size_t kMistakeBytesMax = 4'000;  // What a refusal can carry besides the rest.

// A refusal of lines as far as it fits into an answer; the fact `mistakes` tells how many there
// are.
absl::Status Fitting(const absl::Status& refusal) {
  if (ReasonOf(refusal) != "BAD_BALLOTS") return refusal;
  size_t mistakes = 0, bytes = 0;
  (void)absl::SimpleAtoi(FactsOf(refusal).at(0).second, &mistakes);
  Error fitting = BadBallots(mistakes);
  for (const auto& [field, wrong] : FieldsOf(refusal)) {
    bytes += field.size() + wrong.size();
    if (bytes > kMistakeBytesMax) break;
    fitting = std::move(fitting).At(field, wrong);
  }
  return fitting;
}

struct BatchKey {
  RoundId round;
  BatchId batch;
};

template <class Req>
absl::StatusOr<BatchKey> KeyOf(const Req& request) {
  ASSIGN_OR_RETURN(const RoundId round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const BatchId batch, ParseId<BatchId>(request.batch_id(), "batch_id"));
  return BatchKey{.round = round, .batch = batch};
}

absl::Status CheckCounted(pg::Tx& tx, const Round& round) {
  ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
  return PaperIsCounted(round, now);
}

absl::Status CheckSuperseded(pg::Tx& tx, const PaperBatch& batch) {
  if (!batch.supersedes) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PaperBatch earlier,
                   GetBatch(tx, batch.round_id, *batch.supersedes, /*lock=*/true));
  ASSIGN_OR_RETURN(const bool superseded,
                   IsSuperseded(tx, batch.round_id, *batch.supersedes, /*sealed=*/false));
  return MaySupersede(batch, earlier, superseded);
}

// The state two finished passes leave a batch in.
absl::Status Compare(pg::Tx& tx, PaperBatch& batch) {
  ASSIGN_OR_RETURN(const auto differing, GetDiffering(tx, batch.round_id, batch.batch_id));
  const BatchState state = differing.empty() ? BatchState::kMatched : BatchState::kDiffers;
  if (state == batch.state) return absl::OkStatus();
  batch.state = state;
  return SetBatchState(tx, batch, state);
}

}  // namespace

void PaperApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("OpenBatch",    kWrite, &PaperApi::OpenBatch);
  table.Unary("EnterBallots", kWrite, &PaperApi::EnterBallots);
  table.Unary("GetOwnPass",   kRead,  &PaperApi::GetOwnPass);
  table.Unary("FinishPass",   kWrite, &PaperApi::FinishPass);
  table.Unary("CompareBatch", kRead,  &PaperApi::CompareBatch);
  table.Unary("SealBatch",    kWrite, &PaperApi::SealBatch);
  table.Unary("DiscardBatch", kWrite, &PaperApi::DiscardBatch);
  table.Unary("ListBatches",  kRead,  &PaperApi::ListBatches);
  table.Unary("CloseStation", kWrite, &PaperApi::CloseStation);
  table.Unary("GetEvening",   kRead,  &PaperApi::GetEvening);
  table.Unary("ListPaperOpenings", kRead, &PaperApi::ListPaperOpenings);
  table.Unary("ListWithheldPaperOpenings", kRead, &PaperApi::ListWithheldPaperOpenings);
}  // clang-format on

absl::StatusOr<Round> PaperApi::MyRound(pg::Tx& tx, const rpc::Call& call, RoundId id,
                                        Lock lock) const {
  ASSIGN_OR_RETURN(Round round, GetRound(tx, id, lock));
  RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
  return round;
}

absl::StatusOr<v1::Batch> PaperApi::OpenBatch(const rpc::Call& call,
                                              const v1::OpenBatchRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  PaperBatch batch;
  batch.round_id = key.round;
  batch.batch_id = key.batch;
  batch.ballots = request.ballots();
  if (!request.supersedes_batch_id().empty()) {
    ASSIGN_OR_RETURN(batch.supersedes,
                     ParseId<BatchId>(request.supersedes_batch_id(), "supersedes_batch_id"));
  }
  const auto open = [&](pg::Tx& tx, Effects&) -> absl::StatusOr<v1::Batch> {
    // Numbers are given out in order, one at a time.
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, key.round, Lock::kUpdate));
    RETURN_IF_ERROR(CheckCounted(tx, round));
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    const VoterClass* const voters = manifest.FindClass(request.class_id());
    const Station* const station = manifest.FindStation(request.station());
    if (voters == nullptr) return ClassUnknown(request.class_id());
    if (station == nullptr) return StationUnknown(request.station());
    if (batch.ballots == 0 || batch.ballots > kBatchBallotsMax) {
      return BadBatch("ballots", "must be 1 to 500");
    }
    batch.class_id = voters->class_id;
    batch.station = station->number;
    const auto same = GetBatch(tx, key.round, key.batch, /*lock=*/false);
    if (same.ok()) return BatchExists();
    if (ReasonOf(same.status()) != "BATCH_NOT_FOUND") return same.status();
    RETURN_IF_ERROR(CheckSuperseded(tx, batch));
    ASSIGN_OR_RETURN(batch.number, NextBatchNumber(tx, key.round));
    if (batch.number > kBatchesMax) return TooManyBatches(kBatchesMax);
    RETURN_IF_ERROR(InsertBatch(tx, batch));
    return RenderBatch(tx, batch);
  };
  return Write<v1::Batch>(call, "OpenBatch", request, open);
}

absl::StatusOr<v1::Batch> PaperApi::EnterBallots(const rpc::Call& call,
                                                 const v1::EnterBallotsRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  const std::vector<PaperDraft> drafts = FromProto(request.ballots());
  const auto enter = [&](pg::Tx& tx, Effects&) -> absl::StatusOr<v1::Batch> {
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, key.round, Lock::kShare));
    ASSIGN_OR_RETURN(PaperBatch batch, GetBatch(tx, key.round, key.batch, /*lock=*/true));
    RETURN_IF_ERROR(CheckCounted(tx, round));
    RETURN_IF_ERROR(May(BatchVerb::kEnter, batch.state));
    ASSIGN_OR_RETURN(const auto passes, GetPasses(tx, key.round, key.batch));
    ASSIGN_OR_RETURN(const PaperPass pass, PassOf(passes, call.caller.subject));
    const bool settling = batch.state == BatchState::kDiffers;
    if (pass.finished && !settling) return PassFinished();
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    std::optional<std::vector<uint32_t>> differing;
    if (settling) {
      ASSIGN_OR_RETURN(differing, GetDiffering(tx, key.round, key.batch));
    }
    const auto entries = ReadDrafts(drafts, batch, manifest, differing);
    if (!entries.ok()) return Fitting(entries.status());
    if (static_cast<size_t>(pass.pass) > passes.size()) {
      RETURN_IF_ERROR(InsertPass(tx, key.round, key.batch, pass));
    }
    RETURN_IF_ERROR(PutEntries(tx, key.round, key.batch, pass.pass, *entries));
    if (batch.state == BatchState::kOpen) {
      batch.state = BatchState::kPasses;
      RETURN_IF_ERROR(SetBatchState(tx, batch, batch.state));
    }
    if (settling) RETURN_IF_ERROR(Compare(tx, batch));
    return RenderBatch(tx, batch);
  };
  return Write<v1::Batch>(call, "EnterBallots", request, enter);
}

absl::StatusOr<v1::Pass> PaperApi::GetOwnPass(const rpc::Call& call,
                                              const v1::GetOwnPassRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Pass> {
    RETURN_IF_ERROR(MyRound(tx, call, key.round, Lock::kNone).status());
    RETURN_IF_ERROR(GetBatch(tx, key.round, key.batch, /*lock=*/false).status());
    ASSIGN_OR_RETURN(const auto passes, GetPasses(tx, key.round, key.batch));
    const auto mine = [&](const PaperPass& pass) { return pass.officer == call.caller.subject; };
    const auto own = std::find_if(passes.begin(), passes.end(), mine);
    if (own == passes.end()) return NoPass();
    ASSIGN_OR_RETURN(const auto entries, GetEntries(tx, key.round, key.batch, own->pass));
    v1::Pass pass;
    pass.set_pass(static_cast<uint32_t>(own->pass));
    pass.set_finished(own->finished);
    for (const PaperEntry& entry : entries) *pass.add_ballots() = ToProto(entry);
    return pass;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, get);
}

absl::StatusOr<v1::Batch> PaperApi::FinishPass(const rpc::Call& call,
                                               const v1::FinishPassRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  const auto finish = [&](pg::Tx& tx, Effects&) -> absl::StatusOr<v1::Batch> {
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, key.round, Lock::kShare));
    ASSIGN_OR_RETURN(PaperBatch batch, GetBatch(tx, key.round, key.batch, /*lock=*/true));
    RETURN_IF_ERROR(CheckCounted(tx, round));
    RETURN_IF_ERROR(May(BatchVerb::kFinishPass, batch.state));
    ASSIGN_OR_RETURN(const auto passes, GetPasses(tx, key.round, key.batch));
    const auto mine = [&](const PaperPass& pass) { return pass.officer == call.caller.subject; };
    const auto own = std::find_if(passes.begin(), passes.end(), mine);
    if (own == passes.end()) return NoPass();
    if (own->finished) return PassFinished();
    ASSIGN_OR_RETURN(const auto entries, GetEntries(tx, key.round, key.batch, own->pass));
    std::vector<uint32_t> serials;
    for (const PaperEntry& entry : entries) serials.push_back(entry.serial);
    RETURN_IF_ERROR(MustBeComplete(serials, batch.ballots));
    RETURN_IF_ERROR(ballots::FinishPass(tx, key.round, key.batch, own->pass));
    const auto other = [&](const PaperPass& pass) { return !mine(pass) && pass.finished; };
    if (std::any_of(passes.begin(), passes.end(), other)) RETURN_IF_ERROR(Compare(tx, batch));
    return RenderBatch(tx, batch);
  };
  return Write<v1::Batch>(call, "FinishPass", request, finish);
}

absl::StatusOr<v1::BatchComparison> PaperApi::CompareBatch(const rpc::Call& call,
                                                           const v1::CompareBatchRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  const auto compare = [&](pg::Tx& tx) -> absl::StatusOr<v1::BatchComparison> {
    RETURN_IF_ERROR(MyRound(tx, call, key.round, Lock::kNone).status());
    ASSIGN_OR_RETURN(const PaperBatch batch, GetBatch(tx, key.round, key.batch, /*lock=*/false));
    RETURN_IF_ERROR(May(BatchVerb::kCompare, batch.state));
    ASSIGN_OR_RETURN(const auto differing, GetDiffering(tx, key.round, key.batch));
    ASSIGN_OR_RETURN(const auto first, GetEntries(tx, key.round, key.batch, 1));
    ASSIGN_OR_RETURN(const auto second, GetEntries(tx, key.round, key.batch, 2));
    ASSIGN_OR_RETURN(const auto passes, GetPasses(tx, key.round, key.batch));
    v1::BatchComparison comparison;
    for (const uint32_t serial : differing) {  // Both passes are complete: serial 1 stands first.
      v1::BatchComparison::Difference& difference = *comparison.add_differences();
      *difference.mutable_first() = ToProto(first.at(serial - 1));
      *difference.mutable_second() = ToProto(second.at(serial - 1));
    }
    for (const PaperPass& pass : passes) {
      if (pass.officer == call.caller.subject) {
        comparison.set_own_pass(static_cast<uint32_t>(pass.pass));
      }
    }
    return comparison;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline}, compare);
}

absl::StatusOr<std::string> PaperApi::Close(pg::Tx& tx, PaperBatch& batch,
                                            const std::vector<SubjectId>& officials,
                                            const Manifest& manifest) {
  ASSIGN_OR_RETURN(const auto entries, GetEntries(tx, batch.round_id, batch.batch_id, 1));
  std::vector<Choice> choices;
  for (const PaperEntry& entry : entries) {
    if (!entry.invalid) choices.push_back(entry.choice);
  }
  // The order of the stack is nobody's business, though nothing ties it to a person.
  for (size_t i = choices.size(); i > 1; --i) {
    std::swap(choices[i - 1], choices[crypto::RandomBelow(static_cast<uint32_t>(i))]);
  }
  const PaperContent content = ToContent(choices, manifest);
  batch.invalid = static_cast<uint32_t>(entries.size() - choices.size());
  if (entries.size() != batch.ballots ||
      !CheckContent(content, batch.ballots - batch.invalid, manifest).ok()) {
    return absl::InternalError("a matched batch does not hold what it must");
  }
  batch.content = Encode(content);
  batch.nonce = crypto::RandomBytes(kNonceBytes);
  PaperLeaf leaf{
      .round_id = batch.round_id,
      .class_id = batch.class_id,
      .station = batch.station,
      .batch_id = batch.batch_id,
      .supersedes = {},
      .ballots = batch.ballots,
      .invalid = batch.invalid,
      .commitment = PaperCommitment(batch.round_id, batch.batch_id, batch.nonce, batch.content),
      .officials = officials};
  if (batch.supersedes) {
    ASSIGN_OR_RETURN(const PaperBatch earlier,
                     GetBatch(tx, batch.round_id, *batch.supersedes, /*lock=*/false));
    leaf.supersedes = earlier.leaf_hash;
  }
  std::string bytes = Encode(leaf);
  batch.leaf_hash = crypto::LeafHash(bytes);
  batch.state = BatchState::kSealed;
  RETURN_IF_ERROR(PutSealed(tx, batch));
  return bytes;
}

absl::StatusOr<v1::Batch> PaperApi::SealBatch(const rpc::Call& call,
                                              const v1::SealBatchRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  const auto seal = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::Batch> {
    // No count begins and none is certified while a batch is being put into the log.
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, key.round, Lock::kUpdate));
    ASSIGN_OR_RETURN(PaperBatch batch, GetBatch(tx, key.round, key.batch, /*lock=*/true));
    RETURN_IF_ERROR(MustBe(round, {RoundState::kClosed, RoundState::kTallied}));
    RETURN_IF_ERROR(May(BatchVerb::kSeal, batch.state));
    ASSIGN_OR_RETURN(std::vector<SubjectId> officials, GetSeals(tx, key.round, key.batch));
    RETURN_IF_ERROR(MustBeAnother(officials, call.caller.subject));
    RETURN_IF_ERROR(AddSeal(tx, key.round, key.batch, officials, call.caller.subject));
    officials.push_back(call.caller.subject);
    if (officials.size() < 2) return RenderBatch(tx, batch);
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    ASSIGN_OR_RETURN(std::string leaf, Close(tx, batch, officials, manifest));
    RETURN_IF_ERROR(Grow(tx, key.round, {std::move(leaf)}, effects));
    return RenderBatch(tx, batch);
  };
  return Write<v1::Batch>(call, "SealBatch", request, seal);
}

absl::StatusOr<v1::Batch> PaperApi::DiscardBatch(const rpc::Call& call,
                                                 const v1::DiscardBatchRequest& request) {
  ASSIGN_OR_RETURN(const BatchKey key, KeyOf(request));
  const auto discard = [&](pg::Tx& tx, Effects&) -> absl::StatusOr<v1::Batch> {
    ASSIGN_OR_RETURN(const Round round, MyRound(tx, call, key.round, Lock::kShare));
    ASSIGN_OR_RETURN(PaperBatch batch, GetBatch(tx, key.round, key.batch, /*lock=*/true));
    RETURN_IF_ERROR(CheckCounted(tx, round));
    RETURN_IF_ERROR(May(BatchVerb::kDiscard, batch.state));
    batch.state = BatchState::kDiscarded;
    RETURN_IF_ERROR(SetBatchState(tx, batch, batch.state));
    return RenderBatch(tx, batch);
  };
  return Write<v1::Batch>(call, "DiscardBatch", request, discard);
}

absl::StatusOr<v1::ListBatchesResponse> PaperApi::ListBatches(
    const rpc::Call& call, const v1::ListBatchesRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const int64_t first, ParsePageToken(request.page_token(), kBatches, id));
  const auto list = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListBatchesResponse> {
    RETURN_IF_ERROR(MyRound(tx, call, id, Lock::kNone).status());
    ASSIGN_OR_RETURN(const auto batches,
                     GetBatches(tx, id, static_cast<int32_t>(std::min<int64_t>(first, INT32_MAX)),
                                static_cast<int32_t>(page_size)));
    v1::ListBatchesResponse response;
    for (const PaperBatch& batch : batches) {
      ASSIGN_OR_RETURN(*response.add_batches(), RenderBatch(tx, batch));
    }
    if (static_cast<int64_t>(batches.size()) == page_size) {
      response.set_next_page_token(PageToken(kBatches, id, batches.back().number + 1));
    }
    return response;
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, list);
}

}  // namespace smederij::ballots
