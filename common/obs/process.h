#pragma once

namespace smederij::obs {

// What /proc says of this process, for the process_* metrics. Zero where it cannot be read.
double ProcessStartSeconds();
double ProcessResidentBytes();
double ProcessCpuSeconds();
double ProcessOpenFiles();

}  // namespace smederij::obs
