#pragma once

#include "smederij/ledger/v1/books.pb.h"
#include "smederij/ledger/v1/payee.pb.h"
#include "smederij/ledger/v1/spending.pb.h"
#include "smederij/proposals/v1/proposals.pb.h"

namespace smederij::cli {

// What a service answered to whoever acted: a line for people, or JSON.
void Print(const ledger::v1::Commitment& commitment, bool json);
void Print(const ledger::v1::Payment& payment, bool json);
void Print(const ledger::v1::PaymentStep& step, bool json);
void Print(const ledger::v1::Payee& payee, bool json);
void Print(const ledger::v1::PayeeDetails& payee, bool json);
void Print(const ledger::v1::Posted& posted, bool json);
void Print(const ledger::v1::Reversal& reversal, bool json);
void Print(const ledger::v1::Closing& closing, bool json);
void Print(const ledger::v1::Handover& handover, bool json);
void Print(const ledger::v1::DecideHandoverResponse& decided, bool json);
void Print(const ledger::v1::CloseBudgetResponse& closed, bool json);
void Print(const ledger::v1::LedgerCodes& codes, bool json);
void Print(const ledger::v1::Period& period, bool json);
void Print(const proposals::v1::Correction& correction, bool json);
void Print(const proposals::v1::Round& round, bool json);

}  // namespace smederij::cli
