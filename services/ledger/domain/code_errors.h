#pragma once

#include "common/base/error.h"
#include "common/base/id.h"

// Refusals that concern a municipality's ledger codes.
namespace smederij::ledger {

inline Error StaleCodes(MunicipalityId municipality, int32_t newest, int32_t version) {
  return Error(kFailedPrecondition, "STALE_VERSION",
               "the municipality's codes have another version than the one before this")
      .With("municipality_id", municipality.ToString())
      .With("newest", newest)
      .With("version", version);
}

inline Error CodesNotFound(MunicipalityId municipality, int32_t version) {
  return Error(kNotFound, "CODES_NOT_FOUND", "the municipality's codes have no such version")
      .With("municipality_id", municipality.ToString())
      .With("version", version);
}

}  // namespace smederij::ledger
