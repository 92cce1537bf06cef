// What a municipality calls accounts and entries, of books_api.h.
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/books_api.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/text.h"
#include "services/ledger/storage/code_store.h"

namespace smederij::ledger {
namespace {

constexpr int kCodesMax = 100;
constexpr size_t kCodeMax = 20;  // With an account's number behind it, what an auditfile takes.

absl::StatusOr<LedgerCode> ParseCode(const v1::LedgerCode& proto, const std::string& at) {
  LedgerCode code;
  const bool of_kind = proto.account_kind() != v1::ACCOUNT_KIND_UNSPECIFIED;
  const bool of_type = proto.entry_type() != v1::ENTRY_TYPE_UNSPECIFIED;
  if (of_kind == of_type || !v1::AccountKind_IsValid(proto.account_kind()) ||
      !v1::EntryType_IsValid(proto.entry_type())) {
    return OutOfRange(absl::StrCat(at, "account_kind"), "must be one there is, or an entry_type");
  }
  if (of_kind) code.account_kind = static_cast<AccountKind>(proto.account_kind());
  if (of_type) code.entry_type = static_cast<EntryType>(proto.entry_type());
  ASSIGN_OR_RETURN(code.code, ParseLine(proto.code(), absl::StrCat(at, "code"), kCodeMax));
  ASSIGN_OR_RETURN(code.description,
                   ParseLine(proto.description(), absl::StrCat(at, "description"), kReferenceMax));
  ASSIGN_OR_RETURN(code.taakveld, ParseTaakveld(proto.taakveld(), absl::StrCat(at, "taakveld")));
  ASSIGN_OR_RETURN(code.category, ParseCategory(proto.category(), absl::StrCat(at, "category")));
  return code;
}

absl::StatusOr<LedgerCodes> ParseCodes(const v1::SetLedgerCodesRequest& request) {
  LedgerCodes codes;
  if (request.version() < 1) return OutOfRange("version", "counts up from 1");
  codes.version = request.version();
  if (request.codes_size() > kCodesMax) return OutOfRange("codes", "must be 0 to 100");
  std::set<std::pair<int, int>> seen;
  for (int i = 0; i < request.codes_size(); ++i) {
    const v1::LedgerCode& proto = request.codes(i);
    const std::string at = absl::StrCat("codes[", i, "].");
    ASSIGN_OR_RETURN(LedgerCode code, ParseCode(proto, at));
    if (!seen.insert({proto.account_kind(), proto.entry_type()}).second) {
      return OutOfRange(absl::StrCat(at, code.account_kind ? "account_kind" : "entry_type"),
                        "has a code before");
    }
    codes.codes.push_back(std::move(code));
  }
  return codes;
}

v1::LedgerCodes ToProto(const LedgerCodes& codes) {
  v1::LedgerCodes proto;
  proto.set_municipality_id(codes.municipality.ToString());
  proto.set_version(codes.version);
  for (const LedgerCode& code : codes.codes) {
    v1::LedgerCode* const added = proto.add_codes();
    if (code.account_kind) {
      added->set_account_kind(static_cast<v1::AccountKind>(*code.account_kind));
    }
    if (code.entry_type) added->set_entry_type(static_cast<v1::EntryType>(*code.entry_type));
    added->set_code(code.code);
    added->set_description(code.description);
    added->set_taakveld(code.taakveld);
    added->set_category(code.category);
  }
  if (codes.version > 0) SetTime(codes.set_at, proto.mutable_set_time());
  return proto;
}

}  // namespace

absl::StatusOr<v1::LedgerCodes> BooksApi::SetLedgerCodes(const rpc::Call& call,
                                                         const v1::SetLedgerCodesRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<RequestId>(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(LedgerCodes codes, ParseCodes(request));
  codes.municipality = call.caller.municipality;
  RETURN_IF_ERROR(call.MayActIn(codes.municipality));
  const pg::OnceKey key{.request_id = id,
                        .method = v1::SetLedgerCodesRequest::descriptor()->name(),
                        .caller = call.caller.subject,
                        .request_hash = rpc::RequestHash(request)};
  const auto run = [&](pg::Tx& tx) {
    return once_.Run<v1::LedgerCodes>(tx, key, [&]() -> absl::StatusOr<v1::LedgerCodes> {
      ASSIGN_OR_RETURN(const LedgerCodes newest, GetCodes(tx, codes.municipality));
      RETURN_IF_ERROR(MayReplace(codes.municipality, newest.version, codes.version));
      ASSIGN_OR_RETURN(codes.set_at, InsertCodes(tx, codes, call.caller.subject));
      return ToProto(codes);
    });
  };
  ASSIGN_OR_RETURN(auto answered, pg::Transact(pool_, {.deadline = call.deadline}, run));
  if (answered.replayed) call.MarkReplayed();
  return std::move(answered.message);
}

absl::StatusOr<v1::LedgerCodes> BooksApi::GetLedgerCodes(const rpc::Call& call,
                                                         const v1::GetLedgerCodesRequest& request) {
  ASSIGN_OR_RETURN(const auto municipality,
                   ParseId<MunicipalityId>(request.municipality_id(), "municipality_id"));
  if (request.version() < 0) return OutOfRange("version", "must not be negative");
  const auto read = [&](pg::Tx& tx) { return GetCodes(tx, municipality, request.version()); };
  ASSIGN_OR_RETURN(const LedgerCodes codes,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  return ToProto(codes);
}

}  // namespace smederij::ledger
