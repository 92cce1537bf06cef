#include "services/registry/api/import.h"

#include <algorithm>
#include <tuple>

#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "common/crypto/hash.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/person_store.h"

namespace smederij::registry {
namespace {

constexpr size_t kRowsPerStatement = 5000;
constexpr absl::CivilDay kEpoch(1970, 1, 1);

}  // namespace

Particulars Import::Line::particulars() const {
  return {.name = name,
          .birth_date = kEpoch + birth_date,
          .postcode = std::string(postcode.data(), postcode.size())};
}

// Over all lines in the order in which they came, however they were cut into messages. Keyed where
// it is over what people could be found by: it is kept with the request.
Hash Import::DigestOf(const std::vector<Line>& lines) const {
  Hash digest{};
  for (size_t begin = 0; begin < lines.size(); begin += kRowsPerStatement) {
    crypto::ByteWriter chunk;
    chunk.Raw(digest);
    for (size_t i = begin; i < std::min(begin + kRowsPerStatement, lines.size()); ++i) {
      chunk.Raw(lines[i].person_key)
          .Raw(seal_.Fingerprint(lines[i].person_key, lines[i].particulars()))
          .Raw(lines[i].district.uuid().bytes());
    }
    digest = crypto::Sha256(chunk.bytes());
  }
  return digest;
}

absl::Status Import::Add(const v1::ResidentBatch& batch) {
  if (batch.residents_size() > kResidentsPerMessageMax) {
    return TooManyResidents(kResidentsPerMessageMax);
  }
  if (lines_.size() + static_cast<size_t>(batch.residents_size()) > kResidentsMax) {
    return TooManyResidents(kResidentsMax);
  }
  for (const v1::Resident& resident : batch.residents()) {
    const size_t number = lines_.size();
    ResidentLine line =
        CheckResident(number, resident.subject(), resident.birth_date(), resident.postcode(),
                      resident.name(), area_, today_, mistakes_);
    Line& added = lines_.emplace_back();
    added.person_key = pseudonyms_.PersonKey(resident.subject());
    added.birth_date = static_cast<int32_t>(line.particulars.birth_date - kEpoch);
    line.particulars.postcode.copy(added.postcode.data(), added.postcode.size());
    added.name = std::move(line.particulars.name);
    added.district = line.district;
    added.number = static_cast<uint32_t>(number);
  }
  return absl::OkStatus();
}

absl::Status Import::Finish() {
  hash_ = DigestOf(lines_);
  // By key: doubles lie side by side, and the index is filled in its own order.
  const auto by_key = [](const Line& a, const Line& b) {
    return std::tie(a.person_key, a.number) < std::tie(b.person_key, b.number);
  };
  std::sort(lines_.begin(), lines_.end(), by_key);
  for (size_t i = 1; i < lines_.size(); ++i) {
    if (lines_[i].person_key == lines_[i - 1].person_key) {
      mistakes_.Add(lines_[i].number, "subject",
                    absl::StrCat("is the one of residents[", lines_[i - 1].number, "]"));
    }
  }
  return mistakes_.status();
}

absl::StatusOr<v1::ImportResidentsResponse> Import::Store(pg::Tx& tx, MunicipalityId municipality,
                                                          bool complete) const {
  int64_t created = 0;
  LineMistakes elsewhere;
  for (size_t begin = 0; begin < lines_.size(); begin += kRowsPerStatement) {
    const size_t end = std::min(begin + kRowsPerStatement, lines_.size());
    ResidentColumns columns;
    for (size_t i = begin; i < end; ++i) {
      columns.ids.push_back(SubjectId::Random());
      columns.person_keys.push_back(lines_[i].person_key);
      columns.birth_dates.push_back(kEpoch + lines_[i].birth_date);
      columns.districts.push_back(lines_[i].district);
      const Particulars particulars = lines_[i].particulars();
      columns.particulars.push_back(seal_.Seal(lines_[i].person_key, particulars));
      columns.fingerprints.push_back(seal_.Fingerprint(lines_[i].person_key, particulars));
    }
    ASSIGN_OR_RETURN(const Upserted upserted, UpsertResidents(tx, municipality, columns));
    created += upserted.created;
    for (const Hash& key : upserted.elsewhere) {
      const auto at = std::lower_bound(
          lines_.begin(), lines_.end(), key,
          [](const Line& line, const Hash& wanted) { return line.person_key < wanted; });
      elsewhere.Add(at->number, "subject", "is registered in another municipality");
    }
  }
  RETURN_IF_ERROR(elsewhere.status());
  if (complete && lines_.empty()) return EmptyImport();
  v1::ImportResidentsResponse response;
  response.set_created(created);
  response.set_updated(static_cast<int64_t>(lines_.size()) - created);
  if (complete) {
    ASSIGN_OR_RETURN(const int64_t left, EndOthers(tx, municipality));
    response.set_left(left);
  }
  return response;
}

// The lines are sorted by key, so the keys of those who stay are compared range by range.
absl::StatusOr<int64_t> Import::EndOthers(pg::Tx& tx, MunicipalityId municipality) const {
  int64_t left = 0;
  pg::Bytes above;
  for (size_t begin = 0; begin < lines_.size(); begin += kRowsPerStatement) {
    const size_t end = std::min(begin + kRowsPerStatement, lines_.size());
    std::vector<Hash> staying;
    for (size_t i = begin; i < end; ++i) staying.push_back(lines_[i].person_key);
    const pg::Bytes last(crypto::ToBytes(staying.back()));
    std::optional<pg::Bytes> up_to;
    if (end < lines_.size()) up_to = last;
    ASSIGN_OR_RETURN(const int64_t ended, EndResidence(tx, municipality, above, up_to, staying));
    left += ended;
    above = last;
  }
  return left;
}

}  // namespace smederij::registry
