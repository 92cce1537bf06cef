#pragma once

#include "services/cli/play/script.h"

namespace smederij::cli {

// The built-in round: the village of Noordveld, 96 residents from four years up, seven plans,
// points 3-2-1 as in a village hall. The same script every time. `year` dates ages and titles; in
// every year some residents vote who did not the year before.
Script Demonstration(int year);

}  // namespace smederij::cli
