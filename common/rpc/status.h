#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace smederij::rpc {

// The only place where a grpc::Status is made from one of ours, and the way back for clients.

// What the router makes of a handler's status before it leaves: refusals (common/base/error.h) and
// passing troubles (CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED) stay
// what they are, the latter with a reason and a general sentence; anything else is a bug of ours
// and becomes INTERNAL with the reason INTERNAL and the call id as its only fact.
absl::Status Told(const absl::Status& status, absl::string_view call_id);

// `told` as sent: code, sentence, and google.rpc.Status with ErrorInfo{reason,
// "<service>.smederij", facts}, BadRequest and RetryInfo in grpc-status-details-bin. A client may
// take no more than 8 KiB of it: sentence and facts are cut at 1,000 bytes, all facts at 2,000, and
// of many fields at fault the first are told with the fact `fields_not_told`, which counts the
// others.
grpc::Status ToGrpc(const absl::Status& told, absl::string_view service);

// The refusal another service answered, with reason, facts, fields and retry delay; a status
// without details keeps code and sentence.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace smederij::rpc
