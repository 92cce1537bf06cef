#pragma once

#include "common/base/id.h"

namespace smederij::registry {

// A person is known in registry under the same SubjectId that registry's own tokens carry; other
// services know the same person under other ids, which do not join with these.
using CharterId = Id<struct CharterTag>;
using GrantId = Id<struct GrantTag>;

}  // namespace smederij::registry
