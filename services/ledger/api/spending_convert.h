#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/ledger/domain/books.h"
#include "services/ledger/storage/spending_store.h"
#include "smederij/ledger/v1/spending.pb.h"

// Proto ↔ domain for SpendingService, and all that can be refused by looking at a request alone.
namespace smederij::ledger {

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::OpenCommitmentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::CloseCommitmentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReleaseAwardRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::RequestPaymentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ApprovePaymentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::RejectPaymentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::InstructPaymentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::SettlePaymentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::FailPaymentRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::AccountForAdvanceRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReturnAdvanceRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReturnPaymentRequest& request);

v1::Commitment ToProto(const CommitmentState& state);
v1::Payment ToProto(const Payment& payment, int64_t seq);

}  // namespace smederij::ledger
