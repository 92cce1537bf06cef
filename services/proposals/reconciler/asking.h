#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/rpc/client.h"
#include "services/proposals/reconciler/ask.h"

// What the files that ask one service each share. Only ask*.cc include this.
namespace smederij::proposals {

// One step of one round, about to be asked of somebody.
struct Asking {
  const Neighbours& neighbours;
  const Material& material;
  rpc::Outgoing outgoing;

  const Round& round() const { return material.record.round; }
  std::string round_id() const { return round().id.ToString(); }
  std::string request_id() const {
    return KeyOf(round().id, material.next.step, material.next.version).ToString();
  }
  const Pot& pot() const { return round().pots[PotOf(round(), material.next.version)]; }

  // Repeating is the reconciler's own business: its loop is the retry.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Ask(const rpc::Peer& peer,
                          grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request) const {
    return peer.Ask(method, request, outgoing, rpc::Retry::kNever);
  }
};

template <class Message>
Learned Settled(const Message& message) {
  return {.settled = true, .answer = message.SerializeAsString()};
}

// A fact of a refusal; empty when it has none of that name.
inline std::string FactOf(const absl::Status& refusal, absl::string_view name) {
  for (const auto& [fact, value] : FactsOf(refusal)) {
    if (absl::string_view(fact) == name) return value;
  }
  return "";
}

inline Learned NotYet(std::string sentence) {
  return {.settled = false, .sentence = std::move(sentence)};
}

inline Learned Working() { return {.settled = false, .soon = true}; }

template <class Message>
absl::StatusOr<Message> Parsed(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) {
    return absl::InternalError(absl::StrCat("a stored ", message.GetTypeName(), " does not parse"));
  }
  return message;
}

// Of ledger: ask_ledger.cc
absl::StatusOr<Learned> HoldPot(const Asking& asking);
absl::StatusOr<Learned> ReserveAwards(const Asking& asking);
absl::StatusOr<Learned> ReleasePot(const Asking& asking);
absl::StatusOr<Learned> AdjustAwards(const Asking& asking);
// Of registry: ask_registry.cc
absl::StatusOr<Learned> OpenRoll(const Asking& asking);
absl::StatusOr<Learned> AwaitRoll(const Asking& asking);
absl::StatusOr<Learned> ConfirmManifest(const Asking& asking);
absl::StatusOr<Learned> CloseRoll(const Asking& asking);
// Of ballots: ask_ballots.cc
absl::StatusOr<Learned> ProposeManifest(const Asking& asking);
absl::StatusOr<Learned> AwaitApproval(const Asking& asking);
absl::StatusOr<Learned> AwaitClose(const Asking& asking);
absl::StatusOr<Learned> CloseElection(const Asking& asking);
absl::StatusOr<Learned> Count(const Asking& asking);
absl::StatusOr<Learned> AwaitCount(const Asking& asking);
absl::StatusOr<Learned> AwaitCertification(const Asking& asking);
absl::StatusOr<Learned> MarkPlans(const Asking& asking);

}  // namespace smederij::proposals
