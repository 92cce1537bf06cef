#include "services/registry/storage/charter_store.h"

#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/pg/sqlstate.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/charter_codec.h"

namespace smederij::registry {
namespace {

struct CharterRow {
  PublishedCharter published;
  pg::Bytes canon;
};

constexpr pg::Statement<CharterRow(DistrictId, CharterId, pg::Bytes, Hash, SubjectId)>
    kInsertCharter{"registry.insert_charter", R"sql(
  INSERT INTO registry.charter (district_id, version, charter_id, canon, charter_hash, published_by)
  SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5
    FROM registry.charter WHERE district_id = $1
  RETURNING charter_id, district_id, version, charter_hash, published_at, canon)sql"};
constexpr pg::Statement<CharterRow(CharterId)> kGetCharter{"registry.get_charter", R"sql(
  SELECT charter_id, district_id, version, charter_hash, published_at, canon
    FROM registry.charter WHERE charter_id = $1)sql"};

CharterRow Decode(pg::Columns& row, pg::As<CharterRow>) {
  CharterRow out;
  out.published.id = row.Next<CharterId>();
  out.published.district = row.Next<DistrictId>();
  out.published.version = static_cast<uint32_t>(row.Next<int32_t>());
  out.published.hash = row.Next<Hash>();
  out.published.published_at = row.Next<absl::Time>();
  out.canon = row.Next<pg::Bytes>();
  return out;
}

absl::StatusOr<PublishedCharter> Read(CharterRow row) {
  std::optional<Charter> charter = FromCanon(row.canon.value);
  if (!charter) return absl::InternalError("a stored charter does not parse");
  row.published.charter = *std::move(charter);
  return std::move(row.published);
}

}  // namespace

absl::StatusOr<PublishedCharter> InsertCharter(pg::Tx& tx, DistrictId district,
                                               const Charter& charter, SubjectId published_by) {
  const std::string canon = ToCanon(district, charter);
  absl::StatusOr<CharterRow> row = tx.One(kInsertCharter, district, CharterId::Random(),
                                          pg::Bytes(canon), crypto::Sha256(canon), published_by);
  // Two were published at once; the rerun takes the next number.
  if (pg::Violates(row.status(), "charter_pkey")) return pg::Rerun("charter_version_raced");
  if (!row.ok()) return std::move(row).status();
  return Read(*std::move(row));
}

absl::StatusOr<PublishedCharter> GetCharter(pg::Tx& tx, CharterId id) {
  ASSIGN_OR_RETURN(std::optional<CharterRow> row, tx.Maybe(kGetCharter, id));
  if (!row) return CharterNotFound();
  return Read(*std::move(row));
}

absl::Span<const pg::AnyStatement> CharterStatements() {
  static const pg::AnyStatement kAll[] = {kInsertCharter, kGetCharter};
  return kAll;
}

}  // namespace smederij::registry
