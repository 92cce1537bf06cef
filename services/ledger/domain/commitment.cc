#include "services/ledger/domain/commitment.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"

namespace smederij::ledger {

CommitmentId IdOfCommitment(BudgetId budget, RequestId request) {
  return CommitmentId::Derived(budget, absl::StrCat("commitment/", request.ToString()));
}

Hash RecordOf(const Commitment& commitment) {
  // Those with Iv3 fields of their own are of the third version, with VAT of the second; the others
  // stay as they were.
  const bool iv3 = !commitment.taakveld.empty() || !commitment.category.empty();
  const bool vat = iv3 || commitment.vat > Money();
  CanonicalWriter writer(iv3   ? "smederij-commitment-v3"
                         : vat ? "smederij-commitment-v2"
                               : "smederij-commitment-v1");
  writer.Id(commitment.budget.uuid());
  writer.Id(commitment.id.uuid());
  writer.Id(commitment.plan.uuid());
  writer.Id(commitment.payee.uuid());
  writer.Number(static_cast<uint64_t>(commitment.amount.cents()));
  writer.Text(commitment.quote_ref);
  writer.Text(commitment.decision_ref);
  writer.Bytes(commitment.document_hash);
  writer.Text(absl::FormatCivilTime(commitment.payable_from));
  if (vat) writer.Number(static_cast<uint64_t>(commitment.vat.cents()));
  if (iv3) {
    writer.Text(commitment.taakveld);
    writer.Text(commitment.category);
  }
  return crypto::Sha256(std::move(writer).Finish());
}

}  // namespace smederij::ledger
