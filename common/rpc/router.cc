#include "common/rpc/router.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/rpc/access.h"
#include "common/rpc/core.h"

namespace smederij::rpc {
namespace internal {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// A unary or grouped call. gRPC's scratch messages are byte buffers: parsing and serialising happen
// on the executor, after admission, and bytes that are no message get a proper refusal.
class UnaryInvocation final : public Invocation, public grpc::ServerUnaryReactor {
 public:
  UnaryInvocation(Core& core, const Row& row, grpc::CallbackServerContext* context,
                  const grpc::ByteBuffer* request, grpc::ByteBuffer* response)
      : Invocation(core, row, context), response_(response) {
    bytes_.Swap(const_cast<grpc::ByteBuffer*>(request));  // Const by gRPC's signature alone.
    Admit();
  }

 private:
  void OnCancel() override { MarkCancelled(); }
  void OnDone() override { Release(); }
  void Send(grpc::Status status, grpc::ByteBuffer bytes) override {
    response_->Swap(&bytes);
    Finish(std::move(status));
  }

  grpc::ByteBuffer* const response_;
};

// A client stream. Reads are started by the handler's thread, one at a time, which waits for each.
class StreamInvocation final : public Invocation, public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  StreamInvocation(Core& core, const Row& row, grpc::CallbackServerContext* context,
                   grpc::ByteBuffer* response)
      : Invocation(core, row, context), context_(context), response_(response) {
    Admit();
  }

 private:
  bool Next() override {
    {
      const absl::MutexLock lock(&mutex_);
      if (ended_) return false;
      reading_ = true;
    }
    StartRead(&incoming_);
    const absl::MutexLock lock(&mutex_);
    const auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !reading_; };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&done), call().deadline)) {
      ended_ = late_ = true;  // The read stays open; gRPC ends it with the call.
      return false;
    }
    if (!ended_) bytes_.Swap(&incoming_);
    return !ended_;
  }

  absl::Status stream_status() override {
    const absl::MutexLock lock(&mutex_);
    if (call().Cancelled()) return absl::CancelledError("the stream broke off");
    if (late_) return absl::DeadlineExceededError("the stream took too long");
    return absl::OkStatus();
  }

  void OnReadDone(bool ok) override {
    // A stream that broke off also ends reading. It is told apart here, since OnCancel may come
    // later than this: half a stream must never look like a whole one.
    if (!ok && context_->IsCancelled()) MarkCancelled();
    const absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (!ok) ended_ = true;
  }
  void OnCancel() override { MarkCancelled(); }
  void OnDone() override { Release(); }
  void Send(grpc::Status status, grpc::ByteBuffer bytes) override {
    response_->Swap(&bytes);
    Finish(std::move(status));
  }

  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer* const response_;
  grpc::ByteBuffer incoming_;  // gRPC's while reading_; the handler's otherwise.
  absl::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool late_ ABSL_GUARDED_BY(mutex_) = false;
};

// The method a row speaks of, or what is wrong.
const MethodDescriptor* Resolve(const Mounted& row, std::string& mistake) {
  std::vector<const MethodDescriptor*> found;
  const auto* file = row.input->file();
  for (int i = 0; row.service.empty() && i < file->service_count(); ++i) {
    const auto* method = file->service(i)->FindMethodByName(std::string(row.name));
    if (method != nullptr) found.push_back(method);
  }
  if (!row.service.empty()) {
    const ServiceDescriptor* service = file->pool()->FindServiceByName(std::string(row.service));
    const auto* method =
        service == nullptr ? nullptr : service->FindMethodByName(std::string(row.name));
    if (method != nullptr) found.push_back(method);
  }
  if (found.size() == 1) return found.front();
  mistake = absl::StrCat(row.name, found.empty() ? ": no service of " : ": two services of ",
                         row.service.empty() ? file->name() : std::string(row.service),
                         found.empty() ? " has it" : " have it");
  return nullptr;
}

std::string MistakeIn(const Mounted& row, const MethodDescriptor& method) {
  const bool streams = row.kind == Kind::kClientStream;
  if (method.server_streaming()) return "server streams are not served";
  if (method.client_streaming() != streams) return "its row is of the wrong kind";
  if (method.input_type() != row.input) return "its handler takes another message";
  if (method.output_type() != row.output) return "its handler gives another message";
  if (row.budget <= absl::ZeroDuration() || row.budget == absl::InfiniteDuration()) {
    return "it has no budget";
  }
  if (!method.options().HasExtension(policy::v1::access)) return "it declares no access";
  const std::string mistake =
      smederij::rpc::MistakeIn(method.options().GetExtension(policy::v1::access));
  return mistake.empty() ? "" : absl::StrCat("its access option ", mistake);
}

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

}  // namespace

// The one place that speaks gRPC's internal dialect: what generated code does, done for a row.
void MountedService::Add(Core& core, const Row& row) {
  using grpc::internal::RpcMethod;
  const bool stream = row.kind == Kind::kClientStream;
  AddMethod(new grpc::internal::RpcServiceMethod(
      row.path.c_str(), stream ? RpcMethod::CLIENT_STREAMING : RpcMethod::NORMAL_RPC, nullptr));
  grpc::internal::MethodHandler* handler = nullptr;
  if (stream) {
    handler =
        new grpc::internal::CallbackClientStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
            [&core, &row](grpc::CallbackServerContext* context, grpc::ByteBuffer* response) {
              return new StreamInvocation(core, row, context, response);
            });
  } else {
    handler = new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
        [&core, &row](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                      grpc::ByteBuffer* response) {
          return new UnaryInvocation(core, row, context, request, response);
        });
  }
  MarkMethodRawCallback(methods_++, handler);
}

}  // namespace internal

Router::Router(const RouterOptions& options, const Authenticator& authenticator,
               obs::Registry& metrics)
    : core_(std::make_unique<internal::Core>(options, authenticator, metrics)) {}

Router::~Router() = default;

void Router::Mount(internal::Mounted mounted) {
  std::string mistake;
  core_->files.insert(mounted.input->file());
  const auto* method = internal::Resolve(mounted, mistake);
  if (method == nullptr) return core_->mistakes.push_back(std::move(mistake));
  core_->files.insert(method->file());
  const std::string path = internal::PathOf(*method);
  mistake = internal::MistakeIn(mounted, *method);
  if (!core_->mounted.insert(path).second) mistake = "it has two rows";
  if (!mistake.empty()) {
    return core_->mistakes.push_back(absl::StrCat(method->full_name(), ": ", mistake));
  }
  const Access& access = method->options().GetExtension(policy::v1::access);
  internal::Row& row = core_->rows.emplace_back();
  row.path = path;
  row.budget = mounted.budget;
  row.kind = mounted.kind;
  row.access = access;
  row.run = std::move(mounted.run);
  const std::string& service = method->service()->full_name();
  row.metrics = std::make_unique<internal::MethodMetrics>(service, method->name(),
                                                          access.anonymous(), core_->metrics);
  std::unique_ptr<internal::MountedService>& entry = core_->services[service];
  if (entry == nullptr) entry = std::make_unique<internal::MountedService>();
  entry->Add(*core_, row);
}

absl::Status Router::Complete() {
  std::vector<std::string> mistakes = core_->mistakes;
  for (const auto* file : core_->files) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        const auto* method = file->service(i)->method(j);
        if (core_->mounted.contains(internal::PathOf(*method))) continue;
        mistakes.push_back(absl::StrCat(method->full_name(), ": it has no row"));
      }
    }
  }
  if (core_->rows.empty() && mistakes.empty()) mistakes.push_back("nothing is mounted");
  if (mistakes.empty()) return absl::OkStatus();
  std::sort(mistakes.begin(), mistakes.end());
  return absl::InternalError(absl::StrJoin(mistakes, "\n"));
}

void Router::FlushAnonymousCounts() {
  for (const internal::Row& row : core_->rows) row.metrics->Flush();
}

int Router::in_flight() const { return core_->in_flight.load(); }

const RouterOptions& Router::options() const { return core_->options; }

std::vector<std::string> Router::services() const {
  std::vector<std::string> names;
  for (const auto& [name, service] : core_->services) names.push_back(name);
  return names;
}

void Router::RegisterWith(grpc::ServerBuilder& builder) {
  for (const auto& [name, service] : core_->services) builder.RegisterService(service.get());
}

}  // namespace smederij::rpc
