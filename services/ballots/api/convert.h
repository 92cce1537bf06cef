#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/ballots/domain/election.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/result.h"
#include "services/ballots/storage/tally_store.h"
#include "smederij/ballots/v1/ballots.pb.h"

namespace smederij::ballots {

namespace v1 = smederij::ballots::v1;

// What this service itself writes into a manifest.
struct ManifestFrame {
  std::string host;
  crypto::SigningKey checkpoint_key;
  crypto::VerifyingKey receipt_key;
  std::string software;
};

// The normalised manifest a request describes, with what this service adds. All mistakes of form
// and content together. Refusal: BAD_MANIFEST.
absl::StatusOr<Manifest> FromProto(const v1::Manifest& proto, const ManifestFrame& frame);

// 32 bytes. Refusal: BAD_HASH at `field`.
absl::StatusOr<Hash> ParseHash(const std::string& bytes, absl::string_view field);

v1::Manifest ToProto(const Manifest& manifest);
v1::Result ToProto(const Result& result, const Hash& result_hash);

// With the result, its imbalances and all: for those who certify.
absl::StatusOr<v1::Tally> ToProto(const Tally& tally, size_t certifications);

// As the public gets it: classes with fewer ballots than k_min are withheld.
v1::Result ToPublic(const Result& result, const Hash& result_hash, uint32_t k_min);

}  // namespace smederij::ballots
