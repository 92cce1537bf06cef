#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/check.h"
#include "common/base/crash_point.h"
#include "common/pg/guard.h"
#include "common/pg/transact.h"

namespace smederij::pg {

struct GroupOptions {
  std::string name = {};    // Of its crash points, "<name>.committed" and "<name>.guarded".
  size_t queue_max = 4096;  // Commands waiting; one more is RESOURCE_EXHAUSTED.
  size_t batch_max = 512;   // Commands in one transaction.
  absl::Duration batch_time = absl::Seconds(5);  // The deadline of one transaction.
  Guard* guard = nullptr;                        // Advanced after every commit, before the answers.
  // For metrics; from two threads. Batches overlap by the time one takes to be answered.
  std::function<void(size_t commands, absl::Duration took)> on_batch = {};
};

// Refusals of Submit, and when a batch cannot be judged one by one.
absl::Status QueueFull(size_t queue_max);  // RESOURCE_EXHAUSTED QUEUE_FULL, with a retry delay.
absl::Status ShuttingDown();               // UNAVAILABLE SHUTTING_DOWN.
absl::Status DeadlineInQueue();            // DEADLINE_EXCEEDED: it never reached the database.
// Whether a batch that failed so is worth cutting in two: not when the fault is the database's, or
// the time's, for then every part would fail alike.
bool BlamesACommand(const absl::Status& status);

// Commits the commands of many callers together: a writer thread takes all that is queued (no
// timer: the flush of the batch before is the window), decides and stores it in one transaction,
// advances the guard and only then answers everyone. Two threads take turns: while one advances
// the guard and answers, the other commits the next batch. Thread-safe.
//
// At most one command per key is in a batch; a later one waits for the next. Decided in order, that
// is: the answers of two batches may come in either order. A batch that
// fails for a reason that lies in some command is cut in two until that command is alone, so one
// bad command never fails its neighbours.
template <class Command, class Answer>
class GroupCommitter {
 public:
  struct Batch {
    std::vector<absl::StatusOr<Answer>> answers;  // One per command, in order; refusals included.
    std::optional<GuardRecord> record;            // Where the database stands after this commit.
  };
  // Decides every command inside the transaction and stores what is accepted. May run more than
  // once for the same commands. A command is refused through its own answer; an error of the whole
  // rolls everything back.
  using Decide =
      std::function<absl::StatusOr<Batch>(Tx& tx, absl::Span<const Command* const> commands)>;
  // Called exactly once, from a writer thread or from inside Submit. Must not block.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;

  GroupCommitter(Pool& pool, GroupOptions options, Decide decide)
      : pool_(pool), options_(std::move(options)), decide_(std::move(decide)) {
    CHECK(options_.batch_max > 0 && options_.queue_max > 0);
    for (std::thread& writer : writers_) writer = std::thread([this] { Run(); });
  }
  ~GroupCommitter() { Shutdown(); }
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;

  // Queues a command. `done` gets its answer after the commit; QUEUE_FULL or SHUTTING_DOWN at once;
  // DEADLINE_EXCEEDED without any effect when its turn comes after the deadline.
  void Submit(Command command, std::string key, absl::Time deadline, Done done) {
    absl::Status refusal;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) {
        refusal = ShuttingDown();
      } else if (queue_.size() >= options_.queue_max) {
        refusal = QueueFull(options_.queue_max);
      } else {
        queue_.push_back({std::move(command), std::move(key), deadline, std::move(done)});
        return;
      }
    }
    done(std::move(refusal));
  }

  // Refuses new commands, answers all that are queued, and returns when the writers have ended.
  void Shutdown() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    for (std::thread& writer : writers_) {
      if (writer.joinable()) writer.join();
    }
  }

  size_t queued() const {
    absl::MutexLock lock(&mutex_);
    return queue_.size();
  }

 private:
  struct Waiting {
    Command command;
    std::string key;
    absl::Time deadline;
    Done done;
  };

  // What became of commands that shared a transaction.
  struct Part {
    absl::Span<Waiting> commands;
    absl::StatusOr<Batch> decided;
  };

  void Run() {
    for (;;) {
      absl::ReleasableMutexLock turn(&turn_);
      std::vector<Waiting> batch = Take();
      if (batch.empty()) return;
      const absl::Time start = absl::Now();
      std::vector<Part> parts;
      Commit(absl::MakeSpan(batch), parts);
      turn.Release();
      for (Part& part : parts) Conclude(part);
      if (options_.on_batch) options_.on_batch(batch.size(), absl::Now() - start);
    }
  }

  // Waits for commands and takes them in order, skipping repeated keys; empty at shutdown.
  std::vector<Waiting> Take() {
    std::vector<Waiting> batch, late;
    {
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !queue_.empty();
      };
      absl::MutexLock lock(&mutex_);
      while (batch.empty()) {
        mutex_.Await(absl::Condition(&ready));
        if (queue_.empty()) break;
        TakeQueued(batch, late);
        if (!late.empty()) break;
      }
    }
    for (Waiting& waiting : late) waiting.done(DeadlineInQueue());
    return batch.empty() && !late.empty() ? Take() : std::move(batch);
  }

  void TakeQueued(std::vector<Waiting>& batch, std::vector<Waiting>& late)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::Time now = absl::Now();
    absl::flat_hash_set<std::string> keys;
    std::deque<Waiting> next;  // Keeps the order among commands with one key.
    while (!queue_.empty() && batch.size() < options_.batch_max) {
      Waiting waiting = std::move(queue_.front());
      queue_.pop_front();
      if (waiting.deadline <= now) {
        late.push_back(std::move(waiting));
      } else if (keys.insert(waiting.key).second) {
        batch.push_back(std::move(waiting));
      } else {
        next.push_back(std::move(waiting));
      }
    }
    queue_.insert(queue_.begin(), std::make_move_iterator(next.begin()),
                  std::make_move_iterator(next.end()));
  }

  void Commit(absl::Span<Waiting> batch, std::vector<Part>& parts) {
    std::vector<const Command*> commands;
    commands.reserve(batch.size());
    for (const Waiting& waiting : batch) commands.push_back(&waiting.command);
    const auto body = [&](Tx& tx) { return decide_(tx, commands); };
    absl::StatusOr<Batch> decided =
        Transact(pool_, {.deadline = absl::Now() + options_.batch_time, .by_key = true}, body);
    if (!decided.ok() && batch.size() > 1 && BlamesACommand(decided.status())) {
      const size_t half = batch.size() / 2;
      Commit(batch.subspan(0, half), parts);
      for (Part& part : parts) Conclude(part);  // Their callers do not wait for the others' sake.
      parts.clear();
      Commit(batch.subspan(half), parts);
      return;
    }
    if (decided.ok()) {
      CHECK(decided->answers.size() == batch.size());
      CrashPoint(options_.name, "committed");
    }
    parts.push_back({batch, std::move(decided)});
  }

  void Conclude(Part& part) {
    if (!part.decided.ok()) return AnswerAll(part.commands, part.decided.status());
    if (options_.guard != nullptr && part.decided->record) {
      // Committed, but not allowed to say so: the retry will find it done. When the other thread
      // was faster, the guard stands past this batch already, which is as good.
      const absl::Status status = options_.guard->Advance(*part.decided->record);
      if (!status.ok()) return AnswerAll(part.commands, OutcomeUnknown(status.message()));
    }
    CrashPoint(options_.name, "guarded");
    for (size_t i = 0; i < part.commands.size(); ++i) {
      part.commands[i].done(std::move(part.decided->answers[i]));
    }
  }

  void AnswerAll(absl::Span<Waiting> batch, const absl::Status& status) {
    for (Waiting& waiting : batch) waiting.done(status);
  }

  Pool& pool_;
  const GroupOptions options_;
  const Decide decide_;
  mutable absl::Mutex mutex_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex turn_;  // Whose it is takes a batch and commits it; batches never overlap there.
  std::array<std::thread, 2> writers_;
};

}  // namespace smederij::pg
