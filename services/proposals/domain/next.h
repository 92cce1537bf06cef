#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "services/proposals/domain/award.h"
#include "services/proposals/domain/correction.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/domain/round.h"

namespace smederij::proposals {

// The way of a round, in order.
enum class Step {
  kHoldPot = 1,         // The ledger sets a pot aside; once per pot.
  kOpenRoll,            // The registry draws up who may vote …
  kAwaitRoll,           // … and has.
  kFreezePlans,         // Plans that were not admitted are left out.
  kProposeManifest,     // Ballots encodes and hashes what is frozen.
  kAwaitApproval,       // Two officials approve it.
  kConfirmManifest,     // The registry may issue credentials.
  kAwaitClose,          // Voting.
  kCloseRoll,           // No more credentials.
  kCloseElection,       // No more ballots.
  kCount,               // Ballots counts …
  kAwaitCount,          // … and has.
  kAwaitCertification,  // Two officials certify the result.
  kMarkPlans,           // Every plan gets its outcome and the reason.
  kReserveAwards,       // The ledger reserves awards; once per award version.
  kAwaitAnswers,        // Offers wait for their groups.
  kReleasePot,          // What is left goes back; once per pot.
  kDone,
  kAdjustAwards,  // After that: the ledger changes awards; once per correction that was accepted.
};
inline constexpr Step kLastStep = Step::kAdjustAwards;
absl::string_view Name(Step step);  // "hold_pot", …

struct StepDone {
  Step step = Step::kHoldPot;
  uint32_t version = 1;  // Which pot, award version or correction; 1 where there is only one.
  absl::Time at = {};
};

// A correction that somebody accepted.
struct CorrectionNow {
  uint32_t number = 0;
  CorrectionState state = CorrectionState::kAccepted;  // Or kDone, kTurnedDown.
};

// What is stored of a round: all that the next step is decided by.
struct Record {
  Round round = {};
  std::vector<StepDone> steps = {};
  uint32_t plans_admitted = 0;
  uint32_t offers_open = 0;
  uint32_t award_version = 0;                   // The highest there is; 0 while nothing is awarded.
  std::vector<CorrectionNow> corrections = {};  // By number; only those that were accepted.

  // The version the ledger knows the next change of awards by: one for each reservation and each
  // correction that it made.
  uint32_t NextAwardVersion() const;
  bool Has(Step step, uint32_t version = 1) const;
};

// What kind of thing comes next.
enum class Act {
  kCall,      // One idempotent call to a neighbour; its answer is stored.
  kPoll,      // A question to a neighbour that works or waits for people; may have to be repeated.
  kLocal,     // Something in our own database alone.
  kWait,      // Nothing before `until`, or before somebody writes.
  kFinished,  // Never anything again.
};

enum class WaitsFor {
  kNobody,
  kClock,
  kBudgetHolder,
  kOfficials,  // Two of them, at ballots.
  kInitiativeGroup,
  kRegistry,
  kBallots,
  kLedger,
};

struct Next {
  Step step = Step::kDone;
  uint32_t version = 1;
  Act act = Act::kFinished;
  WaitsFor waits_for = WaitsFor::kNobody;
  absl::Time until = absl::InfiniteFuture();  // kWait: when the decision may be another.
  Outcome ends_as = Outcome::kNone;           // kLocal: the round ends here with nothing awarded.
  std::string sentence = {};                  // What is waited for, for people.

  // The same thing to do; whose answer may then be stored.
  bool Same(const Next& other) const {
    return step == other.step && version == other.version && act == other.act &&
           ends_as == other.ends_as;
  }
};

// The one next thing to do for a round: a pure function of what is stored and the database's clock.
// Performing it any number of times has one effect, since its key is KeyOf(round, step, version).
Next NextStep(const Record& record, absl::Time now);

// Which pot a step of this version is about, from 0: after every correction each gives back once
// more.
size_t PotOf(const Round& round, uint32_t version);

// The request_id under which a step's call is made, always the same one.
RequestId KeyOf(RoundId round, Step step, uint32_t version);

}  // namespace smederij::proposals
