#include "services/ledger/api/payee_api.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/text.h"
#include "services/ledger/domain/iban.h"
#include "services/ledger/domain/payee_errors.h"
#include "services/ledger/storage/payee_store.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kRead = absl::Milliseconds(500), kWrite = absl::Seconds(2);
constexpr size_t kNameMax = 140;  // What a credit transfer carries.

// What a sealed value belongs to: moved to another row, it does not open.
std::string NameContext(PayeeId payee) { return absl::StrCat("payee/", payee.ToString(), "/name"); }
std::string IbanContext(PayeeId payee, int32_t version) {
  return absl::StrCat("payee/", payee.ToString(), "/iban/", version);
}

v1::Payee ToProto(const Payee& payee) {
  v1::Payee proto;
  proto.set_payee_id(payee.id.ToString());
  proto.set_iban_version(payee.iban_version);
  proto.set_proposed_version(payee.proposed);
  return proto;
}

}  // namespace

void PayeeApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("RegisterPayee", kWrite, &PayeeApi::RegisterPayee);
  table.Unary("ProposeIban",   kWrite, &PayeeApi::ProposeIban);
  table.Unary("DecideIban",    kWrite, &PayeeApi::DecideIban);
  table.Unary("GetPayee",      kRead,  &PayeeApi::GetPayee);
}  // clang-format on

absl::StatusOr<Payee> PayeeApi::Find(const rpc::Call& call, PayeeId id) {
  const auto read = [&](pg::Tx& tx) { return ledger::GetPayee(tx, id); };
  ASSIGN_OR_RETURN(const Payee payee,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  RETURN_IF_ERROR(call.MayActIn(payee.municipality));
  return payee;
}

template <class Request, class Body>
absl::StatusOr<v1::Payee> PayeeApi::Once(const rpc::Call& call, RequestId id,
                                         const Request& request, Body body) {
  const pg::OnceKey key{.request_id = id,
                        .method = Request::descriptor()->name(),
                        .caller = call.caller.subject,
                        .request_hash = rpc::RequestHash(request)};
  const auto run = [&](pg::Tx& tx) {
    return once_.Run<v1::Payee>(tx, key, [&]() -> absl::StatusOr<v1::Payee> {
      ASSIGN_OR_RETURN(const Payee payee, body(tx));
      return ToProto(payee);
    });
  };
  ASSIGN_OR_RETURN(auto answered, pg::Transact(pool_, {.deadline = call.deadline}, run));
  if (answered.replayed) call.MarkReplayed();
  return std::move(answered.message);
}

absl::StatusOr<v1::Payee> PayeeApi::RegisterPayee(const rpc::Call& call,
                                                  const v1::RegisterPayeeRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RequestId>(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(const std::string name, ParseLine(request.name(), "name", kNameMax));
  ASSIGN_OR_RETURN(const std::string iban, ParseIban(request.iban(), "iban"));
  RETURN_IF_ERROR(call.MayActIn(call.caller.municipality));
  const Payee payee{
      .id = PayeeId::Derived(call.caller.municipality, absl::StrCat("payee/", id.ToString())),
      .municipality = call.caller.municipality,
      .iban_version = 1,
      .versions = 1,
      .proposed = 0,
      .proposed_by = {}};
  return Once(call, id, request, [&](pg::Tx& tx) -> absl::StatusOr<Payee> {
    const SubjectId by = call.caller.subject;
    RETURN_IF_ERROR(InsertPayee(tx, payee, key_.Seal(name, NameContext(payee.id)), by));
    RETURN_IF_ERROR(InsertIban(tx, payee.id, 1, key_.Seal(iban, IbanContext(payee.id, 1)), by));
    return payee;
  });
}

absl::StatusOr<v1::Payee> PayeeApi::ProposeIban(const rpc::Call& call,
                                                const v1::ProposeIbanRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RequestId>(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(const auto payee_id, ParseId<PayeeId>(request.payee_id(), "payee_id"));
  ASSIGN_OR_RETURN(const std::string iban, ParseIban(request.iban(), "iban"));
  RETURN_IF_ERROR(Find(call, payee_id).status());
  return Once(call, id, request, [&](pg::Tx& tx) -> absl::StatusOr<Payee> {
    ASSIGN_OR_RETURN(Payee payee, ledger::GetPayee(tx, payee_id));
    RETURN_IF_ERROR(MayPropose(payee));
    payee.proposed = ++payee.versions;
    payee.proposed_by = call.caller.subject;
    RETURN_IF_ERROR(InsertIban(tx, payee.id, payee.proposed,
                               key_.Seal(iban, IbanContext(payee.id, payee.proposed)),
                               payee.proposed_by));
    return payee;
  });
}

absl::StatusOr<v1::Payee> PayeeApi::DecideIban(const rpc::Call& call,
                                               const v1::DecideIbanRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RequestId>(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(const auto payee_id, ParseId<PayeeId>(request.payee_id(), "payee_id"));
  if (request.version() < 1) return OutOfRange("version", "counts up from 1");
  RETURN_IF_ERROR(Find(call, payee_id).status());
  return Once(call, id, request, [&](pg::Tx& tx) -> absl::StatusOr<Payee> {
    ASSIGN_OR_RETURN(Payee payee, ledger::GetPayee(tx, payee_id));
    RETURN_IF_ERROR(MayDecide(payee, request.version(), request.accept(), call.caller.subject));
    RETURN_IF_ERROR(
        ledger::DecideIban(tx, payee.id, request.version(), request.accept(), call.caller.subject));
    if (request.accept()) payee.iban_version = request.version();
    payee.proposed = 0;
    return payee;
  });
}

absl::StatusOr<v1::PayeeDetails> PayeeApi::GetPayee(const rpc::Call& call,
                                                    const v1::GetPayeeRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PayeeId>(request.payee_id(), "payee_id"));
  RETURN_IF_ERROR(Find(call, id).status());
  Payee payee;
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<SealedPayee> {
    ASSIGN_OR_RETURN(payee, ledger::GetPayee(tx, id));
    return GetSealed(tx, payee);
  };
  const pg::TxOptions snapshot{
      .deadline = call.deadline, .isolation = pg::Isolation::kRepeatableRead, .read_only = true};
  ASSIGN_OR_RETURN(const SealedPayee sealed, pg::Transact(pool_, snapshot, read));
  v1::PayeeDetails details;
  *details.mutable_payee() = ToProto(payee);
  ASSIGN_OR_RETURN(*details.mutable_name(), key_.Open(sealed.name, NameContext(id)));
  ASSIGN_OR_RETURN(*details.mutable_iban(),
                   key_.Open(sealed.iban, IbanContext(id, payee.iban_version)));
  if (sealed.proposed_iban) {
    ASSIGN_OR_RETURN(*details.mutable_proposed_iban(),
                     key_.Open(*sealed.proposed_iban, IbanContext(id, payee.proposed)));
  }
  return details;
}

}  // namespace smederij::ledger
