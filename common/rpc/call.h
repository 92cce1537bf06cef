#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/obs/trace.h"
#include "google/protobuf/message_lite.h"
#include "smederij/policy/v1/access.pb.h"

namespace smederij::rpc {

using policy::v1::Access;
using policy::v1::Role;
using policy::v1::Service;

// A role somebody holds: in one district, or in the whole municipality when it names none.
struct Grant {
  Role role = policy::v1::ROLE_UNSPECIFIED;
  std::optional<DistrictId> district = {};
  int64_t limit_cents = Money::kCentsMax;  // The largest amount it may decide about.

  bool operator==(const Grant&) const = default;
};

// Who calls. A person (subject, municipality and grants, from a verified token), a service (from
// its client certificate), or nobody: public methods without a token, and every anonymous method.
struct Caller {
  SubjectId subject = {};            // Nil unless a person calls.
  MunicipalityId municipality = {};  // Likewise.
  std::vector<Grant> grants = {};
  std::string acr = {};  // How the person proved who they are; empty when the token does not say.
  std::optional<Service> service = {};
  // The person for whom a service acts: its word, recorded, never a right.
  std::optional<SubjectId> on_behalf_of = {};

  bool person() const { return !subject.uuid().nil(); }
};

// One call under way, as its handler sees it. Valid until the handler returns, also when a grouped
// handler has given its reply away. The methods are thread-safe.
class Call {
 public:
  Call() = default;
  // For tests of code that takes a call; the router fills its own.
  Call(Caller who, absl::Time until, Access declared)
      : caller(std::move(who)), deadline(until), access(std::move(declared)) {}

  Caller caller;
  absl::Time deadline = absl::InfiniteFuture();  // Never later than the row's budget allows.
  Access access;                                 // The method's declaration.
  std::string method;                            // "smederij.ledger.v1.LedgerService/PostTransfer".
  std::string id;                                // What an INTERNAL answer tells the client.
  std::optional<obs::Trace> trace;               // The client's, or a new one; none if anonymous.

  // Where the caller may act under the method's declaration: one of its roles must reach the place.
  // A service the declaration names may act everywhere. Refusals are PERMISSION_DENIED:
  // OTHER_MUNICIPALITY first, then ROLE_NOT_HELD_THERE.
  //
  // The whole municipality: only a grant that names no district reaches.
  absl::Status MayActIn(MunicipalityId municipality) const;
  // A district of `municipality`: grants for that district, and for the whole municipality.
  absl::Status MayActIn(MunicipalityId municipality, DistrictId district) const;
  // A district of unknown municipality: only a grant that names the district itself reaches,
  // because a municipality-wide one says nothing about districts of others.
  absl::Status MayActIn(DistrictId district) const;
  // A record that belongs to `owner` (SCOPE_OWN). Refusal: PERMISSION_DENIED NOT_YOURS.
  absl::Status MayActFor(SubjectId owner) const;

  // The largest amount the caller may decide about there, over the declared roles that reach it;
  // zero when none does. A service the declaration names has no limit but Money::kCentsMax.
  Money LimitIn(MunicipalityId municipality, DistrictId district) const;

  // The client gave up or is gone: an answer will not be read. What was begun in the database may
  // still be finished; long computations should look now and then.
  bool Cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // The answer is the one of an earlier call with the same request_id: sent as the trailing
  // metadata `smederij-replayed: true`. Before the reply of a grouped method is given away.
  void MarkReplayed() const { replayed_.store(true, std::memory_order_relaxed); }
  bool replayed() const { return replayed_.load(std::memory_order_relaxed); }

  // The router's own: from gRPC's cancellation reaction.
  void MarkCancelled() { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  bool ServiceAllowed() const;
  bool Declares(Role role) const;

  std::atomic<bool> cancelled_{false};
  mutable std::atomic<bool> replayed_{false};
};

// SHA-256 over the message's deterministic serialisation: what idempotent writes compare. Equal for
// equal messages in this build of the schema; the method's name is not part of it.
using Hash = std::array<uint8_t, 32>;
Hash RequestHash(const google::protobuf::MessageLite& message);

}  // namespace smederij::rpc
