// Every rule over one made-up city: `smederij-benchmark-tally [--benchmark_filter=PATTERN]`. The
// name of a benchmark is the rule's; its arguments are ballots and plans.
#include <benchmark/benchmark.h>

#include <string>

#include "common/base/check.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/testing/generated.h"

namespace smederij::ballots::tally {
namespace {

constexpr uint64_t kSeed = 2024;
constexpr Manner kCity = {.name = "city", .clusters = 10, .skew = 0.5};

void CountCity(benchmark::State& state, absl::string_view name, BallotKind kind) {
  const Election election =
      Generator(kCity, kind, kSeed)
          .Make(static_cast<uint32_t>(state.range(1)), static_cast<size_t>(state.range(0)));
  Rule rule;
  rule.name = std::string(name);
  for (auto _ : state) {
    const absl::StatusOr<Outcome> outcome = Count(election, rule);
    CHECK(outcome.ok());
    benchmark::DoNotOptimize(outcome->spent);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void RegisterAll() {
  for (const RuleInfo& info : Rules()) {
    benchmark::RegisterBenchmark(std::string(info.name).c_str(), CountCity, info.name,
                                 info.kinds.front())
        ->ArgNames({"ballots", "plans"})
        ->Args({10'000, 50})
        ->Args({100'000, 200})
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace smederij::ballots::tally

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  smederij::ballots::tally::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
}
