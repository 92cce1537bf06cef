#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/pg/transact.h"

namespace smederij::pg {

// What makes a repeated write recognisable.
struct OnceKey {
  RequestId request_id;      // Made by the client before it first sends.
  absl::string_view method;  // The RPC's name.
  SubjectId caller;          // An answer is repeated to whoever got it first, to nobody else.
  std::array<uint8_t, 32> request_hash;  // Of the whole request.
};

template <class Message>
struct Answered {
  Message message;
  bool replayed = false;
};

// Idempotent writes. In the service's first migration:
//
//   CREATE TABLE <schema>.request (
//     request_id uuid CONSTRAINT request_pkey PRIMARY KEY,
//     method text NOT NULL, caller uuid NOT NULL,
//     request_hash bytea NOT NULL CONSTRAINT request_hash_size CHECK (octet_length(request_hash) =
//     32), response bytea,                                -- filled in by the transaction that
//     inserts requested_at timestamptz NOT NULL DEFAULT clock_timestamp());
//   GRANT SELECT, INSERT, UPDATE (response) ON <schema>.request TO <schema>_app;
//
// The id is inserted first of all, so a racing copy waits for the first one's commit and then reads
// its answer, instead of being refused because of what the first one changed. A refusal rolls back
// and leaves no trace: the same id may be tried again. Thread-safe.
class Once {
 public:
  // `table` is named otherwise where a service has two kinds of requests; its primary key then is
  // "<table>_pkey".
  explicit Once(absl::string_view schema, absl::string_view table = "request");

  // Runs `body` (StatusOr<Message>()) unless the request was answered before; then gives that
  // answer again with replayed = true. Message is a protobuf message. Refusal, before any of the
  // body's: REQUEST_ID_REUSED, when the id was used for another method, caller or request.
  template <class Message, class Body>
  absl::StatusOr<Answered<Message>> Run(Tx& tx, const OnceKey& key, Body body) const {
    ASSIGN_OR_RETURN(const std::optional<std::string> earlier, Begin(tx, key));
    if (earlier) {
      Answered<Message> answered{.message = {}, .replayed = true};
      if (!answered.message.ParseFromString(*earlier)) {
        return absl::InternalError("a stored answer does not parse");
      }
      return answered;
    }
    absl::StatusOr<Message> message = body();
    if (!message.ok()) return std::move(message).status();
    RETURN_IF_ERROR(Finish(tx, key.request_id, message->SerializeAsString()));
    return Answered<Message>{.message = *std::move(message), .replayed = false};
  }

 private:
  absl::StatusOr<std::optional<std::string>> Begin(Tx& tx, const OnceKey& key) const;
  absl::Status Finish(Tx& tx, RequestId id, std::string response) const;

  const std::string insert_, find_, finish_;
};

absl::Status RequestIdReused(RequestId id);  // ALREADY_EXISTS REQUEST_ID_REUSED.

}  // namespace smederij::pg
