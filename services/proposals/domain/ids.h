#pragma once

#include "common/base/id.h"

namespace smederij::proposals {

using IdeaId = Id<struct IdeaTag>;
using GroupId = Id<struct InitiativeGroupTag>;
using CharterId = Id<struct CharterTag>;
using CorrectionId = Id<struct CorrectionTag>;

}  // namespace smederij::proposals
