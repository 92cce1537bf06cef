#include "common/pg/once.h"

#include "absl/strings/substitute.h"
#include "common/base/error.h"

namespace smederij::pg {
namespace {

using Hash = std::array<uint8_t, 32>;

struct Earlier {
  std::string method;
  SubjectId caller;
  Hash request_hash{};
  std::optional<Bytes> response;
};

Earlier Decode(Columns& row, As<Earlier>) {
  Earlier earlier;
  earlier.method = row.Next<std::string>();
  earlier.caller = row.Next<SubjectId>();
  earlier.request_hash = row.Next<Hash>();
  earlier.response = row.Next<std::optional<Bytes>>();
  return earlier;
}

}  // namespace

Once::Once(absl::string_view schema, absl::string_view table)
    : insert_(absl::Substitute("INSERT INTO $0.$1 (request_id, method, caller, request_hash) "
                               "VALUES ($$1, $$2, $$3, $$4) "
                               "ON CONFLICT ON CONSTRAINT $1_pkey DO NOTHING "
                               "RETURNING request_id",
                               schema, table)),
      find_(absl::Substitute("SELECT method, caller, request_hash, response FROM $0.$1 "
                             "WHERE request_id = $$1",
                             schema, table)),
      finish_(absl::Substitute("UPDATE $0.$1 SET response = $$2 WHERE request_id = $$1", schema,
                               table)) {}

absl::StatusOr<std::optional<std::string>> Once::Begin(Tx& tx, const OnceKey& key) const {
  const Statement<RequestId(RequestId, std::string, SubjectId, Hash)> insert{"pg.once_insert",
                                                                             insert_};
  ASSIGN_OR_RETURN(
      const std::optional<RequestId> inserted,
      tx.Maybe(insert, key.request_id, std::string(key.method), key.caller, key.request_hash));
  if (inserted) return std::optional<std::string>();
  const Statement<Earlier(RequestId)> find{"pg.once_find", find_};
  ASSIGN_OR_RETURN(std::optional<Earlier> earlier, tx.Maybe(find, key.request_id));
  if (!earlier) return Rerun("request_id_vanished");  // Only under a higher isolation level.
  if (absl::string_view(earlier->method) != key.method || earlier->caller != key.caller ||
      earlier->request_hash != key.request_hash) {
    return RequestIdReused(key.request_id);
  }
  if (!earlier->response) return absl::InternalError("an answered request has no answer");
  return std::optional<std::string>(std::move(earlier->response->value));
}

absl::Status Once::Finish(Tx& tx, RequestId id, std::string response) const {
  const Statement<void(RequestId, Bytes)> finish{"pg.once_finish", finish_};
  return tx.Exec(finish, id, Bytes(std::move(response)));
}

absl::Status RequestIdReused(RequestId id) {
  return Error(kAlreadyExists, "REQUEST_ID_REUSED",
               "this request_id was used before, for another request")
      .With("request_id", id.ToString());
}

}  // namespace smederij::pg
