#include "services/ledger/api/payee_api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/text.h"
#include "services/ledger/domain/iban.h"
#include "services/ledger/domain/payee_errors.h"

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

// All but the name and the numbers.
v1::PayeeDetails OutlineOf(const SealedPayee& sealed) {
  v1::PayeeDetails details;
  *details.mutable_payee() = ToProto(sealed.payee);
  for (const SealedIban& iban : sealed.ibans) {
    v1::IbanVersion& version = *details.add_ibans();
    version.set_version(iban.version);
    version.set_state(static_cast<v1::IbanVersion::State>(iban.state));
    version.set_proposed_by(iban.proposed_by.ToString());
    SetTime(iban.proposed_at, version.mutable_propose_time());
    if (!iban.decided_at) continue;
    version.set_decided_by(iban.decided_by.ToString());
    SetTime(*iban.decided_at, version.mutable_decide_time());
  }
  details.set_registered_by(sealed.registered_by.ToString());
  SetTime(sealed.registered_at, details.mutable_register_time());
  return details;
}

// Whether names and numbers concern the caller, who may read the rest: those who pay, and no
// auditor.
bool ParticularsConcern(const rpc::Call& call) {
  const auto pays = [](const rpc::Grant& grant) {
    return !grant.district && (grant.role == policy::v1::ROLE_TREASURER ||
                               grant.role == policy::v1::ROLE_PAYMENT_APPROVER);
  };
  return std::any_of(call.caller.grants.begin(), call.caller.grants.end(), pays);
}

pg::TxOptions Snapshot(const rpc::Call& call) {
  return {
      .deadline = call.deadline, .isolation = pg::Isolation::kRepeatableRead, .read_only = true};
}

}  // namespace

void PayeeApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("RegisterPayee", kWrite, &PayeeApi::RegisterPayee);
  table.Unary("ProposeIban",   kWrite, &PayeeApi::ProposeIban);
  table.Unary("DecideIban",    kWrite, &PayeeApi::DecideIban);
  table.Unary("GetPayee",      kRead,  &PayeeApi::GetPayee);
  table.Unary("ListPayees",    kRead,  &PayeeApi::ListPayees);
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
    RETURN_IF_ERROR(MayTake(tx, payee, iban));
    RETURN_IF_ERROR(InsertPayee(tx, payee, key_.Seal(name, NameContext(payee.id)),
                                FingerprintOf(payee, iban), by));
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
    RETURN_IF_ERROR(MayTake(tx, payee, iban));
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
    if (request.accept()) RETURN_IF_ERROR(Take(tx, payee, request.version()));
    RETURN_IF_ERROR(
        ledger::DecideIban(tx, payee.id, request.version(), request.accept(), call.caller.subject));
    if (request.accept()) payee.iban_version = request.version();
    payee.proposed = 0;
    return payee;
  });
}

Fingerprint PayeeApi::FingerprintOf(const Payee& payee, const std::string& iban) const {
  return key_.Fingerprint(iban, absl::StrCat("payee/", payee.municipality.ToString(), "/iban"));
}

absl::Status PayeeApi::MayTake(pg::Tx& tx, const Payee& payee, const std::string& iban) const {
  ASSIGN_OR_RETURN(const std::optional<PayeeId> holder,
                   HolderOf(tx, payee.municipality, FingerprintOf(payee, iban)));
  return ledger::MayTake(payee.id, holder);
}

absl::Status PayeeApi::Take(pg::Tx& tx, const Payee& payee, int32_t version) const {
  ASSIGN_OR_RETURN(const SealedPayee sealed, GetSealed(tx, payee.id, version));
  const auto is_it = [&](const SealedIban& iban) { return iban.version == version; };
  const auto found = std::find_if(sealed.ibans.begin(), sealed.ibans.end(), is_it);
  CHECK(found != sealed.ibans.end());
  ASSIGN_OR_RETURN(const std::string iban, key_.Open(found->iban, IbanContext(payee.id, version)));
  RETURN_IF_ERROR(MayTake(tx, payee, iban));
  return HoldIban(tx, payee.id, FingerprintOf(payee, iban));
}

absl::Status PayeeApi::Open(const SealedPayee& sealed, v1::PayeeDetails& details) const {
  absl::Status broken;
  const auto open = [&](const std::string& bytes, const std::string& context) {
    absl::StatusOr<std::string> opened = key_.Open(bytes, context);
    if (!opened.ok()) broken.Update(opened.status());
    return std::move(opened).value_or("");
  };
  const Payee& payee = sealed.payee;
  details.set_name(open(sealed.name, NameContext(payee.id)));
  for (size_t i = 0; i < sealed.ibans.size(); ++i) {
    const int32_t version = sealed.ibans[i].version;
    const std::string iban = open(sealed.ibans[i].iban, IbanContext(payee.id, version));
    details.mutable_ibans(static_cast<int>(i))->set_iban(iban);
    if (version == payee.iban_version) details.set_iban(iban);
    if (version == payee.proposed) details.set_proposed_iban(iban);
  }
  return broken;
}

absl::StatusOr<v1::PayeeDetails> PayeeApi::GetPayee(const rpc::Call& call,
                                                    const v1::GetPayeeRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<PayeeId>(request.payee_id(), "payee_id"));
  const int32_t wanted = request.iban_version();
  if (wanted < 0) return OutOfRange("iban_version", "must not be negative");
  RETURN_IF_ERROR(Find(call, id).status());
  const auto read = [&](pg::Tx& tx) { return GetSealed(tx, id, wanted); };
  ASSIGN_OR_RETURN(const SealedPayee sealed, pg::Transact(pool_, Snapshot(call), read));
  if (wanted > sealed.payee.versions) return IbanNotFound(id, wanted);
  v1::PayeeDetails details = OutlineOf(sealed);
  RETURN_IF_ERROR(Open(sealed, details));
  if (wanted == 0) return details;
  const auto another = [&](const v1::IbanVersion& iban) { return iban.version() != wanted; };
  auto& ibans = *details.mutable_ibans();
  ibans.erase(std::remove_if(ibans.begin(), ibans.end(), another), ibans.end());
  return details;
}

absl::StatusOr<v1::ListPayeesResponse> PayeeApi::ListPayees(const rpc::Call& call,
                                                            const v1::ListPayeesRequest& request) {
  ASSIGN_OR_RETURN(const auto municipality,
                   ParseId<MunicipalityId>(request.municipality_id(), "municipality_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  const bool waiting = request.iban_change_waiting();
  const std::string of = absl::StrCat(municipality.ToString(), waiting ? "/waiting" : "");
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "payees", of, 2));
  PayeePlace after;
  if (!parts.empty()) {
    int64_t micros = 0;
    const std::optional<Uuid> id = Uuid::Parse(parts[1]);
    if (!absl::SimpleAtoi(parts[0], &micros) || !id) return BadPageToken();
    after = {.registered_at = absl::FromUnixMicros(micros), .id = PayeeId(*id)};
  }
  RETURN_IF_ERROR(call.MayActIn(municipality));
  const auto read = [&](pg::Tx& tx) {
    return ledger::ListPayees(tx, municipality, waiting, after, size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<SealedPayee> listed, pg::Transact(pool_, Snapshot(call), read));
  v1::ListPayeesResponse response;
  if (listed.size() > static_cast<size_t>(size)) {
    listed.pop_back();
    const SealedPayee& last = listed.back();
    response.set_next_page_token(PageToken(
        "payees", of,
        {absl::StrCat(absl::ToUnixMicros(last.registered_at)), last.payee.id.ToString()}));
  }
  for (const SealedPayee& sealed : listed) {
    v1::PayeeDetails& details = *response.add_payees();
    details = OutlineOf(sealed);
    // One whose key was lost is registered again; it keeps nobody from finding the others.
    if (ParticularsConcern(call)) details.set_unreadable(!Open(sealed, details).ok());
  }
  return response;
}

}  // namespace smederij::ledger
