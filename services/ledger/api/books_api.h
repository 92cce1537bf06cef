#pragma once

#include "absl/status/statusor.h"
#include "common/crypto/note.h"
#include "common/pg/once.h"
#include "common/pg/pool.h"
#include "common/rpc/router.h"
#include "common/rpc/table.h"
#include "services/ledger/api/places.h"
#include "services/ledger/api/proof_tree.h"
#include "services/ledger/api/submit.h"
#include "services/ledger/api/writer.h"
#include "smederij/ledger/v1/books.pb.h"

namespace smederij::ledger {

// The RPCs of smederij.ledger.v1.BooksService; what each does and refuses is said there.
// Thread-safe. What it is made of outlives it.
class BooksApi {
 public:
  BooksApi(pg::Pool& pool, Writer& writer, Places& places, const crypto::NoteSigner& log_signer,
           const ProofTree& proof_tree)
      : pool_(pool),
        writer_(writer),
        places_(places),
        log_signer_(log_signer),
        proof_tree_(proof_tree) {}

  void Mount(rpc::Router& router);

 private:
  void ProposeReversal(const rpc::Call&, const v1::ProposeReversalRequest&,
                       rpc::Reply<v1::Reversal>);
  void DecideReversal(const rpc::Call&, const v1::DecideReversalRequest&, rpc::Reply<v1::Reversal>);
  void ProposeClosing(const rpc::Call&, const v1::ProposeClosingRequest&, rpc::Reply<v1::Closing>);
  void DecideClosing(const rpc::Call&, const v1::DecideClosingRequest&, rpc::Reply<v1::Closing>);
  void ProposeHandover(const rpc::Call&, const v1::ProposeHandoverRequest&,
                       rpc::Reply<v1::Handover>);
  void DecideHandover(const rpc::Call&, const v1::DecideHandoverRequest&,
                      rpc::Reply<v1::DecideHandoverResponse>);
  absl::StatusOr<v1::ListHandoversResponse> ListHandovers(const rpc::Call& call,
                                                          const v1::ListHandoversRequest& request);
  void CloseBudget(const rpc::Call&, const v1::CloseBudgetRequest&,
                   rpc::Reply<v1::CloseBudgetResponse>);
  void IndexAppropriations(const rpc::Call&, const v1::IndexAppropriationsRequest&,
                           rpc::Reply<v1::Posted>);
  absl::StatusOr<v1::ListPeriodsResponse> ListPeriods(const rpc::Call& call,
                                                      const v1::ListPeriodsRequest& request);
  absl::StatusOr<v1::LogCheckpoint> GetCheckpoint(const rpc::Call& call,
                                                  const v1::GetCheckpointRequest& request);
  absl::StatusOr<v1::EntryProof> GetEntryProof(const rpc::Call& call,
                                               const v1::GetEntryProofRequest& request);
  absl::StatusOr<v1::LedgerCodes> SetLedgerCodes(const rpc::Call& call,
                                                 const v1::SetLedgerCodesRequest& request);
  absl::StatusOr<v1::LedgerCodes> GetLedgerCodes(const rpc::Call& call,
                                                 const v1::GetLedgerCodesRequest& request);
  absl::StatusOr<v1::ListReversalsResponse> ListReversals(const rpc::Call& call,
                                                          const v1::ListReversalsRequest& request);

  // Whose the budget is, when the caller may act there.
  absl::StatusOr<Place> MayActIn(const rpc::Call& call, BudgetId budget);
  // Parses and queues a command on one budget, of which only the books can say whether it may be.
  template <class What, class Request, class Response>
  void Queue(const rpc::Call& call, const Request& request, Render render,
             rpc::Reply<Response> reply);

  pg::Pool& pool_;
  Writer& writer_;
  Places& places_;
  const crypto::NoteSigner& log_signer_;
  const ProofTree& proof_tree_;
  const pg::Once once_{"ledger", "payee_request"};  // Of all requests that are about no budget.
};

}  // namespace smederij::ledger
