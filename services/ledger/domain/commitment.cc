#include "services/ledger/domain/commitment.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"

namespace smederij::ledger {

CommitmentId IdOfCommitment(BudgetId budget, RequestId request) {
  return CommitmentId::Derived(budget, absl::StrCat("commitment/", request.ToString()));
}

Hash RecordOf(const Commitment& commitment) {
  // Those that say on what ground are of the fourth version. Of the older ones, those with Iv3
  // fields of their own are of the third and those with VAT of the second; they stay as they were.
  const bool ground = commitment.ground != Ground::kUnsaid;
  const bool iv3 = ground || !commitment.taakveld.empty() || !commitment.category.empty();
  const bool vat = iv3 || commitment.vat > Money();
  CanonicalWriter writer(ground ? "smederij-commitment-v4"
                         : iv3  ? "smederij-commitment-v3"
                         : vat  ? "smederij-commitment-v2"
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
  if (ground) {
    writer.Number(static_cast<uint8_t>(commitment.ground));
    writer.Text(commitment.decision_date ? absl::FormatCivilTime(*commitment.decision_date) : "");
    writer.Number(static_cast<uint16_t>(commitment.objection_days));
  }
  return crypto::Sha256(std::move(writer).Finish());
}

}  // namespace smederij::ledger
