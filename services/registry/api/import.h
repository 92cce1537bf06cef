#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/pg/transact.h"
#include "services/registry/api/particulars.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/domain/resident.h"
#include "services/registry/domain/roll.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::registry {

inline constexpr size_t kResidentsMax = 2'000'000;
inline constexpr int kResidentsPerMessageMax = 1000;

// One import on its way from the stream to the database. It is held in memory first, some 100 bytes
// a line beside names longer than 15, and stored in one transaction once all of it is there and
// right: a slow client thus holds no connection. Used by one thread.
class Import {
 public:
  // The references outlive the import.
  Import(const Area& area, absl::CivilDay today, const Pseudonyms& pseudonyms,
         const ParticularsSeal& seal)
      : area_(area), today_(today), pseudonyms_(pseudonyms), seal_(seal) {}

  // Refusal, at once: TOO_MANY_RESIDENTS. Mistakes in lines are kept for Finish.
  absl::Status Add(const v1::ResidentBatch& batch);
  // Refusal: BAD_RESIDENTS, with lines that name one person twice among them.
  absl::Status Finish();
  // After Finish: stores all, and ends the residence of everybody else where `complete`. May run
  // again after a rollback. Refusals, first that applies: BAD_RESIDENTS (known in another
  // municipality), EMPTY_IMPORT.
  absl::StatusOr<v1::ImportResidentsResponse> Store(pg::Tx& tx, MunicipalityId municipality,
                                                    bool complete) const;

  size_t size() const { return lines_.size(); }
  const Hash& hash() const { return hash_; }  // Of all lines in order; after Finish.

 private:
  struct Line {
    Particulars particulars() const;

    Hash person_key{};
    int32_t birth_date = 0;  // Days since 1970.
    std::array<char, 6> postcode{};
    std::string name;
    DistrictId district = {};
    uint32_t number = 0;  // In the stream, from 0.
  };

  Hash DigestOf(const std::vector<Line>& lines) const;
  absl::StatusOr<int64_t> EndOthers(pg::Tx& tx, MunicipalityId municipality) const;

  const Area& area_;
  const absl::CivilDay today_;
  const Pseudonyms& pseudonyms_;
  const ParticularsSeal& seal_;
  LineMistakes mistakes_;
  std::vector<Line> lines_;
  Hash hash_{};
};

}  // namespace smederij::registry
