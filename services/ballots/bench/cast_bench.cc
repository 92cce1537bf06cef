// Rows cast_*: what casting costs, beside what it must cost at least and beside pgbench, in one run
// on one durable cluster. Client, service and PostgreSQL share the machine; every call, the echo's
// too, goes over TLS on loopback. Ballots are made before; the sequencer rests.
//
//   cast_vs_limit          CPU of the limit over CPU of a unary cast, 256 in flight. The limit: an
//                          echo of the same size, the RSA and Ed25519 checks, the receipt's
//                          signature, and PostgreSQL's share of the same rows by binary COPY
//   cast_vs_pgbench        casts a second, 256 in flight, over pgbench's single inserts, 64
//   clients,
//                          which verify nothing
//   cast_vs_txn_per_rpc    the same over the service with a transaction for every ballot
//   cast_batch_vs_pgbench  ballots a second by CastBallots, 32 a call, over the same pgbench
//   cast_pg_cpu_share      PostgreSQL's CPU per ballot over its CPU per insert of pgbench
//   cast_rush_p99_over_p50 of the latency of unary casts, 256 in flight
//   cast_alone_p50_vs_txn  latency of one caller alone over that without grouping
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/obs/log.h"
#include "common/rpc/testing/rpctest.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/receipt.h"
#include "services/ballots/testing/polling_place.h"
#include "tests/load/rows.h"

namespace smederij::ballots {
namespace {

using load::PrintRow;
using testing::Envelope;
using testing::PollingPlace;
using testing::Replica;

constexpr int kInFlight = 256, kChannels = 4, kPerCall = 32, kAlone = 400;
constexpr int kPgClients = 64, kPgSeconds = 6;

int Ballots() {
  int ballots = 0;
  const char* const told = std::getenv("SMEDERIJ_BALLOTS");
  return told != nullptr && absl::SimpleAtoi(told, &ballots) ? ballots : 12'000;
}

double OwnCpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of the postmaster, its children, and those that have ended.
double PgCpu(pid_t postmaster) {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const size_t after = text.rfind(')');
    if (after == std::string::npos) continue;
    const std::vector<std::string> fields = absl::StrSplit(text.substr(after + 2), ' ');
    if (pid != postmaster && fields.at(1) != absl::StrCat(postmaster)) continue;
    // utime and stime; of the postmaster also its ended children's.
    for (const size_t i : {11, 12}) ticks += std::stod(fields.at(i));
    if (pid == postmaster) {
      for (const size_t i : {13, 14}) ticks += std::stod(fields.at(i));
    }
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

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
Measured Drive(int operations, int in_flight, pid_t postmaster,
               const std::function<void(int, std::function<void()>)>& start) {
  Measured measured{.operations = operations, .latencies = {}};
  measured.latencies.resize(static_cast<size_t>(operations));
  std::atomic<int> next = 0, left = operations;
  absl::Mutex mutex;
  bool over = false;
  std::function<void()> go = [&] {
    const int i = next++;
    if (i >= operations) return;
    const absl::Time begun = absl::Now();
    start(i, [&, i, begun] {
      measured.latencies[static_cast<size_t>(i)] = absl::ToDoubleSeconds(absl::Now() - begun);
      if (--left == 0) {
        const absl::MutexLock lock(&mutex);
        over = true;
      } else {
        go();
      }
    });
  };
  const double own = OwnCpu(), pg = PgCpu(postmaster);
  const absl::Time begun = absl::Now();
  for (int i = 0; i < in_flight; ++i) go();
  {
    const absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&over));
  }
  measured.seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  measured.own_cpu = OwnCpu() - own;
  measured.pg_cpu = PgCpu(postmaster) - pg;
  std::sort(measured.latencies.begin(), measured.latencies.end());
  return measured;
}

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

class Bench {
 public:
  Bench() : replica_(place_.Start("a")) {
    place_.Publish(*replica_, place_.Manifest());
    Prepare(static_cast<size_t>(Ballots()));
    for (size_t i = 0; i + kPerCall <= requests_.size(); i += kPerCall) {
      v1::CastBallotsRequest& call = calls_.emplace_back();
      for (size_t j = i; j < i + kPerCall; ++j) *call.add_ballots() = requests_[j];
    }
  }

  void Run() {
    const int ballots = static_cast<int>(requests_.size());
    Cast(*replica_, ballots, kInFlight);  // Warm: caches, connections, the election itself.
    const Measured unary = Cast(*replica_, ballots, kInFlight);
    CopyOut();
    const Measured alone = Cast(*replica_, kAlone, 1);
    const Measured many = CastMany();
    const auto single = place_.Start("b", PollingPlace::Committing{.writers = 16, .batch_max = 1});
    const Measured per_txn = Cast(*single, ballots / 3, kInFlight);
    const Measured per_txn_alone = Cast(*single, kAlone, 1);
    const Measured inserts = PgBench();
    const Measured echo = Echo(ballots);
    const double copy = Copy(ballots), crypto = Crypto();

    const double limit = echo.cpu() + crypto + copy;
    const auto row = [](const char* name, double value, const char* goal, bool met, double a,
                        double b) { PrintRow(name, value, goal, met, a, b); };
    row("cast_vs_limit", limit / unary.cpu(), "≥ 0.80", limit / unary.cpu() >= 0.80, limit * 1e6,
        unary.cpu() * 1e6);
    const double inserted = inserts.rate();
    row("cast_vs_pgbench", unary.rate() / inserted, "≥ 0.70", unary.rate() / inserted >= 0.70,
        unary.rate(), inserted);
    row("cast_vs_txn_per_rpc", unary.rate() / per_txn.rate(), "≥ 2.0",
        unary.rate() / per_txn.rate() >= 2, unary.rate(), per_txn.rate());
    const double in_calls = many.rate() * kPerCall;
    row("cast_batch_vs_pgbench", in_calls / inserted, "≥ 0.85", in_calls / inserted >= 0.85,
        in_calls, inserted);
    row("cast_pg_cpu_share", unary.pg() / inserts.pg(), "≤ 0.333",
        unary.pg() / inserts.pg() <= 1 / 3.0, unary.pg() * 1e6, inserts.pg() * 1e6);
    row("cast_rush_p99_over_p50", unary.at(0.99) / unary.at(0.5), "≤ 2.5",
        unary.at(0.99) / unary.at(0.5) <= 2.5, unary.at(0.99) * 1e3, unary.at(0.5) * 1e3);
    row("cast_alone_p50_vs_txn", alone.at(0.5) / per_txn_alone.at(0.5), "≤ 1.15",
        alone.at(0.5) / per_txn_alone.at(0.5) <= 1.15, alone.at(0.5) * 1e3,
        per_txn_alone.at(0.5) * 1e3);
    // Where a unary cast's CPU goes, in microseconds.
    std::fprintf(stderr,
                 "cast: %.0f us = service and client %.0f + PostgreSQL %.0f; limit: echo %.0f + "
                 "crypto %.0f + COPY %.0f\n",
                 unary.cpu() * 1e6, unary.own_cpu / unary.operations * 1e6, unary.pg() * 1e6,
                 echo.cpu() * 1e6, crypto * 1e6, copy * 1e6);
  }

 private:
  // Everybody's ballot, ready to cast. Signing so many credentials takes longest of all.
  void Prepare(size_t ballots) {
    requests_.resize(ballots);
    testing::Issuer();
    std::vector<std::thread> threads;
    for (size_t first = 0; first < 2; ++first) {
      threads.emplace_back([this, first] {
        for (size_t i = first; i < requests_.size(); i += 2) {
          const Envelope envelope = place_.NewVoter().Cast(1, testing::Approve({1, 2}));
          requests_[i].set_leaf(envelope.leaf);
          requests_[i].set_choice(envelope.choice);
          requests_[i].set_nonce(envelope.nonce);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  pid_t postmaster() const { return smederij::testing::PgCluster::Shared().pid(); }

  void Empty() { CHECK(place_.database().Sql("TRUNCATE ballots.cast_head, ballots.pending").ok()); }

  Measured Cast(Replica& replica, int ballots, int in_flight) {
    Empty();
    const auto stubs = Stubs<v1::BallotsService::Stub>(*replica.server);
    return Drive(ballots, in_flight, postmaster(), [&](int i, std::function<void()> done) {
      const auto call = [&](grpc::ClientContext* context, v1::CastBallotResponse* response,
                            auto then) {
        stubs[static_cast<size_t>(i % kChannels)]->async()->CastBallot(
            context, &requests_[static_cast<size_t>(i)], response, then);
      };
      const auto fresh = [](const v1::CastBallotResponse& r) { return !r.replayed(); };
      Start<v1::CastBallotResponse>(call, fresh, std::move(done));
    });
  }

  Measured CastMany() {
    Empty();
    const auto stubs = Stubs<v1::BallotsService::Stub>(*replica_->server);
    const int calls = static_cast<int>(calls_.size()), in_flight = 2 * kInFlight / kPerCall;
    return Drive(calls, in_flight, postmaster(), [&](int i, std::function<void()> done) {
      const auto call = [&](grpc::ClientContext* context, v1::CastBallotsResponse* response,
                            auto then) {
        stubs[static_cast<size_t>(i % kChannels)]->async()->CastBallots(
            context, &calls_[static_cast<size_t>(i)], response, then);
      };
      const auto all = [](const v1::CastBallotsResponse& r) {
        return std::all_of(r.outcomes().begin(), r.outcomes().end(),
                           [](const auto& o) { return o.has_cast() && !o.cast().replayed(); });
      };
      Start<v1::CastBallotsResponse>(call, all, std::move(done));
    });
  }

  // An anonymous grouped method that answers at once, with as many bytes.
  Measured Echo(int calls) {
    rpc::RpcTestApi api;
    const rpc::Response answer = rpc::Answer(std::string(requests_[0].leaf().size() / 3, 'a'));
    api.cast = [&](const rpc::Call&, const rpc::Request&, rpc::Reply<rpc::Response> reply) {
      reply(answer);
    };
    smederij::testing::TestServer server("bench", [&](rpc::Router& router) { api.Mount(router); });
    const rpc::Request request = rpc::Saying(std::string(requests_[0].ByteSizeLong(), 'a'));
    const auto stubs = Stubs<rpc::Stub>(server);
    return Drive(calls, kInFlight, postmaster(), [&](int i, std::function<void()> done) {
      const auto call = [&](grpc::ClientContext* context, rpc::Response* response, auto then) {
        stubs[static_cast<size_t>(i % kChannels)]->async()->Cast(context, &request, response, then);
      };
      const auto any = [](const rpc::Response&) { return true; };
      Start<rpc::Response>(call, any, std::move(done));
    });
  }

  // CPU seconds of the checks of one ballot and the receipt's signature.
  double Crypto() {
    constexpr int kTimes = 1'000;
    const auto& issuer = testing::Issuer().public_key();
    const Receipt receipt{.origin = "ballots.example/ballots/1", .leaf_hash = {}, .include_by = {}};
    const double before = OwnCpu();
    for (int i = 0; i < kTimes; ++i) {
      const std::string& bytes = requests_[static_cast<size_t>(i)].leaf();
      const auto leaf = ParseLeaf(bytes);
      CHECK(leaf.ok() && CredentialHolds(*leaf, issuer) && VoterSignatureHolds(*leaf, bytes));
      CHECK(!Sign(receipt, place_.signers().receipt_key).empty());
    }
    return (OwnCpu() - before) / kTimes;
  }

  std::string FileOf(absl::string_view table) const {
    return absl::StrCat("/tmp/smederij-bench-", postmaster(), "-", table);
  }
  void CopyOut() {
    for (const char* table : {"cast_head", "pending"}) {
      CHECK(place_.database()
                .Sql(absl::StrCat("COPY ballots.", table, " TO '", FileOf(table), "' BINARY"))
                .ok());
    }
  }
  // PostgreSQL's CPU seconds per ballot for the same rows by COPY, the least there is.
  double Copy(int ballots) {
    double best = 1e9;
    for (int time = 0; time < 3; ++time) {
      Empty();
      const double before = PgCpu(postmaster());
      for (const char* table : {"cast_head", "pending"}) {
        CHECK(place_.database()
                  .Sql(absl::StrCat("COPY ballots.", table, " FROM '", FileOf(table), "' BINARY"))
                  .ok());
      }
      best = std::min(best, (PgCpu(postmaster()) - before) / ballots);
    }
    for (const char* table : {"cast_head", "pending"}) std::filesystem::remove(FileOf(table));
    return best;
  }

  // One ballot-sized row a transaction, prepared, as fast as pgbench can.
  Measured PgBench() {
    CHECK(place_.database()
              .Sql("CREATE TABLE bench_ballot (id uuid PRIMARY KEY, leaf bytea NOT NULL)")
              .ok());
    const std::string script = FileOf("pgbench");
    std::ofstream(script) << "INSERT INTO bench_ballot VALUES (gen_random_uuid(), "
                             "decode(repeat('ab', 602), 'hex'));\n";
    const std::string command =
        absl::StrCat("pgbench --no-vacuum --protocol=prepared --client=", kPgClients,
                     " --jobs=2 --time=", kPgSeconds, " --file=", script, " '",
                     place_.database().superuser(), "' 2>/dev/null");
    const double before = PgCpu(postmaster());
    FILE* const pipe = popen(command.c_str(), "r");
    CHECK(pipe != nullptr);
    std::string out;
    std::array<char, 4096> buffer;
    for (size_t got; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      out.append(buffer.data(), got);
    }
    CHECK(pclose(pipe) == 0);
    std::filesystem::remove(script);
    Measured measured{.latencies = {}};
    measured.pg_cpu = PgCpu(postmaster()) - before;
    for (const absl::string_view line : absl::StrSplit(out, '\n')) {
      double rate = 0;
      if (absl::StartsWith(line, "number of transactions actually processed: ")) {
        CHECK(absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &measured.operations));
      } else if (absl::StartsWith(line, "tps = ")) {
        const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
        CHECK(absl::SimpleAtod(words.at(2), &rate) && rate > 0);
        measured.seconds = measured.operations / rate;
      }
    }
    CHECK(measured.operations > 0 && measured.seconds > 0);
    return measured;
  }

  PollingPlace place_;
  std::unique_ptr<Replica> replica_;
  std::vector<v1::CastBallotRequest> requests_;
  std::vector<v1::CastBallotsRequest> calls_;
};

}  // namespace
}  // namespace smederij::ballots

int main() {
  setenv("SMEDERIJ_DURABLE", "1", /*overwrite=*/1);
  smederij::obs::SetMinimumLevel(smederij::obs::Level::kError);
  smederij::ballots::Bench().Run();
  return 0;
}
