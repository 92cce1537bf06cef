#include "services/ledger/domain/entry.h"

#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"

namespace smederij::ledger {
namespace {

void WriteAccount(CanonicalWriter& writer, int64_t no, const AccountKey& key) {
  writer.Number(static_cast<uint32_t>(no));
  writer.Number(static_cast<uint8_t>(key.kind));
  // By name and not by number alone: else a plan's money would follow whoever renames an account.
  writer.Text(key.reference);
}

}  // namespace

bool Allows(EntryType type, AccountKind from, AccountKind to) {
  using enum AccountKind;
  switch (type) {
    case EntryType::kAppropriate:
      return from == kSource && to == kAvailable;
    case EntryType::kHoldPot:
      return from == kAvailable && to == kPot;
    case EntryType::kReserveAwards:
      return from == kPot && to == kReserved;
    case EntryType::kReleasePot:
      return from == kPot && to == kAvailable;
    case EntryType::kOpenCommitment:
      return from == kReserved && to == kCommitted;
    case EntryType::kCloseCommitment:
      return from == kCommitted && to == kReserved;
    case EntryType::kReleaseAward:
      return from == kReserved && to == kAvailable;
    case EntryType::kInstructPayment:
      return from == kCommitted && to == kClearing;
    case EntryType::kSettlePayment:
      return from == kClearing && (to == kPaid || to == kAdvanced);
    case EntryType::kFailPayment:
      return from == kClearing && to == kCommitted;
    case EntryType::kReverse:
      return (from == kAvailable && (to == kSource || to == kReserved)) ||
             (to == kAdvanced && (from == kPaid || from == kCommitted)) ||
             (to == kPaid && (from == kCommitted || from == kReserved));
    case EntryType::kAdjustAwards:
      return (to == kPot && (from == kReserved || from == kAvailable)) ||
             (from == kPot && to == kReserved);
    case EntryType::kCarryOut:
      return (to == kCarriedOut &&
              (from == kReserved || from == kCommitted || from == kAvailable)) ||
             (from == kAvailable && (to == kSource || to == kCarriedIn));
    case EntryType::kCarryIn:
      return from == kCarriedIn && (to == kReserved || to == kCommitted || to == kAvailable);
    case EntryType::kReturnFunds:
      return from == kAvailable && (to == kSource || to == kCarriedIn);
    case EntryType::kAccountAdvance:
      return from == kAdvanced && to == kPaid;
    case EntryType::kReturnAdvance:
      return from == kAdvanced && to == kCommitted;
    case EntryType::kIndexAppropriations:
      return from == kSource && to == kAvailable;
    case EntryType::kClosePeriod:
      return false;
    case EntryType::kReturnPayment:
      return from == kPaid && (to == kCommitted || to == kReserved);
  }
  return false;  // A number read from a table.
}

absl::string_view NameOf(EntryType type) {
  switch (type) {
    case EntryType::kAppropriate:
      return "appropriate";
    case EntryType::kHoldPot:
      return "hold_pot";
    case EntryType::kReserveAwards:
      return "reserve_awards";
    case EntryType::kReleasePot:
      return "release_pot";
    case EntryType::kOpenCommitment:
      return "open_commitment";
    case EntryType::kCloseCommitment:
      return "close_commitment";
    case EntryType::kReleaseAward:
      return "release_award";
    case EntryType::kInstructPayment:
      return "instruct_payment";
    case EntryType::kSettlePayment:
      return "settle_payment";
    case EntryType::kFailPayment:
      return "fail_payment";
    case EntryType::kReverse:
      return "reverse";
    case EntryType::kAdjustAwards:
      return "adjust_awards";
    case EntryType::kCarryOut:
      return "carry_out";
    case EntryType::kCarryIn:
      return "carry_in";
    case EntryType::kReturnFunds:
      return "return_funds";
    case EntryType::kAccountAdvance:
      return "account_advance";
    case EntryType::kReturnAdvance:
      return "return_advance";
    case EntryType::kIndexAppropriations:
      return "index_appropriations";
    case EntryType::kClosePeriod:
      return "close_period";
    case EntryType::kReturnPayment:
      return "return_payment";
  }
  return "";
}

bool Reversible(EntryType type) {
  switch (type) {
    case EntryType::kAppropriate:
    case EntryType::kReleaseAward:
    case EntryType::kIndexAppropriations:
    case EntryType::kAccountAdvance:
    case EntryType::kReturnAdvance:
    case EntryType::kReturnPayment:
      return true;
    default:
      return false;
  }
}

bool MayBeDated(EntryType type) {
  switch (type) {
    case EntryType::kAppropriate:
    case EntryType::kOpenCommitment:
    case EntryType::kCloseCommitment:
    case EntryType::kReleaseAward:
    case EntryType::kInstructPayment:
    case EntryType::kSettlePayment:
    case EntryType::kFailPayment:
    case EntryType::kReturnFunds:
    case EntryType::kAccountAdvance:
    case EntryType::kReturnAdvance:
    case EntryType::kReturnPayment:
    case EntryType::kIndexAppropriations:
      return true;
    default:
      return false;
  }
}

std::string Canonical(const Entry& entry) {
  // Entries that rest on a record are of the second version, those that say on which day they
  // happened of the third; the first ones stay as they were.
  CanonicalWriter writer(entry.effective ? "smederij-entry-v3"
                         : entry.record  ? "smederij-entry-v2"
                                         : "smederij-entry-v1");
  writer.Id(entry.budget.uuid());
  writer.Number(static_cast<uint64_t>(entry.seq));
  writer.Number(static_cast<uint8_t>(entry.type));
  writer.Number(static_cast<uint8_t>(entry.period_no));
  writer.Time(entry.recorded_at);
  writer.Id(entry.request.uuid());
  writer.Text(entry.actor);
  writer.Text(entry.approver);
  writer.Text(entry.decision_ref);
  writer.Id(entry.link);
  writer.Number(static_cast<uint64_t>(entry.reverses_seq));
  if (entry.record || entry.effective) writer.Bytes(entry.record.value_or(Hash{}));
  if (entry.effective) writer.Text(absl::FormatCivilTime(*entry.effective));
  CHECK(entry.postings.size() <= UINT16_MAX);
  writer.Number(static_cast<uint16_t>(entry.postings.size()));
  for (const Posting& posting : entry.postings) {
    WriteAccount(writer, posting.from_no, posting.from);
    WriteAccount(writer, posting.to_no, posting.to);
    writer.Number(static_cast<uint64_t>(posting.amount.cents()));
  }
  return std::move(writer).Finish();
}

Hash ChainHash(const Hash& prev_hash, absl::string_view canonical) {
  return crypto::Sha256(
      {absl::string_view(reinterpret_cast<const char*>(prev_hash.data()), prev_hash.size()),
       canonical});
}

}  // namespace smederij::ledger
