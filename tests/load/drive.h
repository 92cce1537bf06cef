#pragma once

#include <grpcpp/client_context.h>
#include <sys/types.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/testing/test_server.h"

// Load on a service in the same process, and what it cost.
namespace smederij::load {

struct Measured {
  double seconds = 0, own_cpu = 0, pg_cpu = 0;  // All of it.
  int operations = 0;
  std::vector<double> latencies;  // Seconds, sorted.

  double rate() const { return operations / seconds; }
  double cpu() const { return (own_cpu + pg_cpu) / operations; }
  double pg() const { return pg_cpu / operations; }
  double at(double quantile) const {
    return latencies[static_cast<size_t>(quantile * static_cast<double>(latencies.size() - 1))];
  }
};

// Has `start(i, done)` called for 0 … operations−1 with so many of them under way at once.
// `postmaster`: whose processes are PostgreSQL's share.
Measured Drive(int operations, int in_flight, pid_t postmaster,
               const std::function<void(int, std::function<void()>)>& start);

double ProcessCpu(pid_t pid);    // Of another process, seconds.
double OwnCpu();                 // Of this process, seconds.
double PgCpu(pid_t postmaster);  // Of the postmaster, its children, and those that have ended.

// Fills the database for TPC-B. Dies when it fails.
void PgInitialise(int scale, const std::string& conninfo);
// pgbench with these arguments on the database; its rate, and PostgreSQL's CPU. Dies when it fails.
Measured PgBench(const std::string& arguments, const std::string& conninfo, pid_t postmaster);

inline constexpr int kChannels = 4;

// Channels that share nothing, so that no lock of one holds up all.
template <class Stub>
std::vector<std::unique_ptr<Stub>> Stubs(smederij::testing::TestServer& server) {
  std::vector<std::unique_ptr<Stub>> stubs;
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("smederij.channel", i);
    stubs.push_back(std::make_unique<Stub>(server.NewChannel(arguments)));
  }
  return stubs;
}

// One call: `call` sends it, `check` looks at its answer.
template <class Res, class Call, class Check>
void Start(Call call, Check check, std::function<void()> done) {
  struct State {
    grpc::ClientContext context;
    Res response;
  };
  auto* const state = new State;
  state->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  call(&state->context, &state->response,
       [state, check, done = std::move(done)](const grpc::Status& status) {
         if (!status.ok()) std::fprintf(stderr, "%s\n", status.error_message().c_str());
         CHECK(status.ok() && check(state->response));
         delete state;
         done();
       });
}

}  // namespace smederij::load
