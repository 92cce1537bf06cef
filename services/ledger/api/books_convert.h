#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/ledger/domain/books.h"
#include "smederij/ledger/v1/books.pb.h"

// Proto ↔ domain for BooksService, and all that can be refused by looking at a request alone.
namespace smederij::ledger {

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ProposeReversalRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::DecideReversalRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ProposeClosingRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::DecideClosingRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ProposeHandoverRequest& request);
// Without what was proposed, which the books know.
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::DecideHandoverRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::CloseBudgetRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::IndexAppropriationsRequest& request);

v1::Reversal ToProto(const Reversal& reversal);
v1::Closing ToProto(const Closing& closing);
v1::Handover ToProto(const Handover& handover);

}  // namespace smederij::ledger
