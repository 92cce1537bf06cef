#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/seal.h"
#include "common/pg/once.h"
#include "common/pg/pool.h"
#include "common/rpc/router.h"
#include "common/rpc/table.h"
#include "services/ledger/domain/payee.h"
#include "services/ledger/storage/payee_store.h"
#include "smederij/ledger/v1/payee.pb.h"

namespace smederij::ledger {

// The RPCs of smederij.ledger.v1.PayeeService; what each does and refuses is said there.
// Thread-safe. The pool outlives it.
class PayeeApi {
 public:
  // Names and account numbers are sealed under `key`.
  PayeeApi(pg::Pool& pool, const crypto::SealingKey& key) : pool_(pool), key_(key) {}

  void Mount(rpc::Router& router);

 private:
  absl::StatusOr<v1::Payee> RegisterPayee(const rpc::Call& call,
                                          const v1::RegisterPayeeRequest& request);
  absl::StatusOr<v1::Payee> ProposeIban(const rpc::Call& call,
                                        const v1::ProposeIbanRequest& request);
  absl::StatusOr<v1::Payee> DecideIban(const rpc::Call& call, const v1::DecideIbanRequest& request);
  absl::StatusOr<v1::PayeeDetails> GetPayee(const rpc::Call& call,
                                            const v1::GetPayeeRequest& request);

  absl::StatusOr<v1::ListPayeesResponse> ListPayees(const rpc::Call& call,
                                                    const v1::ListPayeesRequest& request);

  // Adds the name and the numbers, as many of them as open. Refusal: SEAL_BROKEN.
  absl::Status Open(const SealedPayee& sealed, v1::PayeeDetails& details) const;
  // Refusal: PAYEE_EXISTS, when the number is another payee's now.
  absl::Status MayTake(pg::Tx& tx, const Payee& payee, const std::string& iban) const;
  // The number of `version` becomes the payee's. Refusals: SEAL_BROKEN, PAYEE_EXISTS.
  absl::Status Take(pg::Tx& tx, const Payee& payee, int32_t version) const;
  Fingerprint FingerprintOf(const Payee& payee, const std::string& iban) const;
  // The payee, when the caller may act in its municipality.
  absl::StatusOr<Payee> Find(const rpc::Call& call, PayeeId id);
  // Runs `body` once per request id, in one transaction.
  template <class Request, class Body>
  absl::StatusOr<v1::Payee> Once(const rpc::Call& call, RequestId id, const Request& request,
                                 Body body);

  pg::Pool& pool_;
  const crypto::SealingKey key_;
  const pg::Once once_{"ledger", "payee_request"};
};

}  // namespace smederij::ledger
