#include "common/rpc/access.h"

#include <algorithm>

#include "common/base/error.h"

namespace smederij::rpc {
namespace {

bool HoldsOneOf(const Caller& caller, const Access& access) {
  return std::any_of(caller.grants.begin(), caller.grants.end(), [&](const Grant& grant) {
    return std::find(access.roles().begin(), access.roles().end(), grant.role) !=
           access.roles().end();
  });
}

}  // namespace

absl::Status Authorize(const Caller& caller, const Access& access) {
  if (access.public_() || access.anonymous()) return absl::OkStatus();
  if (caller.service) {
    const bool named = std::find(access.services().begin(), access.services().end(),
                                 *caller.service) != access.services().end();
    if (named) return absl::OkStatus();
    return Error(kPermissionDenied, "SERVICE_NOT_ALLOWED", "this call is not for that service");
  }
  if (!caller.person()) {
    return Error(kUnauthenticated, "IDENTITY_NEEDED", "this call needs to know who makes it");
  }
  if (HoldsOneOf(caller, access)) return absl::OkStatus();
  return Error(kPermissionDenied, "ROLE_NOT_HELD", "none of the roles this call needs is held");
}

std::string MistakeIn(const Access& access) {
  const bool named = access.roles_size() + access.services_size() > 0;
  const int ways = (access.public_() ? 1 : 0) + (access.anonymous() ? 1 : 0) + (named ? 1 : 0);
  if (ways == 0) return "names nobody who may call";
  if (ways > 1) return "names more than one way in";
  for (const int role : access.roles()) {
    if (role == policy::v1::ROLE_UNSPECIFIED || !policy::v1::Role_IsValid(role)) {
      return "names no role";
    }
  }
  for (const int service : access.services()) {
    if (service == policy::v1::SERVICE_UNSPECIFIED || !policy::v1::Service_IsValid(service)) {
      return "names no service";
    }
  }
  if (access.scope() == policy::v1::SCOPE_UNSPECIFIED) return "declares no scope";
  const bool placed = access.scope() != policy::v1::SCOPE_NONE;
  if (placed && access.roles_size() == 0) return "has a scope but no role to reach it";
  if (access.four_eyes() && access.roles_size() == 0) return "wants four eyes of nobody";
  return "";
}

}  // namespace smederij::rpc
