#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/testing/pg_database.h"
#include "tests/e2e/process.h"

namespace smederij::e2e {

// A whole deployment: a throw-away PostgreSQL cluster and the four real programs, with keys and
// certificates as scripts/run makes them. A service keeps its port when it is started again.
class Town {
 public:
  static constexpr std::array<const char*, 4> kServices = {"registry", "ledger", "ballots",
                                                           "proposals"};

  Town();  // Migrated, bootstrapped, running.
  ~Town();
  Town(const Town&) = delete;
  Town& operator=(const Town&) = delete;

  // A second process of ballots beside the first, on the same database, with a guard of its own.
  static constexpr char kSecondBallots[] = "ballots-2";

  // Returns when it is ready. `environment`: "NAME=value" each, on top of this process's.
  void Start(const std::string& service, const std::vector<std::string>& environment = {});
  void Kill(const std::string& service);  // SIGKILL; returns when it is gone.
  bool Runs(const std::string& service);
  // Starts it on another cluster's database of the same name: empty when it became ready, and was
  // stopped again; else its log.
  std::string TryStartOn(testing::PgCluster& cluster, const std::string& service,
                         const std::vector<std::string>& environment = {});
  int Stop(const std::string& service);  // SIGTERM; returns its exit code.

  const std::string& address(const std::string& service) const;
  std::string Metrics(const std::string& service) const;  // As Prometheus would read them.
  std::string log(const std::string& service) const;
  pid_t pid(const std::string& service) const { return Find(service).process.pid(); }
  std::string key(const std::string& file) const { return directory_ / "keys" / file; }
  testing::PgCluster& cluster() { return cluster_; }

  // Another command of a service's program, with the service's flags: "verify" of ledger.
  Ended RunService(const std::string& service, const std::string& command) const;
  // Runs `smederij` with the options that reach this town appended.
  Ended Smederij(std::vector<std::string> arguments,
                 const std::function<void(absl::string_view)>& on_line = nullptr) const;
  // `smederij play`, plus `arguments`.
  Ended Play(std::vector<std::string> arguments = {},
             const std::function<void(absl::string_view)>& on_line = nullptr) const;

 private:
  struct Service {
    Process process;
    std::string address = "127.0.0.1:0";
    std::string metrics = "127.0.0.1:0";
  };

  void Launch(const std::string& service, const std::vector<std::string>& environment);
  bool BecameReady(const std::string& service);
  Service& Find(const std::string& service);
  const Service& Find(const std::string& service) const;
  std::vector<std::string> Flags(const std::string& service) const;
  std::vector<std::string> OwnFlags(const std::string& service) const;
  void Provision(const std::string& service);

  testing::PgCluster cluster_;
  testing::PgCluster* serving_ = &cluster_;
  std::filesystem::path directory_;
  std::map<std::string, Service> services_;  // By name.
};

}  // namespace smederij::e2e
