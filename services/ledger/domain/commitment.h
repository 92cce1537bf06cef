#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/ledger/domain/entry.h"

namespace smederij::ledger {

using PayeeId = Id<struct PayeeTag>;

// What a commitment rests on. The numbers stand in records, in the tables and in the API.
enum class Ground : int16_t {
  kUnsaid = 0,    // From before it had to be said.
  kGrant = 1,     // A decision, to which one may object.
  kContract = 2,  // An agreement under private law, to which nobody can.
};

// Money of a plan that is promised to a supplier.
struct Commitment {
  BudgetId budget;
  CommitmentId id;
  PlanId plan;
  PayeeId payee;
  Money amount;                 // When it was opened; what is left stands on its account.
  std::string quote_ref;        // The quote or contract.
  std::string decision_ref;     // The grant decision,
  Hash document_hash{};         // and the SHA-256 of its document.
  absl::CivilDay payable_from;  // Of a grant: after the decision's objection term.
  int64_t seq = 0;              // The entry that committed it.
  absl::Time opened_at;
  bool closed = false;
  Money vat = {};  // In `amount`: what the municipality may reclaim.
  // Iv3, where it names its own; else empty.
  std::string taakveld = {}, category = {};
  Ground ground = Ground::kUnsaid;
  std::optional<absl::CivilDay> decision_date = {};  // Announced, or signed; none when unsaid.
  int16_t objection_days = 0;                        // Of a grant, as it was then.
};

// The id follows from the request, so that whoever repeats it knows what it made.
CommitmentId IdOfCommitment(BudgetId budget, RequestId request);

// What was agreed, as SHA-256 of a fixed layout that the README gives: entries of the commitment
// carry it, so that neither the supplier nor the term can be changed behind the chain.
Hash RecordOf(const Commitment& commitment);

}  // namespace smederij::ledger
