#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

// For tests: seeded chance.
namespace smederij::ballots::tally {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int Roll(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  template <class T>
  void Shuffle(std::vector<T>& items) {
    std::shuffle(items.begin(), items.end(), engine_);
  }

 private:
  std::mt19937 engine_;
};

// Of a random test: $SMEDERIJ_SEED, else any.
inline unsigned FirstSeed() {
  const char* given = std::getenv("SMEDERIJ_SEED");
  return given == nullptr ? std::random_device()() : static_cast<unsigned>(std::stoul(given));
}

}  // namespace smederij::ballots::tally
