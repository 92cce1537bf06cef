#include "services/ledger/storage/code_store.h"

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/pg/sqlstate.h"
#include "services/ledger/domain/code_errors.h"

namespace smederij::ledger {
namespace {

struct CodeRow {
  LedgerCode code;
};
CodeRow Decode(pg::Columns& row, pg::As<CodeRow>) {
  CodeRow result;
  const auto kind = row.Next<std::optional<int16_t>>();
  const auto type = row.Next<std::optional<int16_t>>();
  if (kind) result.code.account_kind = static_cast<AccountKind>(*kind);
  if (type) result.code.entry_type = static_cast<EntryType>(*type);
  result.code.code = row.Next<std::string>();
  result.code.description = row.Next<std::string>();
  result.code.taakveld = row.Next<std::string>();
  result.code.category = row.Next<std::string>();
  return result;
}

constexpr pg::Statement<std::tuple<int32_t, absl::Time>(MunicipalityId, int32_t)> kVersion{
    "ledger.code_version", R"sql(
  SELECT version, set_at FROM ledger.ledger_code_version
   WHERE municipality_id = $1 AND ($2 = 0 OR version = $2) ORDER BY version DESC LIMIT 1)sql"};

constexpr pg::Statement<CodeRow(MunicipalityId, int32_t)> kCodes{"ledger.codes", R"sql(
  SELECT account_kind, entry_type, code, description, taakveld, category FROM ledger.ledger_code
   WHERE municipality_id = $1 AND version = $2 ORDER BY line)sql"};

constexpr pg::Statement<absl::Time(MunicipalityId, int32_t, SubjectId)> kInsertVersion{
    "ledger.insert_code_version", R"sql(
  INSERT INTO ledger.ledger_code_version (municipality_id, version, set_by) VALUES ($1, $2, $3)
  RETURNING set_at)sql"};

constexpr pg::Statement<void(MunicipalityId, int32_t, std::vector<std::optional<int16_t>>,
                             std::vector<std::optional<int16_t>>, std::vector<std::string>,
                             std::vector<std::string>, std::vector<std::string>,
                             std::vector<std::string>)>
    kInsertCodes{"ledger.insert_codes", R"sql(
  INSERT INTO ledger.ledger_code (municipality_id, version, line, account_kind, entry_type, code,
                                  description, taakveld, category)
  SELECT $1, $2, line, account_kind, entry_type, code, description, taakveld, category
    FROM unnest($3, $4, $5, $6, $7, $8) WITH ORDINALITY
      AS c (account_kind, entry_type, code, description, taakveld, category, line))sql"};

}  // namespace

absl::StatusOr<LedgerCodes> GetCodes(pg::Tx& tx, MunicipalityId municipality, int32_t version) {
  LedgerCodes codes;
  codes.municipality = municipality;
  ASSIGN_OR_RETURN(const auto found, tx.Maybe(kVersion, municipality, version));
  if (!found) {
    if (version != 0) return CodesNotFound(municipality, version);
    return codes;
  }
  std::tie(codes.version, codes.set_at) = *found;
  ASSIGN_OR_RETURN(std::vector<CodeRow> rows, tx.All(kCodes, municipality, codes.version));
  for (CodeRow& row : rows) codes.codes.push_back(std::move(row.code));
  return codes;
}

absl::StatusOr<absl::Time> InsertCodes(pg::Tx& tx, const LedgerCodes& codes, SubjectId by) {
  const absl::StatusOr<absl::Time> set_at =
      tx.One(kInsertVersion, codes.municipality, codes.version, by);
  if (pg::Violates(set_at.status(), "ledger_code_version_pkey")) {
    return pg::Rerun("codes_set_elsewhere");
  }
  RETURN_IF_ERROR(set_at.status());
  std::vector<std::optional<int16_t>> kinds, types;
  std::vector<std::string> names, descriptions, taakvelden, categories;
  for (const LedgerCode& code : codes.codes) {
    kinds.push_back(code.account_kind ? std::optional(static_cast<int16_t>(*code.account_kind))
                                      : std::nullopt);
    types.push_back(code.entry_type ? std::optional(static_cast<int16_t>(*code.entry_type))
                                    : std::nullopt);
    names.push_back(code.code);
    descriptions.push_back(code.description);
    taakvelden.push_back(code.taakveld);
    categories.push_back(code.category);
  }
  if (!names.empty()) {
    RETURN_IF_ERROR(tx.Exec(kInsertCodes, codes.municipality, codes.version, kinds, types, names,
                            descriptions, taakvelden, categories));
  }
  return *set_at;
}

absl::Span<const pg::AnyStatement> CodeStatements() {
  static const pg::AnyStatement statements[] = {kVersion, kCodes, kInsertVersion, kInsertCodes};
  return statements;
}

}  // namespace smederij::ledger
