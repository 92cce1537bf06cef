#include "common/rpc/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>
#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/rpc/startup_memory.h"
#include "grpc/health/v1/health.pb.h"

namespace smederij::rpc {
namespace {

// A token of kTokenBytesMax and the rest: an oversized token is then refused by us, with a reason.
constexpr int kMetadataBytesMax = 2 * static_cast<int>(kTokenBytesMax);
// Reflection is gRPC's own and synchronous: a thread for each stream, so there are only so many.
constexpr int kReflectionThreadsMax = 8;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void Configure(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(options.message_bytes_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  // Otherwise a second process gets half of the first one's connections instead of an error.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A client that vanished is noticed, and one that asks whether we are there is not sent away.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
  grpc::ResourceQuota quota("server");
  quota.SetMaxThreads(kReflectionThreadsMax);
  builder.SetResourceQuota(quota);
}

}  // namespace

// Keeps the standard health service in step with the probe.
class Server::Health {
 public:
  Health(const ServerOptions& options, std::vector<std::string> services,
         grpc::HealthCheckServiceInterface* service)
      : probe_(options.probe), every_(options.probe_every), service_(service) {
    serving_ = Healthy();
    service_->SetServingStatus("", serving_);
    for (const std::string& name : services) service_->SetServingStatus(name, serving_);
    if (probe_) thread_ = std::thread(&Health::Watch, this);
  }

  ~Health() { Stop(); }

  void Stop() {
    {
      const absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    service_->Shutdown();  // NOT_SERVING from here on, whatever the watcher still finds.
    if (thread_.joinable()) thread_.join();
  }

 private:
  bool Healthy() {
    if (!probe_) return true;
    const absl::Status status = probe_();
    // Also when it is another reason: what lasts may begin while something else is wrong.
    const std::string before = std::exchange(reason_, ReasonOf(status));
    if (status.ok() != serving_ || reason_ != before) {
      obs::Log(status.ok() ? obs::Level::kInfo : obs::Level::kWarning,
               status.ok() ? "serving" : "not_serving", obs::StatusFields(status));
    }
    return status.ok();
  }

  void Watch() {
    while (true) {
      {
        const absl::MutexLock lock(&mutex_);
        if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), every_)) return;
      }
      const bool healthy = Healthy();
      if (healthy != serving_) service_->SetServingStatus(healthy);
      serving_ = healthy;
    }
  }

  const std::function<absl::Status()> probe_;
  const absl::Duration every_;
  grpc::HealthCheckServiceInterface* const service_;
  bool serving_ = true;  // The constructor's, then the watcher's.
  std::string reason_;   // The same; why not.
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      Router& router) {
  RETURN_IF_ERROR(router.Complete());
  ASSIGN_OR_RETURN(const auto credentials, ServerTls(options.tls));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // gRPC answers health from its own code: this keeps the descriptor in the binary, without which
  // a client cannot list the methods by reflection.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::ServerBuilder builder;
  Configure(builder, options);
  int port = 0;
  builder.AddListeningPort(options.listen, credentials, &port);
  router.RegisterWith(builder);
  auto server = std::unique_ptr<Server>(new Server());
  server->drain_ = options.drain;
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return Error(kUnavailable, "LISTEN_FAILED",
                 "the address cannot be listened on: it is taken or not of this machine")
        .With("listen", options.listen);
  }
  const absl::string_view listen = options.listen;
  server->address_ = absl::StartsWith(listen, "unix:")
                         ? options.listen
                         : absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port);
  server->health_ = std::make_unique<Health>(options, router.services(),
                                             server->server_->GetHealthCheckService());
  return server;
}

Server::~Server() { Drain(); }

void Server::Drain() {
  absl::call_once(drained_, [this] {
    if (health_ == nullptr) return;  // It never started.
    health_->Stop();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + drain_));
    server_->Wait();
  });
}

void PrepareProcess() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  grpc_init();  // For the life of the process.
  obs::RouteGrpcLog();
}

absl::Status Serve(const ServerOptions& options, Router& router,
                   const std::vector<std::pair<std::string, std::string>>& facts) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Server> server, Server::Start(options, router));
  std::vector<obs::Field> fields = {{"service", router.options().service},
                                    {"grpc", server->address()}};
  for (const auto& [name, value] : facts) fields.emplace_back(name, value);
  obs::Log(obs::Level::kInfo, "ready", fields);
  ForgetStartupText();
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  obs::Log(obs::Level::kInfo, "stopping", {{"signal", signal == SIGTERM ? "TERM" : "INT"}});
  server->Drain();
  obs::Log(obs::Level::kInfo, "stopped");
  return absl::OkStatus();
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  std::vector<obs::Field> fields = obs::StatusFields(status);
  for (const auto& [name, value] : FactsOf(status)) fields.emplace_back(name, value);
  obs::Log(obs::Level::kError, "failed", fields);
  const bool configuration =
      status.code() == kInvalidArgument || status.code() == kFailedPrecondition;
  return configuration ? 2 : 1;
}

}  // namespace smederij::rpc
