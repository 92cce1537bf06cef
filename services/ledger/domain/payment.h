#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/ledger/domain/commitment.h"

namespace smederij::ledger {

using PaymentId = Id<struct PaymentTag>;

// Where a payment stands. The numbers stand in the tables and in the API, and never change.
enum class PaymentState : int16_t {
  kRequested = 1,   // Waits for its approvers.
  kApproved = 2,    // May be given to the bank.
  kInstructed = 3,  // The bank has it.
  kSettled =
      4,        // The payee has it, but for what came back. An advance: until a part is taken back.
  kFailed = 5,  // It came back.
  kRejected = 6,  // Nobody will pay it.
  kAdvanced = 7,  // The payee has it, and still owes receipts for it, or money back.
};

// The steps there are; the table payment_transition holds the same. A first approval of two leaves
// a payment where it is, and so do receipts for a part of an advance, and money that comes back.
bool MayFollow(PaymentState from, PaymentState to);

// "REQUESTED", for facts of refusals.
absl::string_view NameOf(PaymentState state);

// A claim on a commitment: one invoice.
struct Payment {
  BudgetId budget;
  PaymentId id;
  CommitmentId commitment;
  PayeeId payee;
  Money amount;
  std::string invoice_ref;
  SubjectId requested_by;
  int16_t approvals_needed = 1;
  std::vector<SubjectId> approved_by;  // In their order.
  PaymentState state = PaymentState::kRequested;
  int16_t steps = 1;         // How many it took to come here, the request included.
  std::string bank_ref;      // What the bank knows it by; empty until it is instructed.
  int32_t iban_version = 0;  // Which of the payee's account numbers it went to; likewise.
  Money vat = {};            // In `amount`: what the municipality may reclaim. An advance has none.
  // Set: an advance, and on this day receipts for it are due.
  std::optional<absl::CivilDay> receipts_due = {};
  Money accounted = {}, returned = {};  // Of an advance: by receipts, and as money that came back.
  Money repaid = {}, repaid_vat = {};   // What came back of what was paid, and the VAT in it.

  // Money of the commitment that nobody else may claim, while it still stands on its account.
  bool Claims() const {
    return state == PaymentState::kRequested || state == PaymentState::kApproved;
  }
  // Its commitment cannot be closed.
  bool Open() const {
    return Claims() || state == PaymentState::kInstructed || state == PaymentState::kAdvanced;
  }
  // Of an advance: neither accounted for nor back.
  Money Owed() const { return amount - accounted - returned; }
  // Paid for good, so far: of an advance what receipts account for. And the VAT in it.
  Money Kept() const { return (receipts_due ? accounted : amount) - repaid; }
  Money KeptVat() const { return vat - repaid_vat; }
  // Nobody pays it any more.
  bool Ended() const { return state == PaymentState::kFailed || state == PaymentState::kRejected; }
  // Its invoice may not be asked for again: it is paid, or will be, and did not all come back.
  bool HoldsInvoice() const { return !Ended() && (receipts_due.has_value() || repaid < amount); }
};

// The id follows from the request, as with commitments.
PaymentId IdOfPayment(BudgetId budget, RequestId request);

// Who asked and approved, for what, to which account number: SHA-256 of a fixed layout that the
// README gives. The entries that move its money to the payee carry it.
Hash RecordOf(const Payment& payment);

// A payment takes at most so many steps; the last one of an advance has to account for all that is
// left of it, and the last one by which something comes back has to be all that did not.
inline constexpr int16_t kPaymentStepsMax = 500;

// A part of an advance that receipts account for, or that came back; or of what was paid, that came
// back after all.
struct PaymentPart {
  Money amount;
  std::string receipt_ref;  // Receipts, once per payment; empty when it came back.
  Hash document_hash{};     // Of the receipts.
  std::string return_ref;   // The bank line of what came back; else empty.
  // What the document or the bank line comes to: this part, and what other parts may have of it.
  Money total = {};
  bool repaid = false;  // Came back of what was paid, not of an advance that was open;
  Money vat = {};       // and the VAT in it.

  bool came_back() const { return receipt_ref.empty(); }
};

// What a part counts by in its municipality: the document of its receipts, whatever they are
// called, or its bank line. As the tables have it.
std::string EvidenceOf(const PaymentPart& part);

// Where such a part counted: by which entry, for which advance, and how much.
struct Counted {
  BudgetId budget;
  PaymentId payment;
  int64_t seq = 0;
  Money amount = {}, total = {};
};

// A part that counts, at its place.
struct CountedPart {
  PaymentId payment;
  int16_t step_no = 0;
  int64_t seq = 0;
  PaymentPart part;
};

// Who says so, of how much, with which papers: as above, of the entry that moves this part.
Hash RecordOf(const Payment& payment, const PaymentPart& part, SubjectId person);

// One step of a payment, as it is kept.
struct PaymentStep {
  Payment after;
  std::optional<PaymentState> before;  // None for the request.
  SubjectId person;                    // Who took it,
  std::string actor;                   // and as an entry names them.
  RequestId request;
  int64_t seq = 0;   // The entry it posted; 0 when it moved no money.
  std::string note;  // Why it was rejected or failed.
  std::optional<PaymentPart> part = {};
  std::optional<CountedPart> taken_back = {};  // An earlier step's, that counts no more.
};

}  // namespace smederij::ledger
