#include "services/registry/api/roll_opener.h"

#include <algorithm>

#include "common/obs/log.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/roll_store.h"
#include "services/registry/storage/station_store.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(2);  // For what other replicas were asked.
constexpr absl::Duration kLook = absl::Seconds(5);
constexpr absl::Duration kDrawUp = absl::Minutes(10);
constexpr size_t kRowsPerStatement = 5000;
constexpr absl::string_view kNobody = "NOBODY_ON_ROLL";

}  // namespace

RollOpener::RollOpener(const Database& database, IssuerKeys& keys, const ParticularsSeal& seal)
    : database_(database), keys_(keys), seal_(seal), thread_([this] { Work(); }) {}

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
    ASSIGN_OR_RETURN(const std::vector<Station> stations, StationsOf(tx, asked->round));
    RETURN_IF_ERROR(stations.empty() ? Entitle(tx, asked->round)
                                     : Place(tx, asked->round, stations));
    ASSIGN_OR_RETURN(const int64_t voters, Open(tx, asked->round, keys));
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

// Some 60 bytes a voter are held, for numbers are given out once everybody's station is known.
absl::Status RollOpener::Place(pg::Tx& tx, RoundId round,
                               const std::vector<Station>& stations) const {
  const StationFinder finder(stations);
  PlacedColumns all;
  std::vector<uint32_t> at;
  for (SubjectId last;;) {
    ASSIGN_OR_RETURN(const std::vector<Eligible> page,
                     EligibleAfter(tx, round, last, kRowsPerStatement));
    if (page.empty()) break;
    last = page.back().person;
    for (const Eligible& voter : page) {
      Particulars particulars;
      if (voter.particulars) {
        ASSIGN_OR_RETURN(particulars, seal_.Open(voter.person_key, voter.particulars->value));
      }
      all.people.push_back(voter.person);
      all.class_ids.push_back(voter.class_id);
      all.ages.push_back(voter.age);
      at.push_back(finder.Find(particulars.postcode));
    }
  }
  const std::vector<uint32_t> numbers = NumberVoters(round, all.people, at);
  for (size_t begin = 0; begin < at.size(); begin += kRowsPerStatement) {
    PlacedColumns some;
    for (size_t i = begin; i < std::min(begin + kRowsPerStatement, at.size()); ++i) {
      some.people.push_back(all.people[i]);
      some.class_ids.push_back(all.class_ids[i]);
      some.ages.push_back(all.ages[i]);
      some.stations.push_back(static_cast<int32_t>(at[i]));
      some.roll_numbers.push_back(static_cast<int32_t>(numbers[i]));
    }
    RETURN_IF_ERROR(InsertPlaced(tx, round, some));
  }
  return absl::OkStatus();
}

}  // namespace smederij::registry
