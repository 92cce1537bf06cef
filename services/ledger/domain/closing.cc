#include "services/ledger/domain/closing.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"

namespace smederij::ledger {
namespace {

constexpr int16_t kPeriods = 12;

}  // namespace

ClosingId IdOfClosing(BudgetId budget, RequestId request) {
  return ClosingId::Derived(budget, absl::StrCat("closing/", request.ToString()));
}

Hash TrialHash(BudgetId budget, int64_t seq, absl::Span<const Account> accounts) {
  CanonicalWriter writer("smederij-trial-balance-v1");
  writer.Id(budget.uuid());
  writer.Number(static_cast<uint64_t>(seq));
  for (const Account& account : accounts) {
    if (account.debits == Money() && account.credits == Money()) continue;
    writer.Number(static_cast<uint32_t>(account.no));
    writer.Number(static_cast<uint8_t>(account.key.kind));
    writer.Text(account.key.reference);
    writer.Number(static_cast<uint64_t>(account.balance().cents()));
  }
  return crypto::Sha256(std::move(writer).Finish());
}

Hash RecordOf(const Closing& closing) {
  CanonicalWriter writer("smederij-closing-v1");
  writer.Id(closing.budget.uuid());
  writer.Id(closing.id.uuid());
  writer.Number(static_cast<uint8_t>(closing.period_no));
  writer.Number(static_cast<uint64_t>(closing.seq));
  writer.Bytes(closing.trial_hash);
  writer.Id(closing.proposed_by.uuid());
  writer.Id(closing.decided_by.uuid());
  return crypto::Sha256(std::move(writer).Finish());
}

bool Shut(absl::Span<const Closing> closings, int16_t period_no, int64_t seq) {
  for (const Closing& closing : closings) {
    if (closing.period_no != period_no || closing.seq >= seq) continue;
    if (closing.state != Closing::State::kRefused || seq <= closing.decided_seq) return true;
  }
  return false;
}

int16_t ClosedBy(absl::Span<const Closing> closings, int64_t seq) {
  for (const Closing& closing : closings) {
    if (closing.entry_seq == seq) return closing.period_no;
  }
  return 0;
}

int16_t Taking(absl::Span<const Closing> closings, int16_t natural, int64_t seq) {
  int16_t period = natural;
  while (period <= kPeriods && Shut(closings, period, seq)) ++period;
  return period;
}

}  // namespace smederij::ledger
