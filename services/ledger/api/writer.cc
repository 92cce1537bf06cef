#include "services/ledger/api/writer.h"

#include <map>
#include <utility>
#include <vector>

#include "common/pg/once.h"
#include "services/ledger/storage/posting_store.h"

namespace smederij::ledger {
namespace {

using Batch = pg::GroupCommitter<Write, WriteAnswer>::Batch;

RequestKey KeyOf(const Command& command) {
  return {.budget = BudgetsOf(command).front(), .id = command.request};
}

absl::StatusOr<WriteAnswer> Replay(const Answered& earlier, const Write& write) {
  if (earlier.method != write.method || earlier.actor != write.caller ||
      earlier.request_hash != write.request_hash) {
    return pg::RequestIdReused(write.command.request);
  }
  return WriteAnswer{.response = earlier.response, .replayed = true};
}

// Decides one command against the books as the ones before it left them.
absl::StatusOr<WriteAnswer> DecideOne(const Write& write, Books& books, Changes& changes) {
  ASSIGN_OR_RETURN(Effect effect, Decide(books, write.command));
  Apply(write.command, effect, books);
  WriteAnswer answer{.response = write.render(effect), .replayed = false};
  for (Budget& budget : effect.opened) changes.opened.push_back(std::move(budget));
  for (Entry& entry : effect.entries) changes.entries.push_back(std::move(entry));
  for (Commitment& commitment : effect.commitments) {
    changes.commitments.push_back(std::move(commitment));
  }
  for (PaymentStep& step : effect.steps) changes.steps.push_back(std::move(step));
  for (Reversal& reversal : effect.reversals) changes.reversals.push_back(std::move(reversal));
  changes.states.insert(changes.states.end(), effect.states.begin(), effect.states.end());
  for (Closing& closing : effect.closings) changes.closings.push_back(std::move(closing));
  for (const Indexing& indexing : effect.indexings) changes.indexings.push_back(indexing);
  for (Handover& handover : effect.handovers) changes.handovers.push_back(std::move(handover));
  changes.awards.insert(changes.awards.end(), effect.awards.begin(), effect.awards.end());
  if (const auto* awards = std::get_if<ReserveAwards>(&write.command.what)) {
    changes.reserved_versions.emplace_back(awards->round, awards->version);
  } else if (const auto* adjust = std::get_if<AdjustAwards>(&write.command.what)) {
    changes.reserved_versions.emplace_back(adjust->round, adjust->version);
  }
  changes.answered.push_back({KeyOf(write.command), Answered{.method = write.method,
                                                             .actor = write.caller,
                                                             .request_hash = write.request_hash,
                                                             .response = answer.response}});
  return answer;
}

absl::StatusOr<Batch> DecideAll(pg::Tx& tx, absl::Span<const Write* const> writes, Rules rules,
                                const Clock* clock) {
  std::vector<const Command*> commands;
  std::vector<RequestKey> keys;
  for (const Write* write : writes) {
    commands.push_back(&write->command);
    keys.push_back(KeyOf(write->command));
  }
  ASSIGN_OR_RETURN(Locked locked, LockBooks(tx, commands, keys, clock));
  Books& books = locked.books;
  books.rules = rules;
  Batch batch;
  Changes changes;
  for (size_t i = 0; i < writes.size(); ++i) {
    const auto found = locked.answered.find(keys[i]);
    batch.answers.push_back(found != locked.answered.end() ? Replay(found->second, *writes[i])
                                                           : DecideOne(*writes[i], books, changes));
  }
  if (!changes.answered.empty()) {
    ASSIGN_OR_RETURN(batch.record, Store(tx, books, changes));
  } else if (!locked.answered.empty()) {
    // What is told again may be of a commit that the guard does not know yet.
    ASSIGN_OR_RETURN(batch.record, ReadProgress(tx));
  }
  return batch;
}

std::string BytesOf(const Uuid& id) {
  return std::string(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
}

}  // namespace

Writer::Writer(pg::Pool& pool, pg::Guard* guard, obs::Registry& metrics, Rules rules,
               const Clock* clock) {
  const obs::Histogram sizes = metrics.AddHistogram(
      "smederij_ledger_batch_commands", "Commands that shared a commit.", obs::SizeBuckets());
  const obs::Histogram seconds =
      metrics.AddHistogram("smederij_ledger_batch_seconds", "From taking a batch to its answers.",
                           obs::LatencyBuckets());
  pg::GroupOptions options;
  options.guard = guard;
  options.on_batch = [sizes, seconds](size_t commands, absl::Duration took) {
    sizes.Observe(static_cast<double>(commands));
    seconds.Observe(took);
  };
  const auto decide = [rules, clock](pg::Tx& tx, absl::Span<const Write* const> writes) {
    return DecideAll(tx, writes, rules, clock);
  };
  committer_ = std::make_unique<Committer>(pool, std::move(options), decide);
}

void Writer::Submit(Write write, absl::Time deadline, Done done) {
  const RequestKey key = KeyOf(write.command);
  committer_->Submit(std::move(write), BytesOf(key.budget.uuid()) + BytesOf(key.id.uuid()),
                     deadline, std::move(done));
}

}  // namespace smederij::ledger
