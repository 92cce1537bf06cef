#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/registry/domain/charter.h"
#include "services/registry/domain/ids.h"

namespace smederij::registry {

// A charter as bytes of a fixed layout: what its hash is taken over, and what is stored. The layout
// never changes; another one gets another first line. Big-endian numbers, every text with its
// length in front:
//
//   "smederij-charter-v1" ‖ district_id[16]
//   ‖ n u16 ‖ n × (class_id u16 ‖ name text16 ‖ age_from u8 ‖ age_to u8 ‖ weight u16)
//   ‖ kind u8 ‖ choices_min u16 ‖ choices_max u16 ‖ points_total_max u32 ‖ points_per_plan_max u32
//   ‖ n u16 ‖ n × (step u32)
//   ‖ rule text16 ‖ stop u8 ‖ partial u8 (0 never, else 1 + least percentage) ‖ support_min u64
//   ‖ basis_points u16 ‖ endowment_step u64
//   ‖ n u16 ‖ n × (tie u8)
//   ‖ n u16 ‖ n × (criterion_id text16 ‖ text text16)
//   ‖ plan_cost_cents_max u64 ‖ k_min u32
//
// `charter` must have passed CheckCharter: its numbers fit.
std::string ToCanon(DistrictId district, const Charter& charter);

// The charter those bytes are, or nullopt when they are none: nothing may be missing or trail.
std::optional<Charter> FromCanon(absl::string_view canon);

}  // namespace smederij::registry
