#pragma once

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace smederij::load {

// One row of the performance table, as a line of JSON for scripts/bench: what was measured, the
// goal ("≤ 25"), whether it was met, and the raw figures behind it.
inline void PrintRow(const std::string& name, double value, const std::string& goal, bool met,
                     double a, double b) {
  nlohmann::ordered_json row;
  row["name"] = name;
  row["value"] = value;
  row["goal"] = goal;
  row["met"] = met;
  row["a"] = a;
  row["b"] = b;
  std::cout << row.dump() << std::endl;
}

}  // namespace smederij::load
