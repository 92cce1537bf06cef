#include "services/registry/api/roll_opener.h"

#include "common/obs/log.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/roll_store.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(2);  // For what other replicas were asked.
constexpr absl::Duration kLook = absl::Seconds(5);
constexpr absl::Duration kDrawUp = absl::Minutes(10);
constexpr absl::string_view kNobody = "NOBODY_ON_ROLL";

}  // namespace

RollOpener::RollOpener(const Database& database, IssuerKeys& keys)
    : database_(database), keys_(keys), thread_([this] { Work(); }) {}

RollOpener::~RollOpener() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void RollOpener::Wake() {
  const absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void RollOpener::Work() {
  const auto wakes = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
  for (;;) {
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&wakes), kLookEvery);
      if (stopping_) return;
      woken_ = false;
    }
    const absl::StatusOr<bool> drawn = DrawUpNext();
    if (!drawn.ok()) {
      obs::Log(obs::Level::kWarning, "roll_not_drawn_up", obs::StatusFields(drawn.status()));
    } else if (*drawn) {
      Wake();  // Perhaps another one waits.
    }
  }
}

absl::StatusOr<bool> RollOpener::DrawUpNext() {
  struct Asked {
    RoundId round;
    std::vector<RollClass> classes;
  };
  const auto next = [](pg::Tx& tx) -> absl::StatusOr<std::optional<Asked>> {
    ASSIGN_OR_RETURN(const std::optional<RoundId> round, NextRunning(tx));
    if (!round) return std::optional<Asked>();
    ASSIGN_OR_RETURN(std::vector<RollClass> classes, ClassesOf(tx, *round));
    return std::optional<Asked>(Asked{.round = *round, .classes = std::move(classes)});
  };
  ASSIGN_OR_RETURN(const std::optional<Asked> asked, database_.Read(absl::Now() + kLook, next));
  if (!asked) return false;
  std::vector<IssuerKeyRow> keys;  // Before the transaction: they take their time.
  for (const RollClass& one : asked->classes) keys.push_back(keys_.Make(one.rule.class_id));
  const auto draw_up = [&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const Roll roll, LockRoll(tx, asked->round));
    if (roll.state != RollState::kRunning) return absl::OkStatus();  // Another replica was faster.
    ASSIGN_OR_RETURN(const int64_t voters, DrawUp(tx, asked->round, keys));
    if (voters == 0) return Error(kFailedPrecondition, kNobody, "nobody is of an age to vote");
    return absl::OkStatus();
  };
  const absl::Status status =
      pg::Transact(database_.pool, {.deadline = absl::Now() + kDrawUp}, draw_up);
  if (absl::string_view(ReasonOf(status)) != kNobody) {
    RETURN_IF_ERROR(status);
    return true;
  }
  const auto fail = [&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const Roll roll, LockRoll(tx, asked->round));
    if (roll.state != RollState::kRunning) return absl::OkStatus();
    return FailRoll(tx, asked->round, "nobody in the district is of an age to vote");
  };
  RETURN_IF_ERROR(pg::Transact(database_.pool, {.deadline = absl::Now() + kLook}, fail));
  return true;
}

}  // namespace smederij::registry
