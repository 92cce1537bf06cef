#include "common/rpc/invocation.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/rpc/access.h"
#include "common/rpc/core.h"
#include "common/rpc/encoded.h"
#include "common/rpc/status.h"
#include "grpc/grpc_security_constants.h"

namespace smederij::rpc::internal {
namespace {

constexpr absl::Duration kRetryDelay = absl::Milliseconds(250);

// By any of these an anonymous caller could be told from another, or followed.
constexpr const char* kNotWelcome[] = {"authorization", "cookie",  kOnBehalfOf,     "traceparent",
                                       "tracestate",    "baggage", "grpc-trace-bin"};

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

std::vector<absl::string_view> Values(const grpc::CallbackServerContext& context, const char* key) {
  std::vector<absl::string_view> values;
  const auto [begin, end] = context.client_metadata().equal_range(key);
  for (auto entry = begin; entry != end; ++entry) values.push_back(View(entry->second));
  return values;
}

bool HasCertificate(const grpc::AuthContext& peer) {
  return !peer.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME).empty();
}

std::string NewCallId() {
  thread_local absl::BitGen generator;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(generator), absl::kZeroPad16));
}

std::string Describe(const Caller& caller) {
  if (caller.service) return NameOf(*caller.service);
  return caller.person() ? caller.subject.ToString() : std::string("nobody");
}

obs::Level LevelFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
      return obs::Level::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return obs::Level::kWarning;
    default:
      return obs::Level::kInfo;
  }
}

}  // namespace

Invocation::Invocation(Core& core, const Row& row, grpc::CallbackServerContext* context)
    : row_(row), core_(core), context_(context), began_(absl::Now()) {
  call_.access = row.access;
  call_.method = std::string(row.method());
  call_.id = NewCallId();
}

void Invocation::Admit() {
  row_.metrics->Started();
  const bool stream = row_.kind == Kind::kClientStream;
  const bool room = core_.in_flight.fetch_add(1) < core_.options.in_flight_max;
  const bool stream_room = !stream || core_.streams.fetch_add(1) < core_.options.streams_max;
  if (!row_.access.anonymous()) core_.in_flight_gauge.Add(1);
  if (room && stream_room) {
    return (stream ? core_.streams_executor : core_.calls_executor).Submit(this);
  }
  holders_.store(1, std::memory_order_relaxed);  // Run never comes.
  ReadTrace();
  Conclude(Error(kResourceExhausted, room ? "TOO_MANY_STREAMS" : "TOO_MANY_CALLS",
                 "as many calls as this server takes are under way")
               .RetryAfter(kRetryDelay));
}

void Invocation::Run() {
  const absl::Status entered = Enter();
  if (!entered.ok()) {
    Conclude(entered);
  } else {
    try {
      row_.run(*this);
    } catch (const std::exception& stray) {
      Stray(stray.what());
    } catch (...) {
      Stray("no std::exception");
    }
  }
  Release();
}

absl::Status Invocation::Enter() {
  ReadTrace();
  if (row_.access.anonymous()) {
    RETURN_IF_ERROR(RefuseIdentity());
  } else {
    RETURN_IF_ERROR(Authenticate());
    RETURN_IF_ERROR(Authorize(call_.caller, row_.access));
  }
  return ClampDeadline();
}

void Invocation::ReadTrace() {
  if (row_.access.anonymous()) return;
  const std::vector<absl::string_view> parents = Values(*context_, "traceparent");
  std::optional<obs::Trace> parent;
  if (parents.size() == 1) parent = obs::Trace::Parse(parents.front());
  call_.trace = parent ? parent->Child() : obs::Trace::Make();
}

absl::Status Invocation::RefuseIdentity() {
  absl::string_view brought;
  for (const char* key : kNotWelcome) {
    if (context_->client_metadata().count(key) > 0) brought = key;
  }
  if (HasCertificate(*context_->auth_context())) brought = "client certificate";
  if (brought.empty()) return absl::OkStatus();
  return Error(kPermissionDenied, "IDENTITY_NOT_WELCOME",
               "this call is anonymous: come without anything that says who you are")
      .With("brought", brought);
}

absl::Status Invocation::Authenticate() {
  const auto peer = context_->auth_context();
  Evidence evidence{.authorization = Values(*context_, "authorization"),
                    .on_behalf_of = Values(*context_, kOnBehalfOf),
                    .spiffe_id = {}};
  const auto names = peer->FindPropertyValues(GRPC_PEER_SPIFFE_ID_PROPERTY_NAME);
  if (names.size() == 1) evidence.spiffe_id = std::string(View(names.front()));
  ASSIGN_OR_RETURN(call_.caller, core_.authenticator.Identify(evidence));
  return absl::OkStatus();
}

absl::Status Invocation::ClampDeadline() {
  call_.deadline = std::min(absl::FromChrono(context_->deadline()), began_ + row_.budget);
  if (call_.Cancelled()) return absl::CancelledError();
  if (call_.deadline <= absl::Now()) return absl::DeadlineExceededError("it waited in the queue");
  return absl::OkStatus();
}

// A grouped handler that threw may have given its reply away already, and if it has not, the reply
// answers as it is destroyed: concluding here would answer twice.
void Invocation::Stray(absl::string_view what) {
  const absl::Status status = absl::InternalError(absl::StrCat("stray exception: ", what));
  if (row_.kind != Kind::kGrouped) return Conclude(status);
  if (row_.access.anonymous()) return;
  obs::Log(obs::Level::kError, "stray_exception",
           {{"method", row_.method()}, {"call", call_.id}, {"message", status.message()}});
}

void Invocation::Conclude(absl::StatusOr<grpc::ByteBuffer> answer) {
  const absl::Status status = answer.ok() ? absl::OkStatus() : answer.status();
  const absl::Status told = Told(status, call_.id);
  Record(status, told);
  core_.in_flight.fetch_sub(1);
  if (row_.kind == Kind::kClientStream) core_.streams.fetch_sub(1);
  if (!row_.access.anonymous()) core_.in_flight_gauge.Add(-1);
  if (call_.replayed() && told.ok()) context_->AddTrailingMetadata(kReplayed, "true");
  grpc::ByteBuffer bytes;
  if (answer.ok()) bytes.Swap(&*answer);
  Send(ToGrpc(told, core_.options.service), std::move(bytes));
}

void Invocation::Record(const absl::Status& status, const absl::Status& told) {
  const absl::Duration taken = absl::Now() - began_;
  row_.metrics->Handled(told.code(), taken);
  if (row_.access.anonymous()) return;
  std::vector<obs::Field> fields = {
      {"method", row_.method()},          {"code", absl::StatusCodeToString(told.code())},
      {"reason", ReasonOf(told)},         {"ms", absl::ToDoubleMilliseconds(taken)},
      {"caller", Describe(call_.caller)}, {"trace", call_.trace ? call_.trace->IdText() : ""}};
  if (call_.caller.on_behalf_of) {
    fields.emplace_back("on_behalf_of", call_.caller.on_behalf_of->ToString());
  }
  if (call_.replayed()) fields.emplace_back("replayed", true);
  if (call_.Cancelled()) fields.emplace_back("cancelled", true);
  for (const auto& [name, value] : FactsOf(status)) {
    fields.emplace_back(absl::StrCat("fact_", name), value);
  }
  if (!status.ok() && status.message() != told.message()) {  // What the client is not told.
    fields.emplace_back("call", call_.id);
    fields.emplace_back("status", status.ToString(absl::StatusToStringMode::kWithEverything));
  }
  obs::Log(LevelFor(told.code()), "rpc", fields);
}

void Invocation::Release() {
  if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

absl::Status Parse(grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  grpc::ProtoBufferReader reader(&bytes);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return Error(kInvalidArgument, "MALFORMED_REQUEST", "the bytes are not the message they must be");
}

absl::StatusOr<grpc::ByteBuffer> Serialize(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InternalError("the answer is larger than a message can be");
  }
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer Share(std::shared_ptr<const std::string> bytes) {
  auto* const held = new std::shared_ptr<const std::string>(std::move(bytes));
  const std::string& text = **held;
  const grpc::Slice slice(
      const_cast<char*>(text.data()), text.size(),
      [](void* owner) { delete static_cast<std::shared_ptr<const std::string>*>(owner); }, held);
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status ReplyDropped() {
  return absl::InternalError("the reply was dropped without an answer");
}

}  // namespace smederij::rpc::internal
