#include "common/rpc/call.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include <algorithm>

#include "common/base/check.h"
#include "common/base/error.h"

namespace smederij::rpc {
namespace {

Error OtherMunicipality() {
  return Error(kPermissionDenied, "OTHER_MUNICIPALITY", "that belongs to another municipality");
}

Error RoleNotHeldThere() {
  return Error(kPermissionDenied, "ROLE_NOT_HELD_THERE",
               "none of the roles this call needs is held there");
}

}  // namespace

absl::Status Call::MayActIn(MunicipalityId municipality) const {
  if (ServiceAllowed()) return absl::OkStatus();
  if (caller.municipality != municipality) return OtherMunicipality();
  for (const Grant& grant : caller.grants) {
    if (Declares(grant.role) && !grant.district) return absl::OkStatus();
  }
  return RoleNotHeldThere();
}

absl::Status Call::MayActIn(MunicipalityId municipality, DistrictId district) const {
  if (ServiceAllowed()) return absl::OkStatus();
  if (caller.municipality != municipality) return OtherMunicipality();
  for (const Grant& grant : caller.grants) {
    if (Declares(grant.role) && grant.district.value_or(district) == district) {
      return absl::OkStatus();
    }
  }
  return RoleNotHeldThere();
}

absl::Status Call::MayActIn(DistrictId district) const {
  if (ServiceAllowed()) return absl::OkStatus();
  for (const Grant& grant : caller.grants) {
    if (Declares(grant.role) && grant.district == district) return absl::OkStatus();
  }
  return RoleNotHeldThere();
}

absl::Status Call::MayActFor(SubjectId owner) const {
  if (ServiceAllowed()) return absl::OkStatus();
  if (caller.person() && caller.subject == owner) return absl::OkStatus();
  return Error(kPermissionDenied, "NOT_YOURS", "that belongs to somebody else");
}

Money Call::LimitIn(MunicipalityId municipality, DistrictId district) const {
  if (ServiceAllowed()) return Money::Cents(Money::kCentsMax);
  int64_t limit_cents = 0;
  if (caller.municipality != municipality) return Money();
  for (const Grant& grant : caller.grants) {
    if (Declares(grant.role) && grant.district.value_or(district) == district) {
      limit_cents = std::max(limit_cents, grant.limit_cents);
    }
  }
  return Money::Cents(limit_cents);
}

bool Call::ServiceAllowed() const {
  return caller.service && std::find(access.services().begin(), access.services().end(),
                                     *caller.service) != access.services().end();
}

bool Call::Declares(Role role) const {
  return std::find(access.roles().begin(), access.roles().end(), role) != access.roles().end();
}

Hash RequestHash(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // Maps in key order, whatever their history.
    CHECK(message.SerializeToCodedStream(&coded));
  }
  Hash hash;
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

}  // namespace smederij::rpc
