#include "services/proposals/reconciler/reconciler.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/pg/transact.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/reconciler/store.h"
#include "services/proposals/storage/record_store.h"

namespace smederij::proposals {
namespace {

constexpr int64_t kRoundsPerPass = 100;
constexpr int kStepsPerRound = 100;  // Then others get their turn.
constexpr absl::Duration kLongestWait = absl::Hours(1);
constexpr absl::Duration kTransactionMax = absl::Seconds(10);

// Nobody knows what became of the call, or the neighbour is only busy: the same call again will do.
bool IsPassing(absl::StatusCode code) {
  return code == kUnavailable || code == kResourceExhausted || code == kAborted ||
         code == absl::StatusCode::kDeadlineExceeded || code == absl::StatusCode::kCancelled;
}

std::string ReasonOrCode(const absl::Status& status) {
  std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

// What stands in the round until it is looked at again.
struct Note {
  absl::Time look_at;
  std::string waits_for;
  std::string blocked_reason;
};

Note NoteFor(const Next& next, const absl::StatusOr<Learned>& learned, absl::Time now,
             const ReconcilerOptions& options) {
  if (!learned.ok() && IsPassing(learned.status().code())) {
    return {now + options.interval,
            absl::StrCat(next.sentence, ": no answer yet, ", ReasonOrCode(learned.status())), ""};
  }
  if (!learned.ok()) {
    return {now + options.blocked_interval(), WhatIsWrong(learned.status()),
            ReasonOrCode(learned.status())};
  }
  const absl::Time again = now + (learned->soon ? options.soon() : options.interval);
  return {std::min(again, std::max(next.until, now)),
          learned->sentence.empty() ? next.sentence : learned->sentence, ""};
}

absl::Status Leave(pg::Tx& tx, RoundId id, Uuid holder, const Note& note) {
  RETURN_IF_ERROR(Postpone(tx, id, note.look_at, note.waits_for, note.blocked_reason));
  return GiveLease(tx, id, holder);
}

}  // namespace

Reconciler::Reconciler(pg::Pool& pool, const Neighbours& neighbours, obs::Registry& metrics,
                       ReconcilerOptions options)
    : pool_(pool), neighbours_(neighbours), options_(std::move(options)) {
  open_ = metrics.AddGauge("smederij_rounds_open", "Rounds that are not done");
  blocked_ = metrics.AddGauge("smederij_rounds_blocked",
                              "Rounds that cannot go on without somebody mending something");
  for (int i = static_cast<int>(Step::kHoldPot); i <= static_cast<int>(kLastStep); ++i) {
    const Step step = static_cast<Step>(i);
    const obs::Labels labels = {{"step", std::string(Name(step))}};
    done_[step] = metrics.AddCounter("smederij_round_steps_total", "Steps of rounds done", labels);
    refused_[step] = metrics.AddCounter("smederij_round_refusals_total",
                                        "Steps of rounds that a service refused", labels);
  }
}

Reconciler::~Reconciler() { Stop(); }

void Reconciler::Start() {
  for (int worker = 0; worker < options_.workers; ++worker) {
    threads_.emplace_back([this, worker] { Run(worker); });
  }
}

void Reconciler::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Reconciler::Wake() {
  absl::MutexLock lock(&mutex_);
  ++wakes_;
}

bool Reconciler::Stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

pg::TxOptions Reconciler::Soon() const { return {.deadline = absl::Now() + kTransactionMax}; }

void Reconciler::Run(int worker) {
  const Uuid holder = Uuid::Derived(Uuid(), absl::StrCat(options_.name, "/", worker));
  bool failing = false;
  int64_t seen = 0;
  while (!Stopped()) {
    {
      absl::MutexLock lock(&mutex_);
      seen = wakes_;  // Before looking: a wake during the pass makes another pass.
    }
    const absl::StatusOr<absl::Duration> pause = PassAs(holder);
    if (!pause.ok() && !failing) {
      obs::Log(obs::Level::kError, "reconciler", obs::StatusFields(pause.status()));
    }
    failing = !pause.ok();
    absl::MutexLock lock(&mutex_);
    const auto called = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return stopped_ || wakes_ != seen;
    };
    mutex_.AwaitWithTimeout(absl::Condition(&called), pause.value_or(options_.interval));
  }
}

absl::StatusOr<absl::Duration> Reconciler::Pass() {
  return PassAs(Uuid::Derived(Uuid(), options_.name));
}

absl::StatusOr<absl::Duration> Reconciler::PassAs(Uuid holder) {
  const auto find = [](pg::Tx& tx) { return DueRounds(tx, kRoundsPerPass); };
  ASSIGN_OR_RETURN(const std::vector<RoundId> due, pg::Transact(pool_, Soon(), find));
  for (const RoundId round : due) {
    if (Stopped()) break;
    RETURN_IF_ERROR(Work(round, holder));
  }
  const auto read = [](pg::Tx& tx) { return ReadBacklog(tx); };
  ASSIGN_OR_RETURN(const Backlog backlog, pg::Transact(pool_, Soon(), read));
  open_.Set(static_cast<double>(backlog.open));
  blocked_.Set(static_cast<double>(backlog.blocked));
  // What is due at once is another's, who holds the lease: not worth hurrying for.
  return std::clamp(backlog.next_due.value_or(options_.interval), options_.soon(),
                    options_.interval);
}

absl::Status Reconciler::Work(RoundId round, Uuid holder) {
  for (int steps = 0; steps < kStepsPerRound && !Stopped(); ++steps) {
    ASSIGN_OR_RETURN(const Look look, Advance(round, holder));
    if (look == Look::kPause) break;
  }
  return absl::OkStatus();
}

// One transaction that decides, and where that takes a neighbour, a call outside of it and another
// transaction that stores the answer.
absl::StatusOr<Reconciler::Look> Reconciler::Advance(RoundId round, Uuid holder) {
  struct Decided {
    Look look = Look::kPause;
    std::optional<Step> done;  // Locally.
    std::optional<Material> material;
  };
  const auto decide = [&](pg::Tx& tx) -> absl::StatusOr<Decided> {
    // Longer than a call may take, and renewed with every step.
    ASSIGN_OR_RETURN(const bool mine, TakeLease(tx, round, holder, options_.ask_max * 1.2));
    if (!mine) return Decided();
    ASSIGN_OR_RETURN(RecordNow found, LockRecord(tx, round));
    Next next = NextStep(found.record, found.now);
    switch (next.act) {
      case Act::kFinished:
        RETURN_IF_ERROR(GiveLease(tx, round, holder));
        return Decided();
      case Act::kWait:
        RETURN_IF_ERROR(Leave(tx, round, holder,
                              {std::min(next.until, found.now + kLongestWait), next.sentence, ""}));
        return Decided();
      case Act::kLocal:
        RETURN_IF_ERROR(StoreLocal(tx, found.record.round, next));
        return Decided{.look = Look::kAgain, .done = next.step, .material = {}};
      case Act::kCall:
      case Act::kPoll:
        break;
    }
    ASSIGN_OR_RETURN(Material material, ReadMaterial(tx, std::move(found.record), std::move(next)));
    return Decided{.look = Look::kAgain, .done = {}, .material = std::move(material)};
  };
  ASSIGN_OR_RETURN(const Decided decided, pg::Transact(pool_, Soon(), decide));
  if (decided.done) {
    done_[*decided.done].Add();
    obs::Log(obs::Level::kInfo, "round_step",
             {{"round", round.ToString()}, {"step", Name(*decided.done)}});
  }
  if (!decided.material) return decided.look;
  const absl::StatusOr<Learned> learned =
      Ask(neighbours_, *decided.material, absl::Now() + options_.ask_max);
  Report(*decided.material, learned);
  return Conclude(*decided.material, learned, holder);
}

absl::StatusOr<Reconciler::Look> Reconciler::Conclude(const Material& material,
                                                      const absl::StatusOr<Learned>& learned,
                                                      Uuid holder) {
  const RoundId round = material.record.round.id;
  const auto store = [&](pg::Tx& tx) -> absl::StatusOr<Look> {
    RETURN_IF_ERROR(LockLease(tx, round));
    ASSIGN_OR_RETURN(const RecordNow found, LockRecord(tx, round));
    // Meanwhile another replica stored the same answer, somebody wrote, or time went by: what was
    // asked is no longer what comes next. Asking again under the same key costs nothing.
    if (!NextStep(found.record, found.now).Same(material.next)) return Look::kAgain;
    if (learned.ok() && !learned->turned_down.ok()) {
      // What was done is answered the same for ever; a refusal only says how it was then. Somebody
      // who has the round by now may have been answered otherwise.
      ASSIGN_OR_RETURN(const bool ours, HoldsLease(tx, round, holder));
      if (!ours) return Look::kAgain;
    }
    if (learned.ok()) {
      RETURN_IF_ERROR(StoreAnswer(tx, material, *learned));
      const bool closes_earlier = learned->closes_at && *learned->closes_at <= found.now;
      if (learned->settled || closes_earlier) return Look::kAgain;
    }
    RETURN_IF_ERROR(Leave(tx, round, holder, NoteFor(material.next, learned, found.now, options_)));
    return Look::kPause;
  };
  return pg::Transact(pool_, Soon(), store);
}

void Reconciler::Report(const Material& material, const absl::StatusOr<Learned>& learned) const {
  const Step step = material.next.step;
  if (learned.ok()) {
    if (!learned->settled) return;
    (learned->turned_down.ok() ? done_ : refused_).at(step).Add();
    obs::Log(obs::Level::kInfo, "round_step",
             {{"round", material.record.round.id.ToString()},
              {"step", Name(step)},
              {"version", material.next.version},
              {"turned_down", ReasonOf(learned->turned_down)}});
    return;
  }
  if (IsPassing(learned.status().code())) return;
  refused_.at(step).Add();
  // Once, not at every try.
  if (material.record.round.blocked_reason == ReasonOrCode(learned.status())) return;
  std::vector<obs::Field> fields = obs::StatusFields(learned.status());
  fields.emplace_back("round", material.record.round.id.ToString());
  fields.emplace_back("step", Name(step));
  fields.emplace_back("wrong", WhatIsWrong(learned.status()));
  obs::Log(obs::Level::kError, "round_blocked", fields);
}

}  // namespace smederij::proposals
