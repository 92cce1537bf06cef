// The RPCs about the log of all entries, of books_api.h.
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/crypto/log_proof.h"
#include "common/pg/transact.h"
#include "services/ledger/api/books_api.h"
#include "services/ledger/api/text.h"
#include "services/ledger/domain/log_errors.h"
#include "services/ledger/domain/reversal_errors.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/storage/statement_store.h"

namespace smederij::ledger {

absl::StatusOr<v1::LogCheckpoint> BooksApi::GetCheckpoint(const rpc::Call& call,
                                                          const v1::GetCheckpointRequest&) {
  const std::string verifier_key = log_signer_.VerifierKey();
  const auto read = [&](pg::Tx& tx) { return ledger::GetCheckpoint(tx, verifier_key); };
  ASSIGN_OR_RETURN(std::optional<LogCheckpoint> checkpoint,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  if (!checkpoint) return NotYetLogged();
  v1::LogCheckpoint proto;
  proto.set_note(std::move(checkpoint->note));
  proto.set_size(checkpoint->size);
  proto.set_verifier_key(verifier_key);
  return proto;
}

absl::StatusOr<v1::EntryProof> BooksApi::GetEntryProof(const rpc::Call& call,
                                                       const v1::GetEntryProofRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  if (request.seq() < 1) return OutOfRange("seq", "must be 1 at least");
  const pg::TxOptions reading{.deadline = call.deadline, .read_only = true};
  std::optional<int64_t> place;
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<StoredEntry> {
    RETURN_IF_ERROR(ledger::GetBudget(tx, budget).status());
    ASSIGN_OR_RETURN(std::vector<StoredEntry> found,
                     ledger::ListEntries(tx, budget, request.seq() - 1, 1));
    if (found.empty() || found[0].entry.seq != request.seq()) {
      return EntryNotFound(budget, request.seq());
    }
    ASSIGN_OR_RETURN(place, PlaceInLog(tx, budget, request.seq()));
    return std::move(found[0]);
  };
  ASSIGN_OR_RETURN(const StoredEntry stored, pg::Transact(pool_, reading, read));
  ASSIGN_OR_RETURN(ProofTree::Proof proved, proof_tree_.Prove(place, stored.entry.hash));
  crypto::LogProof& proof = proved.proof;
  proof.extra = crypto::ToBytes(stored.entry.prev_hash) + stored.canonical;
  v1::EntryProof proto;
  proto.set_entry_hash(crypto::ToBytes(stored.entry.hash));
  proto.set_leaf_index(proof.index);
  proto.set_log_size(proved.size);
  proto.set_proof(crypto::ToText(proof));
  return proto;
}

}  // namespace smederij::ledger
