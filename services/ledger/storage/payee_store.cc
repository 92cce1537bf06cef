#include "services/ledger/storage/payee_store.h"

#include <tuple>
#include <utility>

#include "common/pg/sqlstate.h"
#include "services/ledger/domain/payee_errors.h"

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

namespace {

constexpr pg::Statement<Payee(PayeeId)> kGetPayee{"ledger.get_payee", R"sql(
  SELECT p.payee_id, p.municipality_id, i.accepted, i.versions, w.version, w.proposed_by
    FROM ledger.payee AS p
    CROSS JOIN LATERAL (
      SELECT max(version) FILTER (WHERE state = 'accepted') AS accepted, max(version) AS versions
        FROM ledger.payee_iban WHERE payee_id = p.payee_id) AS i
    LEFT JOIN ledger.payee_iban AS w ON w.payee_id = p.payee_id AND w.state = 'proposed'
   WHERE p.payee_id = $1)sql"};

constexpr pg::Statement<void(PayeeId, MunicipalityId, pg::Bytes, SubjectId)> kInsertPayee{
    "ledger.insert_payee", R"sql(
  INSERT INTO ledger.payee (payee_id, municipality_id, name_sealed, registered_by)
  VALUES ($1, $2, $3, $4))sql"};

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

constexpr pg::Statement<std::tuple<pg::Bytes, pg::Bytes, std::optional<pg::Bytes>>(PayeeId, int32_t,
                                                                                   int32_t)>
    kSealed{"ledger.sealed_payee", R"sql(
  SELECT p.name_sealed, i.iban_sealed, w.iban_sealed
    FROM ledger.payee AS p
    JOIN ledger.payee_iban AS i ON i.payee_id = p.payee_id AND i.version = $2
    LEFT JOIN ledger.payee_iban AS w ON w.payee_id = p.payee_id AND w.version = $3
   WHERE p.payee_id = $1)sql"};

}  // namespace

absl::StatusOr<Payee> GetPayee(pg::Tx& tx, PayeeId payee) {
  ASSIGN_OR_RETURN(std::optional<Payee> found, tx.Maybe(kGetPayee, payee));
  if (!found) return PayeeNotFound(payee);
  return *std::move(found);
}

absl::Status InsertPayee(pg::Tx& tx, const Payee& payee, std::string name_sealed, SubjectId by) {
  return tx.Exec(kInsertPayee, payee.id, payee.municipality, pg::Bytes(std::move(name_sealed)), by);
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

absl::StatusOr<SealedPayee> GetSealed(pg::Tx& tx, const Payee& payee) {
  ASSIGN_OR_RETURN(auto row, tx.One(kSealed, payee.id, payee.iban_version, payee.proposed));
  auto& [name, iban, proposed] = row;
  SealedPayee sealed{
      .name = std::move(name.value), .iban = std::move(iban.value), .proposed_iban = {}};
  if (proposed) sealed.proposed_iban = std::move(proposed->value);
  return sealed;
}

absl::Span<const pg::AnyStatement> PayeeStatements() {
  static const pg::AnyStatement statements[] = {kGetPayee, kInsertPayee, kInsertIban, kDecideIban,
                                                kSealed};
  return statements;
}

}  // namespace smederij::ledger
