#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/rpc/status.h"

namespace smederij::proposals::fake {

// What may happen to one call between two services.
enum class Fault {
  kLostRequest,  // It never arrives.
  kLostAnswer,   // It takes effect, and nobody hears of it.
  kDuplicate,    // It arrives twice.
};

// What the three neighbours share: one lock, faults planned per method, the log of what took
// effect, and the memory of request ids that every service of ours has. Thread-safe.
class Nature {
 public:
  void Plan(const std::string& method, Fault fault) {
    const absl::MutexLock lock(&mutex);
    faults_[method].push_back(fault);
  }
  // From now on every call of `method` is refused like this; OK lifts it.
  void Refuse(const std::string& method, absl::Status refusal) {
    const absl::MutexLock lock(&mutex);
    refusals_[method] = std::move(refusal);
  }
  // Everything that took effect, in order: "HoldPot general 1000000".
  std::vector<std::string> Effects() const {
    const absl::MutexLock lock(&mutex);
    return effects;
  }
  int Calls(const std::string& method) const {
    const absl::MutexLock lock(&mutex);
    const auto found = calls_.find(method);
    return found == calls_.end() ? 0 : found->second;
  }
  bool Idle() const {
    const absl::MutexLock lock(&mutex);
    for (const auto& [method, planned] : faults_) {
      if (!planned.empty()) return false;
    }
    return true;
  }

  // One call: `effect` (StatusOr<Res>()) runs under the lock, as often as the fault has it.
  template <class Res, class Effect>
  grpc::Status Serve(const std::string& method, Res* response, Effect effect) {
    const absl::MutexLock lock(&mutex);
    ++calls_[method];
    const auto refusal = refusals_.find(method);
    if (refusal != refusals_.end() && !refusal->second.ok()) return Answer(refusal->second);
    std::deque<Fault>& planned = faults_[method];
    if (planned.empty()) return Answer(effect(), response);
    const Fault fault = planned.front();
    planned.pop_front();
    if (fault == Fault::kLostRequest) return Answer(absl::UnavailableError("lost request"));
    (void)effect();
    if (fault == Fault::kLostAnswer) return Answer(absl::UnavailableError("lost answer"));
    return Answer(effect(), response);
  }

  // The first answer again for the same id and request; REQUEST_ID_REUSED for another request.
  template <class Req, class Effect>
  auto Once(const Req& request, Effect effect) -> decltype(effect()) {
    using Res = typename decltype(effect())::value_type;
    const auto [at, is_new] = answered_.try_emplace(request.request_id());
    if (!is_new) {
      if (at->second.first != request.SerializeAsString()) {
        return Error(kAlreadyExists, "REQUEST_ID_REUSED", "the id was used for another request");
      }
      Res response;
      CHECK(response.ParseFromString(at->second.second));
      return response;
    }
    const auto answer = effect();
    if (answer.ok()) {
      at->second = {request.SerializeAsString(), answer->SerializeAsString()};
    } else {
      answered_.erase(at);  // A refusal leaves no trace.
    }
    return answer;
  }

  mutable absl::Mutex mutex;
  std::vector<std::string> effects;

 private:
  static grpc::Status Answer(const absl::Status& status) {
    return rpc::ToGrpc(status, "neighbour");
  }
  template <class Res>
  static grpc::Status Answer(const absl::StatusOr<Res>& answer, Res* response) {
    if (!answer.ok()) return Answer(answer.status());
    *response = *answer;
    return grpc::Status::OK;
  }

  std::map<std::string, std::deque<Fault>> faults_;
  std::map<std::string, absl::Status> refusals_;
  std::map<std::string, int> calls_;
  std::map<std::string, std::pair<std::string, std::string>> answered_;
};

// A generated service on a free port of this machine.
class Served {
 public:
  explicit Served(grpc::Service& service) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
    CHECK(server_ != nullptr);
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~Served() { server_->Shutdown(std::chrono::system_clock::now()); }
  const std::string& address() const { return address_; }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace smederij::proposals::fake
