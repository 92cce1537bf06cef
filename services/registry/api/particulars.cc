#include "services/registry/api/particulars.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"

namespace smederij::registry {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kPostcodeBytes = 6;
constexpr absl::CivilDay kEpoch(1970, 1, 1);

// u8 version ‖ u32 days since 1970 ‖ postcode[6] ‖ name
std::string Encode(const Particulars& particulars) {
  crypto::ByteWriter bytes;
  bytes.U8(kVersion).U32(static_cast<uint32_t>(particulars.birth_date - kEpoch));
  bytes.Raw(particulars.postcode).Raw(particulars.name);
  return std::move(bytes).bytes();
}

std::string ContextOf(const Hash& person_key) {
  return absl::StrCat("person/", crypto::View(person_key), "/particulars");
}

}  // namespace

pg::Bytes ParticularsSeal::Seal(const Hash& person_key, const Particulars& particulars) const {
  return pg::Bytes(key_.Seal(Encode(particulars), ContextOf(person_key)));
}

absl::StatusOr<Particulars> ParticularsSeal::Open(const Hash& person_key,
                                                  absl::string_view sealed) const {
  ASSIGN_OR_RETURN(const std::string opened, key_.Open(sealed, ContextOf(person_key)));
  crypto::ByteReader bytes(opened);
  const uint8_t version = bytes.U8();
  Particulars particulars;
  particulars.birth_date = kEpoch + static_cast<int32_t>(bytes.U32());
  particulars.postcode = std::string(bytes.Raw(kPostcodeBytes));
  particulars.name = std::string(bytes.Raw(bytes.left()));
  if (!bytes.AtEnd() || version != kVersion) {
    return absl::InternalError("sealed particulars do not parse");
  }
  return particulars;
}

Hash ParticularsSeal::Fingerprint(const Hash& person_key, const Particulars& particulars) const {
  return pseudonyms_.Keyed("particulars",
                           absl::StrCat(crypto::View(person_key), Encode(particulars)));
}

}  // namespace smederij::registry
