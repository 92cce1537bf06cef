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
//   cast_growth            casts a second with a million ballots of the round there, over those
//   with
//                          none
//   cast_alone_p50_vs_txn  latency of one caller alone over that without grouping

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/obs/log.h"
#include "common/rpc/testing/rpctest.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/receipt.h"
#include "services/ballots/testing/polling_place.h"
#include "tests/load/drive.h"
#include "tests/load/rows.h"

namespace smederij::ballots {
namespace {

using load::Drive;
using load::kChannels;
using load::Measured;
using load::OwnCpu;
using load::PgCpu;
using load::PrintRow;
using load::Start;
using load::Stubs;
using testing::Envelope;
using testing::PollingPlace;
using testing::Replica;

constexpr int kInFlight = 256, kPerCall = 32, kAlone = 400, kTurns = 8;
constexpr int kPgClients = 64, kPgSeconds = 6;
constexpr int kOthers = 1'000'000;

int Ballots() {
  int ballots = 0;
  const char* const told = std::getenv("SMEDERIJ_BALLOTS");
  return told != nullptr && absl::SimpleAtoi(told, &ballots) ? ballots : 12'000;
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
    const Measured many = CastMany();
    const auto single = place_.Start("b", PollingPlace::Committing{.writers = 16, .batch_max = 1});
    const Measured per_txn = Cast(*single, ballots / 3, kInFlight);
    const auto [alone, per_txn_alone] = AloneInTurns(*replica_, *single);
    const Measured inserts = PgInserts();
    const Measured echo = Echo(ballots);
    const double copy = Copy(ballots), crypto = Crypto();

    const Measured before = Cast(*replica_, ballots, kInFlight);
    Empty();
    Fill();
    const Measured grown = CastBesideOthers(*replica_, ballots, kInFlight);

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
    row("cast_growth", grown.rate() / before.rate(), "≥ 0.80", grown.rate() / before.rate() >= 0.80,
        grown.rate(), before.rate());
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
    return CastBesideOthers(replica, ballots, in_flight);
  }
  Measured CastBesideOthers(Replica& replica, int ballots, int in_flight) {
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

  // One caller alone, on the one and on the other in turns: a disk is not the same from one minute
  // to the next.
  std::pair<Measured, Measured> AloneInTurns(Replica& grouped, Replica& single) {
    std::pair<Measured, Measured> sums;
    for (int turn = 0; turn < kTurns; ++turn) {
      for (auto& [replica, sum] : {std::pair<Replica&, Measured&>(grouped, sums.first),
                                   std::pair<Replica&, Measured&>(single, sums.second)}) {
        const Measured part = Cast(replica, kAlone / kTurns, 1);
        sum.latencies.insert(sum.latencies.end(), part.latencies.begin(), part.latencies.end());
        sum.operations += part.operations;
      }
    }
    std::sort(sums.first.latencies.begin(), sums.first.latencies.end());
    std::sort(sums.second.latencies.begin(), sums.second.latencies.end());
    return sums;
  }

  // So many others have cast, and are in the log.
  void Fill() {
    for (const std::string& sql :
         {absl::StrCat("INSERT INTO ballots.cast_head (round_id, voting_key, class_id, last_seq, "
                       "last_leaf, casts, choice, nonce) SELECT '",
                       place_.round().ToString(),
                       "', sha256(i::text::bytea), 1, 1, sha256((-i)::text::bytea), 1, "
                       "decode('01010001', 'hex'), sha256(i::text::bytea) "
                       "FROM generate_series(1, ",
                       kOthers, ") AS i"),
          absl::StrCat("INSERT INTO ballots.log_leaf (round_id, idx, leaf_hash, leaf) SELECT '",
                       place_.round().ToString(),
                       "', i + 10, sha256(decode('00', 'hex') || leaf), leaf FROM (SELECT i, "
                       "decode('02' || repeat(md5(i::text), 37), 'hex') AS leaf "
                       "FROM generate_series(1, ",
                       kOthers, ") AS i) AS made"),
          std::string("ANALYZE ballots.cast_head, ballots.log_leaf"), std::string("CHECKPOINT")}) {
      const absl::Status filled = place_.database().Sql(sql);
      if (!filled.ok()) std::fprintf(stderr, "%s\n", filled.ToString().c_str());
      CHECK(filled.ok());
    }
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
  Measured PgInserts() {
    CHECK(place_.database()
              .Sql("CREATE TABLE bench_ballot (id uuid PRIMARY KEY, leaf bytea NOT NULL)")
              .ok());
    const std::string script = FileOf("pgbench");
    std::ofstream(script) << "INSERT INTO bench_ballot VALUES (gen_random_uuid(), "
                             "decode(repeat('ab', 602), 'hex'));\n";
    Measured measured =
        load::PgBench(absl::StrCat("--no-vacuum --protocol=prepared --client=", kPgClients,
                                   " --jobs=2 --time=", kPgSeconds, " --file=", script),
                      place_.database().superuser(), postmaster());
    std::filesystem::remove(script);
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
