#include "services/ballots/api/service.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/ballots/storage/log_store.h"
#include "services/ballots/storage/migrations.h"
#include "services/ballots/storage/round_store.h"

namespace smederij::ballots {
namespace {

pg::TxOptions Soon() { return {.deadline = absl::Now() + absl::Seconds(30)}; }

constexpr int kStatusConnections = 2;

// Receipts and checkpoints must be signed by the keys that the manifest names.
absl::Status CheckKeys(pg::Pool& pool, const Signers& signers) {
  const auto read = [](pg::Tx& tx) { return GetLiveManifests(tx); };
  ASSIGN_OR_RETURN(const auto manifests, pg::Transact(pool, Soon(), read));
  for (const std::string& bytes : manifests) {
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(bytes));
    if (manifest.receipt_key != signers.receipt_key.verifying_key() ||
        manifest.log_verifier_key != signers.Checkpoints(manifest.round_id).VerifierKey()) {
      return Error(kFailedPrecondition, "KEYS_OF_ANOTHER",
                   "an election under way was published with other keys or another host name")
          .With("round_id", manifest.round_id.ToString());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Service>> Service::Open(pg::Pool& pool, rpc::Peer registry,
                                                       ServiceOptions options) {
  const auto read = [](pg::Tx& tx) { return GetProgress(tx); };
  ASSIGN_OR_RETURN(const pg::GuardRecord progress, pg::Transact(pool, Soon(), read));
  ASSIGN_OR_RETURN(
      std::unique_ptr<pg::Guard> guard,
      pg::Guard::Open(options.guard_directory, "ballots", progress, options.guard_adopt));
  RETURN_IF_ERROR(CheckKeys(pool, options.signers));
  return std::unique_ptr<Service>(
      new Service(pool, std::move(registry), std::move(options), std::move(guard)));
}

Service::Service(pg::Pool& pool, rpc::Peer registry, ServiceOptions options,
                 std::unique_ptr<pg::Guard> guard)
    : options_(std::move(options)),
      guard_(std::move(guard)),
      // The writers', and one to read elections with.
      cast_pool_({.conninfo = options_.cast_database,
                  .size = options_.cast_writers + 1,
                  .schema = pg::SchemaOf(Migrations())}),
      status_pool_({.conninfo = options_.cast_database,
                    .size = kStatusConnections,
                    .schema = pg::SchemaOf(Migrations())}),
      registry_(std::move(registry)),
      elections_(cast_pool_),
      trees_(status_pool_),
      caster_(elections_, options_.signers),
      sequencer_(pool, guard_.get(), options_.signers,
                 [this] {
                   if (on_sequenced_) on_sequenced_();
                 }),
      counter_(pool) {
  const auto commit = [guard = guard_.get()](pg::Tx& tx, absl::Span<const Cast* const> casts) {
    return CommitCasts(tx, casts, guard);
  };
  for (int i = 0; i < options_.cast_writers; ++i) {
    const pg::GroupOptions group{
        .name = "cast", .batch_max = options_.cast_batch_max, .guard = guard_.get()};
    committers_.push_back(std::make_unique<CastCommitter>(cast_pool_, group, commit));
  }
  const auto wake_sequencer = [this] {
    if (sequencing_) sequencing_->Wake();
  };
  const auto wake_counter = [this] {
    if (counting_) counting_->Wake();
  };
  const auto on_sequenced = [this] {
    if (on_sequenced_) on_sequenced_();
  };
  const Parts parts{.pool = pool,
                    .guard = guard_.get(),
                    .signers = options_.signers,
                    .registry = registry_,
                    .elections = elections_,
                    .status_pool = status_pool_,
                    .trees = trees_,
                    .caster = caster_,
                    .committers = committers_,
                    .sequencer = sequencer_,
                    .wake_sequencer = wake_sequencer,
                    .wake_counter = wake_counter,
                    .on_sequenced = on_sequenced,
                    .software = options_.software};
  api_ = std::make_unique<BallotsApi>(parts);
  paper_api_ = std::make_unique<PaperApi>(parts);
}

void Service::Start(rpc::Router& router) {
  on_sequenced_ = [&router] { router.FlushAnonymousCounts(); };
  api_->Mount(router);
  paper_api_->Mount(router);
  sequencing_ = std::make_unique<service::Background>("sequencing", options_.sequence_every,
                                                      [this] { return sequencer_.RunOnce(); });
  counting_ = std::make_unique<service::Background>("counting", options_.count_every,
                                                    [this] { return counter_.RunOnce(); });
}

Service::~Service() {
  // First: their answers wake the sequencer.
  for (const auto& committer : committers_) committer->Shutdown();
  sequencing_.reset();
  counting_.reset();
}

}  // namespace smederij::ballots
