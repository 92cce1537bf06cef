#pragma once

#include "absl/status/statusor.h"
#include "common/pg/pool.h"
#include "common/rpc/router.h"
#include "common/rpc/table.h"
#include "services/ledger/api/places.h"
#include "services/ledger/api/writer.h"
#include "smederij/ledger/v1/spending.pb.h"

namespace smederij::ledger {

// The RPCs of SpendingService that are about payments; see SpendingApi. Thread-safe. What it is
// made of outlives it.
class PaymentApi {
 public:
  PaymentApi(pg::Pool& pool, Writer& writer, Places& places)
      : pool_(pool), writer_(writer), places_(places) {}

  void Mount(rpc::Router& router);

 private:
  using Answer = rpc::Reply<v1::Payment>;

  void RequestPayment(const rpc::Call&, const v1::RequestPaymentRequest&, Answer);
  void ApprovePayment(const rpc::Call&, const v1::ApprovePaymentRequest&, Answer);
  void RejectPayment(const rpc::Call&, const v1::RejectPaymentRequest&, Answer);
  void InstructPayment(const rpc::Call&, const v1::InstructPaymentRequest&, Answer);
  void SettlePayment(const rpc::Call&, const v1::SettlePaymentRequest&, Answer);
  void FailPayment(const rpc::Call&, const v1::FailPaymentRequest&, Answer);
  void AccountForAdvance(const rpc::Call&, const v1::AccountForAdvanceRequest&, Answer);
  void ReturnAdvance(const rpc::Call&, const v1::ReturnAdvanceRequest&, Answer);
  void ReturnPayment(const rpc::Call&, const v1::ReturnPaymentRequest&, Answer);
  absl::StatusOr<v1::ListPaymentsResponse> ListPayments(const rpc::Call& call,
                                                        const v1::ListPaymentsRequest& request);

  absl::StatusOr<v1::ListPaymentStepsResponse> ListPaymentSteps(
      const rpc::Call& call, const v1::ListPaymentStepsRequest& request);

  // Parses and queues a step of which only the books can say whether it may be taken.
  template <class What, class Request>
  void Step(const rpc::Call& call, const Request& request, Answer reply);

  pg::Pool& pool_;
  Writer& writer_;
  Places& places_;
};

}  // namespace smederij::ledger
