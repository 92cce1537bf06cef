#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/obs/metrics.h"
#include "common/pg/pool.h"
#include "common/testing/pg_database.h"
#include "common/testing/test_server.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/reconciler/neighbours.h"
#include "services/proposals/reconciler/reconciler.h"
#include "services/proposals/test/fake_neighbours.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"

namespace smederij::proposals {

// A village with one district, two budgets and a charter, met through the real api on a real
// database; its neighbours are fakes. Two residents, ann and bob, and one of every official.
class Village {
 public:
  using Stub = v1::ProposalsService::Stub;

  Village();

  // One call as `who`.
  template <class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request, const testing::Person& who = {},
                          bool* replayed = nullptr) {
    const testing::From from = who.grants.empty() ? testing::From{} : server->As(who);
    return server->Ask(method, request, from, replayed);
  }
  // The same with a new request_id.
  template <class Req, class Res>
  absl::StatusOr<Res> Write(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                            Req request, const testing::Person& who) {
    request.set_request_id(Uuid::Random().ToString());
    return Ask(method, request, who);
  }

  // Requests that are right.
  v1::CreateRoundRequest RoundRequest(absl::string_view title, bool demonstration = true) const;
  v1::ForgePlanRequest PlanRequest(const std::string& group, const std::string& idea,
                                   int64_t cost_cents) const;

  // Plans a round and fails the test if that is refused; the round's id.
  std::string MakeRound(absl::string_view title = "Noordveld 2026", bool demonstration = true);
  std::string MakeIdea(const std::string& round);
  std::string MakeGroup(const std::string& round);  // ann's
  // A plan of ann's group; admitted on wish.
  std::string MakePlan(const std::string& group, const std::string& idea, int64_t cost_cents,
                       bool admitted);
  void ApprovePot(const std::string& round);
  // One more budget of the district, general's twin but for what its money is for.
  std::string OpenBudget(const std::string& fund, const ledger::v1::Condition& condition);
  void FreezeNow(const std::string& round);

  v1::Round RoundOf(const std::string& round);
  v1::Plan PlanOf(const std::string& plan);
  std::vector<v1::Plan> PlansOf(const std::string& round);
  // What a round came to, without ids and times: to compare runs by.
  std::string Projection(const std::string& round);

  // Runs as the superuser what no service may: moving a round's instants, for one.
  void Sql(const std::string& sql) const;

  ReconcilerOptions Options() const;
  std::unique_ptr<Reconciler> MakeReconciler() { return MakeReconciler(Options()); }
  std::unique_ptr<Reconciler> MakeReconciler(const ReconcilerOptions& options);

  // Waits until `ready`, at most a minute.
  static bool Wait(absl::FunctionRef<bool()> ready);

  const MunicipalityId municipality = MunicipalityId::Random();
  const DistrictId district = DistrictId::Random(), elsewhere = DistrictId::Random();
  const CharterId charter = CharterId::Random();
  const BudgetId general = BudgetId::Random(), corporation = BudgetId::Random();

  const testing::Person ann = Somebody(policy::v1::ROLE_RESIDENT);
  const testing::Person bob = Somebody(policy::v1::ROLE_RESIDENT);
  const testing::Person stranger = Somebody(policy::v1::ROLE_RESIDENT, elsewhere);
  const testing::Person director = Somebody(policy::v1::ROLE_AREA_DIRECTOR);
  const testing::Person team = Somebody(policy::v1::ROLE_TEAM_MEMBER);
  const testing::Person holder = Somebody(policy::v1::ROLE_BUDGET_HOLDER);

  // Of the rounds made from now on, numbered from 1: name and postcodes.
  std::vector<std::pair<std::string, std::vector<std::string>>> stations;

  fake::Nature nature;
  fake::Registry registry{nature};
  fake::Ballots ballots{nature};
  fake::Ledger ledger{nature};

  testing::PgDatabase database;
  std::atomic<int> deadlocks = 0;  // Transactions that ran again for one.
  pg::Pool pool;
  obs::Registry metrics;
  fake::Served registry_served{registry}, ballots_served{ballots}, ledger_served{ledger};
  Neighbours neighbours;
  ProposalsApi api;
  std::atomic<int> wakes = 0;
  std::unique_ptr<testing::TestServer> server;

 private:
  testing::Person Somebody(policy::v1::Role role) const { return Somebody(role, district); }
  testing::Person Somebody(policy::v1::Role role, DistrictId where) const;
};

}  // namespace smederij::proposals
