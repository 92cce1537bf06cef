#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij {

// A UUID's 16 bytes in network order (RFC 9562). The nil UUID means "no id" and is never parsed.
class Uuid {
 public:
  using Bytes = std::array<uint8_t, 16>;

  constexpr Uuid() = default;
  constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  static Uuid Random();                                     // Version 4, from the system's CSPRNG.
  static Uuid Derived(Uuid space, absl::string_view name);  // Version 5 (SHA-1).
  // Canonical text only (lower or upper case hex, hyphens, 36 characters); nullopt otherwise,
  // and for the nil UUID.
  static std::optional<Uuid> Parse(absl::string_view text);

  const Bytes& bytes() const { return bytes_; }
  bool nil() const { return bytes_ == Bytes{}; }
  std::string ToString() const;  // Lower case.

  constexpr auto operator<=>(const Uuid&) const = default;
  template <class H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  Bytes bytes_{};
};

// An id of one kind of thing: a RoundId does not convert to a PlanId.
//   using RoundId = Id<struct RoundTag>;
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(Uuid uuid) : uuid_(uuid) {}

  static Id Random() { return Id(Uuid::Random()); }
  template <class Other>
  static Id Derived(const Id<Other>& space, absl::string_view name) {
    return Id(Uuid::Derived(space.uuid(), name));
  }

  const Uuid& uuid() const { return uuid_; }
  std::string ToString() const { return uuid_.ToString(); }

  constexpr auto operator<=>(const Id&) const = default;
  template <class H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.uuid_);
  }

 private:
  Uuid uuid_;
};

absl::Status BadId(absl::string_view field);  // INVALID_ARGUMENT, BAD_ID at `field`.

// An id that came from outside. Refusal: BAD_ID at `field`.
template <class AnyId>
absl::StatusOr<AnyId> ParseId(absl::string_view text, absl::string_view field) {
  const std::optional<Uuid> uuid = Uuid::Parse(text);
  if (!uuid) return BadId(field);
  return AnyId(*uuid);
}

// Kinds of id that more than one service speaks of.
using MunicipalityId = Id<struct MunicipalityTag>;
using DistrictId = Id<struct DistrictTag>;
using RoundId = Id<struct RoundTag>;
using PlanId = Id<struct PlanTag>;
using BudgetId = Id<struct BudgetTag>;
using RequestId = Id<struct RequestTag>;
using SubjectId = Id<struct SubjectTag>;  // Who acts: a pairwise pseudonym, one per service.

}  // namespace smederij
