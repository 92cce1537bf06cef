#include "services/ledger/storage/payee_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/pg/sqlstate.h"
#include "services/ledger/domain/payee_errors.h"

#define LEDGER_PAYEE_COLUMNS \
  "p.payee_id, p.municipality_id, i.accepted, i.versions, w.version, w.proposed_by"
#define LEDGER_PAYEE_FROM                                                                  \
  " FROM ledger.payee AS p CROSS JOIN LATERAL (SELECT max(version) FILTER (WHERE state = " \
  "'accepted') AS accepted, max(version) AS versions FROM ledger.payee_iban WHERE "        \
  "payee_id = p.payee_id) AS i LEFT JOIN ledger.payee_iban AS w ON w.payee_id = "          \
  "p.payee_id AND w.state = 'proposed' "
#define LEDGER_SEALED_COLUMNS \
  LEDGER_PAYEE_COLUMNS ", p.name_sealed, p.registered_by, p.registered_at"

namespace smederij::ledger {

Payee Decode(pg::Columns& row, pg::As<Payee>) {
  Payee payee;
  payee.id = row.Next<PayeeId>();
  payee.municipality = row.Next<MunicipalityId>();
  payee.iban_version = row.Next<int32_t>();
  payee.versions = row.Next<int32_t>();
  payee.proposed = row.Next<std::optional<int32_t>>().value_or(0);
  payee.proposed_by = row.Next<std::optional<SubjectId>>().value_or(SubjectId());
  return payee;
}

SealedPayee Decode(pg::Columns& row, pg::As<SealedPayee>) {
  SealedPayee sealed;
  sealed.payee = Decode(row, pg::As<Payee>{});
  sealed.name = row.Next<pg::Bytes>().value;
  sealed.registered_by = row.Next<SubjectId>();
  sealed.registered_at = row.Next<absl::Time>();
  return sealed;
}

namespace {

template <class T>
using Many = std::vector<T>;

constexpr pg::Statement<Payee(PayeeId)> kGetPayee{
    "ledger.get_payee", "SELECT " LEDGER_PAYEE_COLUMNS LEDGER_PAYEE_FROM "WHERE p.payee_id = $1"};

constexpr pg::Statement<PayeeId(MunicipalityId, Fingerprint)> kHolder{"ledger.iban_holder", R"sql(
  SELECT payee_id FROM ledger.payee WHERE municipality_id = $1 AND iban_fingerprint = $2)sql"};

constexpr pg::Statement<PayeeId(PayeeId, Fingerprint)> kHoldIban{"ledger.hold_iban", R"sql(
  UPDATE ledger.payee SET iban_fingerprint = $2 WHERE payee_id = $1 RETURNING payee_id)sql"};

constexpr pg::Statement<void(PayeeId, MunicipalityId, pg::Bytes, SubjectId, Fingerprint)>
    kInsertPayee{"ledger.insert_payee", R"sql(
  INSERT INTO ledger.payee (payee_id, municipality_id, name_sealed, registered_by, iban_fingerprint)
  VALUES ($1, $2, $3, $4, $5))sql"};

constexpr pg::Statement<void(PayeeId, int32_t, pg::Bytes, SubjectId)> kInsertIban{
    "ledger.insert_iban", R"sql(
  INSERT INTO ledger.payee_iban (payee_id, version, iban_sealed, state, proposed_by)
  VALUES ($1, $2, $3, CASE WHEN $2 = 1 THEN 'accepted' ELSE 'proposed' END, $4))sql"};

constexpr pg::Statement<int32_t(PayeeId, int32_t, bool, SubjectId)> kDecideIban{
    "ledger.decide_iban", R"sql(
  UPDATE ledger.payee_iban
     SET state = CASE WHEN $3 THEN 'accepted' ELSE 'refused' END, decided_by = $4,
         decided_at = clock_timestamp()
   WHERE payee_id = $1 AND version = $2 AND state = 'proposed'
  RETURNING version)sql"};

constexpr pg::Statement<SealedPayee(PayeeId)> kSealed{
    "ledger.sealed_payee",
    "SELECT " LEDGER_SEALED_COLUMNS LEDGER_PAYEE_FROM "WHERE p.payee_id = $1"};

constexpr pg::Statement<SealedPayee(MunicipalityId, bool, absl::Time, PayeeId, int64_t)> kList{
    "ledger.list_payees", "SELECT " LEDGER_SEALED_COLUMNS LEDGER_PAYEE_FROM R"sql(
 WHERE p.municipality_id = $1 AND (NOT $2 OR w.version IS NOT NULL)
   AND (p.registered_at, p.payee_id) > ($3, $4)
 ORDER BY p.registered_at, p.payee_id LIMIT $5)sql"};

struct IbanRow {
  PayeeId payee;
  SealedIban iban;
};
IbanRow Decode(pg::Columns& row, pg::As<IbanRow>) {
  IbanRow result;
  result.payee = row.Next<PayeeId>();
  result.iban.version = row.Next<int32_t>();
  result.iban.state = static_cast<IbanState>(row.Next<int16_t>());
  result.iban.iban = row.Next<pg::Bytes>().value;
  result.iban.proposed_by = row.Next<SubjectId>();
  result.iban.proposed_at = row.Next<absl::Time>();
  result.iban.decided_by = row.Next<std::optional<SubjectId>>().value_or(SubjectId());
  result.iban.decided_at = row.Next<std::optional<absl::Time>>();
  return result;
}
constexpr pg::Statement<IbanRow(Many<PayeeId>, Many<int32_t>)> kIbans{"ledger.sealed_ibans", R"sql(
  SELECT i.payee_id, i.version,
         CASE i.state WHEN 'proposed' THEN 1 WHEN 'accepted' THEN 2 ELSE 3 END::smallint,
         i.iban_sealed, i.proposed_by, i.proposed_at, i.decided_by, i.decided_at
    FROM unnest($1, $2) AS wanted (payee_id, version)
    JOIN ledger.payee_iban AS i USING (payee_id, version)
   ORDER BY i.version)sql"};

// Adds to each payee its newest account numbers, the valid one, and `version` of it.
absl::Status ReadIbans(pg::Tx& tx, int32_t version, std::vector<SealedPayee>& payees) {
  Many<PayeeId> ids;
  Many<int32_t> versions;
  std::map<PayeeId, SealedPayee*> by_id;
  for (SealedPayee& sealed : payees) {
    const Payee& payee = sealed.payee;
    by_id[payee.id] = &sealed;
    const int32_t newest = std::max(1, payee.versions - kIbansShownMax + 1);
    std::set<int32_t> wanted = {payee.iban_version};
    if (version != 0) wanted.insert(version);
    for (int32_t shown = newest; shown <= payee.versions; ++shown) wanted.insert(shown);
    for (const int32_t each : wanted) {
      ids.push_back(payee.id);
      versions.push_back(each);
    }
  }
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<IbanRow> rows, tx.All(kIbans, ids, versions));
  for (IbanRow& row : rows) by_id.at(row.payee)->ibans.push_back(std::move(row.iban));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Payee> GetPayee(pg::Tx& tx, PayeeId payee) {
  ASSIGN_OR_RETURN(std::optional<Payee> found, tx.Maybe(kGetPayee, payee));
  if (!found) return PayeeNotFound(payee);
  return *std::move(found);
}

absl::StatusOr<std::optional<PayeeId>> HolderOf(pg::Tx& tx, MunicipalityId municipality,
                                                const Fingerprint& iban) {
  return tx.Maybe(kHolder, municipality, iban);
}

absl::Status InsertPayee(pg::Tx& tx, const Payee& payee, std::string name_sealed,
                         const Fingerprint& iban, SubjectId by) {
  const absl::Status status = tx.Exec(kInsertPayee, payee.id, payee.municipality,
                                      pg::Bytes(std::move(name_sealed)), by, iban);
  return pg::Violates(status, "payee_one_per_iban") ? pg::Rerun("iban_taken_elsewhere") : status;
}

absl::Status HoldIban(pg::Tx& tx, PayeeId payee, const Fingerprint& iban) {
  const absl::Status status = tx.One(kHoldIban, payee, iban).status();
  return pg::Violates(status, "payee_one_per_iban") ? pg::Rerun("iban_taken_elsewhere") : status;
}

absl::Status InsertIban(pg::Tx& tx, PayeeId payee, int32_t version, std::string iban_sealed,
                        SubjectId by) {
  const absl::Status status =
      tx.Exec(kInsertIban, payee, version, pg::Bytes(std::move(iban_sealed)), by);
  if (pg::Violates(status, "payee_iban_pkey") || pg::Violates(status, "payee_iban_one_proposed")) {
    return pg::Rerun("iban_proposed_elsewhere");
  }
  return status;
}

absl::Status DecideIban(pg::Tx& tx, PayeeId payee, int32_t version, bool accept, SubjectId by) {
  ASSIGN_OR_RETURN(const std::optional<int32_t> decided,
                   tx.Maybe(kDecideIban, payee, version, accept, by));
  return decided ? absl::OkStatus() : pg::Rerun("iban_decided_elsewhere");
}

absl::StatusOr<SealedPayee> GetSealed(pg::Tx& tx, PayeeId payee, int32_t version) {
  ASSIGN_OR_RETURN(std::vector<SealedPayee> found, tx.All(kSealed, payee));
  if (found.empty()) return PayeeNotFound(payee);
  RETURN_IF_ERROR(ReadIbans(tx, version, found));
  return std::move(found.front());
}

absl::StatusOr<std::vector<SealedPayee>> ListPayees(pg::Tx& tx, MunicipalityId municipality,
                                                    bool waiting, const PayeePlace& after,
                                                    int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<SealedPayee> found,
                   tx.All(kList, municipality, waiting, after.registered_at, after.id, limit));
  RETURN_IF_ERROR(ReadIbans(tx, 0, found));
  return found;
}

absl::Span<const pg::AnyStatement> PayeeStatements() {
  static const pg::AnyStatement statements[] = {kGetPayee,    kHolder,     kHoldIban,
                                                kInsertPayee, kInsertIban, kDecideIban,
                                                kSealed,      kList,       kIbans};
  return statements;
}

}  // namespace smederij::ledger
