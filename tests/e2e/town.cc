#include "tests/e2e/town.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"
#include "common/testing/last_will.h"

namespace smederij::e2e {
namespace {

constexpr auto kReadyMax = std::chrono::seconds(30);

std::string Binary(const std::string& name) {
  const char* const bin = getenv("SMEDERIJ_BIN");
  CHECK(bin != nullptr);  // Set by ctest.
  return absl::StrCat(bin, "/", name);
}

std::string Source(const std::string& path) {
  const char* const source = getenv("SMEDERIJ_SOURCE");
  CHECK(source != nullptr);  // Set by ctest.
  return absl::StrCat(source, "/", path);
}

void MustRun(const std::vector<std::string>& arguments) {
  const Ended ended = Run(arguments);
  if (ended.code != 0) fprintf(stderr, "%s: %s\n", arguments[0].c_str(), ended.err.c_str());
  CHECK(ended.code == 0);
}

// "ballots-2" is a process of ballots.
std::string KindOf(const std::string& service) { return service.substr(0, service.find('-')); }

// The ready line of a log, or nothing yet.
std::optional<nlohmann::json> ReadyLine(const std::string& log) {
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    if (!absl::StrContains(line, "\"event\":\"ready\"")) continue;
    return nlohmann::json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  }
  return std::nullopt;
}

}  // namespace

Town::Town() {
  std::string directory =
      (std::filesystem::temp_directory_path() / "smederij-town-XXXXXX").string();
  CHECK(mkdtemp(directory.data()) != nullptr);
  directory_ = directory;
  testing::RemoveAfterwards(directory);
  for (const char* service : kServices) services_[service];
  services_[kSecondBallots];
  MustRun({Source("deploy/development/make-keys"), directory_ / "keys"});
  std::ofstream(key("token.jwks"))
      << Run({Binary("smederij-registry"), "jwks", absl::StrCat("--token_key=", key("token.key"))})
             .out;
  for (const char* service : kServices) Provision(service);
  std::vector<std::string> bootstrap = {Binary("smederij-registry"), "bootstrap",
                                        "--municipality=Testdorp",
                                        "--subject=official:administrator"};
  for (std::string& flag : Flags("registry")) bootstrap.push_back(std::move(flag));
  MustRun(bootstrap);
  for (const char* service : kServices) Start(service);
}

Town::~Town() {
  for (auto& [name, service] : services_) {
    if (service.process.running()) Stop(name);
  }
  std::filesystem::remove_all(directory_);
}

void Town::Provision(const std::string& service) {
  MustRun({"psql", "--no-psqlrc", "--quiet", "--dbname", cluster_.Conninfo("postgres", "postgres"),
           absl::StrCat("--set=service=", service),
           absl::StrCat("--file=", Source("deploy/postgresql/provision.sql"))});
  const Ended migrated = RunService(service, "migrate");
  if (migrated.code != 0) fprintf(stderr, "%s: %s\n", service.c_str(), migrated.err.c_str());
  CHECK(migrated.code == 0);
}

Ended Town::RunService(const std::string& service, const std::string& command) const {
  std::vector<std::string> arguments = {Binary(absl::StrCat("smederij-", service)), command};
  for (std::string& flag : Flags(service)) arguments.push_back(std::move(flag));
  return Run(arguments);
}

std::vector<std::string> Town::OwnFlags(const std::string& service) const {
  const auto to = [&](const char* peer) {
    return absl::StrCat("--", peer, "_address=", address(peer));
  };
  const auto guards = directory_ / (service == kSecondBallots ? "guard-2" : "guard");
  std::filesystem::create_directories(guards);
  const std::string guard = absl::StrCat("--guard_dir=", guards.string());
  if (service == "registry") {
    return {guard,
            absl::StrCat("--token_key=", key("token.key")),
            absl::StrCat("--identity_jwks=", key("identity.jwks")),
            "--identity_issuer=development",
            absl::StrCat("--pepper=", key("pepper.secret")),
            absl::StrCat("--pairwise_secret=", key("pairwise.secret")),
            absl::StrCat("--key_encryption_key=", key("key-encryption.secret")),
            absl::StrCat("--particulars_key=", key("particulars.secret"))};
  }
  if (KindOf(service) == "ballots") {
    std::vector<std::string> flags = {guard, to("registry"),
                                      absl::StrCat("--checkpoint_key=", key("checkpoint.secret")),
                                      absl::StrCat("--receipt_key=", key("receipt.secret"))};
    // It starts beside a database that is not empty.
    if (service == kSecondBallots) flags.push_back("--guard_adopt=ballots");
    return flags;
  }
  if (service == "proposals") {
    return {to("registry"), to("ballots"), to("ledger"), "--reconcile_interval=50ms"};
  }
  return {guard, absl::StrCat("--payee_key=", key("payee.secret")),
          absl::StrCat("--checkpoint_key=", key("ledger-checkpoint.secret")),
          "--checkpoint_seconds=1"};
}

std::vector<std::string> Town::Flags(const std::string& service) const {
  const Service& entry = Find(service);
  const std::string kind = KindOf(service);
  std::vector<std::string> flags = {
      absl::StrCat("--database=", serving_->Conninfo(absl::StrCat(kind, "_app"), kind)),
      absl::StrCat("--owner_database=", serving_->Conninfo(absl::StrCat(kind, "_owner"), kind)),
      absl::StrCat("--listen=", entry.address),
      absl::StrCat("--metrics_listen=", entry.metrics),
      absl::StrCat("--tls_certificate=", key(absl::StrCat(kind, ".pem"))),
      absl::StrCat("--tls_key=", key(absl::StrCat(kind, ".key"))),
      absl::StrCat("--tls_ca=", key("ca.pem")),
      absl::StrCat("--jwks=", key("token.jwks")),
      "--token_issuer=smederij-registry"};
  for (std::string& flag : OwnFlags(service)) flags.push_back(std::move(flag));
  return flags;
}

Town::Service& Town::Find(const std::string& service) {
  return const_cast<Service&>(static_cast<const Town&>(*this).Find(service));
}

const Town::Service& Town::Find(const std::string& service) const {
  const auto at = services_.find(service);
  CHECK(at != services_.end());
  return at->second;
}

bool Town::BecameReady(const std::string& service) {
  Service& entry = Find(service);
  const auto until = std::chrono::steady_clock::now() + kReadyMax;
  while (true) {
    if (const auto ready = ReadyLine(log(service))) {
      entry.address = ready->at("grpc");
      entry.metrics = ready->at("metrics");
      return true;
    }
    if (!entry.process.running() || std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // Between looks at the log.
  }
}

void Town::Launch(const std::string& service, const std::vector<std::string>& environment) {
  std::vector<std::string> arguments = {"/usr/bin/env"};
  arguments.insert(arguments.end(), environment.begin(), environment.end());
  arguments.push_back(Binary(absl::StrCat("smederij-", KindOf(service))));
  arguments.push_back("serve");
  for (std::string& flag : Flags(service)) arguments.push_back(std::move(flag));
  Find(service).process = Process(arguments, directory_ / absl::StrCat(service, ".log"));
}

void Town::Start(const std::string& service, const std::vector<std::string>& environment) {
  Launch(service, environment);
  const bool ready = BecameReady(service);
  if (!ready) fprintf(stderr, "%s: %s\n", service.c_str(), log(service).c_str());
  CHECK(ready);
}

std::string Town::TryStartOn(testing::PgCluster& cluster, const std::string& service,
                             const std::vector<std::string>& environment) {
  serving_ = &cluster;
  Launch(service, environment);
  serving_ = &cluster_;
  if (!BecameReady(service)) return log(service);
  Stop(service);
  return "";
}

bool Town::Runs(const std::string& service) { return Find(service).process.running(); }

void Town::Kill(const std::string& service) {
  Process& process = Find(service).process;
  process.Signal(SIGKILL);
  process.Wait();
}

int Town::Stop(const std::string& service) {
  Process& process = Find(service).process;
  process.Signal(SIGTERM);
  return process.Wait();
}

const std::string& Town::address(const std::string& service) const { return Find(service).address; }

std::string Town::Metrics(const std::string& service) const {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(Find(service).metrics, absl::MaxSplits(':', 1));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  CHECK(inet_pton(AF_INET, parts.first.c_str(), &address.sin_addr) == 1);
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(parts.second)));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  constexpr absl::string_view kGet = "GET /metrics HTTP/1.0\r\n\r\n";
  CHECK(write(fd, kGet.data(), kGet.size()) == static_cast<ssize_t>(kGet.size()));
  std::string answer;
  std::array<char, 4096> buffer;
  for (ssize_t got; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
    answer.append(buffer.data(), static_cast<size_t>(got));
  }
  close(fd);
  CHECK(absl::StartsWith(answer, "HTTP/1."));
  return answer;
}

std::string Town::log(const std::string& service) const {
  return ReadFile(directory_ / absl::StrCat(service, ".log"));
}

Ended Town::Smederij(std::vector<std::string> arguments,
                     const std::function<void(absl::string_view)>& on_line) const {
  arguments.insert(arguments.begin(), Binary("smederij"));
  for (const char* service : kServices) {
    arguments.push_back(absl::StrCat("--", service, "=", address(service)));
  }
  arguments.push_back(absl::StrCat("--authority=", key("ca.pem")));
  arguments.push_back("--patience=60");
  return Run(arguments, on_line);
}

Ended Town::Play(std::vector<std::string> arguments,
                 const std::function<void(absl::string_view)>& on_line) const {
  arguments.insert(arguments.begin(), "play");
  arguments.push_back(absl::StrCat("--identity-key=", key("identity.key")));
  arguments.push_back("--identity-issuer=development");
  arguments.push_back(absl::StrCat("--voters-secret=", key("voters.secret")));
  return Smederij(std::move(arguments), on_line);
}

}  // namespace smederij::e2e
