#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "services/ledger/domain/books.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/verification_store.h"
#include "smederij/ledger/v1/ledger.pb.h"

// Proto ↔ domain, and all that can be refused by looking at a request alone.
namespace smederij::ledger {

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::OpenBudgetRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::AppropriateRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::HoldPotRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReserveAwardsRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::AdjustAwardsRequest& request);
absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReleasePotRequest& request);

// The beginning of every command: its request_id and its actor. Refusal: BAD_ID.
absl::StatusOr<Command> CommandOf(const rpc::Call& call, const std::string& request_id);

// Who is answered when the request is repeated: the person, or the service alone.
std::string CallerOf(const rpc::Call& call);

v1::Budget ToProto(const BudgetState& state);
v1::Budget ToProto(const Budget& opened);
v1::Verification ToProto(const Verification& verification);
v1::AccountBalance ToProto(const Account& account);
v1::Entry ToProto(const StoredEntry& stored);
v1::Posted PostedOf(const Entry& entry);
// The accounts that entries speak of, with their balances after the last of them.
std::vector<v1::AccountBalance> AccountsIn(const std::vector<StoredEntry>& entries);

std::string BytesOf(const Hash& hash);
void SetTime(absl::Time time, google::protobuf::Timestamp* proto);

absl::Status NegativeSeq();  // OUT_OF_RANGE at as_of_seq.

// How many rows a page has. Refusal: BAD_PAGE.
absl::StatusOr<int64_t> PageSize(int32_t asked);
// A place in a list, of `kind` and bound to what is listed, so that no other list takes it.
std::string PageToken(absl::string_view kind, absl::string_view of,
                      const std::vector<std::string>& place);
// The `parts` of a token's place; empty for an empty token. Refusal: BAD_PAGE.
absl::StatusOr<std::vector<std::string>> ParsePageToken(absl::string_view token,
                                                        absl::string_view kind,
                                                        absl::string_view of, size_t parts);
absl::Status BadPageToken();  // BAD_PAGE, when a part of the place is not what it should be.

}  // namespace smederij::ledger
