#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/rpc/call.h"

namespace smederij::rpc {

// OK if `caller` may call a method declared `access` at all, wherever. Refusals: UNAUTHENTICATED
// IDENTITY_NEEDED, PERMISSION_DENIED SERVICE_NOT_ALLOWED, PERMISSION_DENIED ROLE_NOT_HELD.
absl::Status Authorize(const Caller& caller, const Access& access);

// What is wrong with a declaration; empty if it is right. It names exactly one way in (public,
// anonymous, or roles and services) and a scope that fits it.
std::string MistakeIn(const Access& access);

}  // namespace smederij::rpc
