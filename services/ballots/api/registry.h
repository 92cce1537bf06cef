#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/id.h"
#include "common/rpc/client.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/recount.h"

namespace smederij::ballots {

// What the registry is asked: sizes and keys of a roll, and after its close how many credentials
// were issued and how many papers handed out. Never a person. Thread-safe; blocks.
class Registry {
 public:
  explicit Registry(rpc::Peer peer) : peer_(std::move(peer)) {}

  // OK when the manifest's classes, roll sizes, issuer keys and stations are those of the
  // registry's roll. Refusal: ISSUER_KEYS_DIFFER; besides it the registry's absence.
  absl::Status CheckRoll(const Manifest& manifest, const rpc::Outgoing& outgoing) const;

  // Refusal: ISSUANCE_NOT_FINAL while the roll is not closed; besides it the registry's absence.
  absl::StatusOr<Issued> GetIssued(RoundId round, const rpc::Outgoing& outgoing) const;
  // The roll's numbers of paper, final, by station and class; `in_box` is left at zero. Refusal:
  // ISSUANCE_NOT_FINAL while the roll is not closed; besides it the registry's absence, and
  // INTERNAL for numbers that are none.
  using Desks = std::map<std::pair<uint16_t, uint16_t>, StationLine>;
  absl::StatusOr<Desks> GetDesks(RoundId round, const rpc::Outgoing& outgoing) const;

 private:
  rpc::Peer peer_;
};

}  // namespace smederij::ballots
