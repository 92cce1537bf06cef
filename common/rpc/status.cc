#include "common/rpc/status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace smederij::rpc {
namespace {

// Codes that say "not now" and carry no secret by themselves. Their sentences may: the database
// driver's name hosts and users.
absl::string_view Passing(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return "the client gave the call up";
    case absl::StatusCode::kDeadlineExceeded:
      return "there was not enough time; whether it took place is not known";
    case absl::StatusCode::kUnavailable:
      return "not available now; the same call may be made again";
    case absl::StatusCode::kResourceExhausted:
      return "too much at once; the same call may be made again";
    case absl::StatusCode::kAborted:
      return "others were at the same; the same call may be made again";
    default:
      return "";
  }
}

bool SentenceMayTell(absl::StatusCode code) {
  return code != absl::StatusCode::kCancelled && code != absl::StatusCode::kDeadlineExceeded &&
         code != absl::StatusCode::kUnavailable;
}

void CopyDetails(const absl::Status& from, Error& to) {
  for (const auto& [name, value] : FactsOf(from)) to = std::move(to).With(name, value);
  for (const auto& [field, wrong] : FieldsOf(from)) to = std::move(to).At(field, wrong);
  if (const absl::Duration delay = RetryDelayOf(from); delay > absl::ZeroDuration()) {
    to = std::move(to).RetryAfter(delay);
  }
}

void Pack(const google::protobuf::Message& detail, google::rpc::Status& status) {
  status.add_details()->PackFrom(detail);
}

}  // namespace

absl::Status Told(const absl::Status& status, absl::string_view call_id) {
  if (status.ok()) return status;
  const std::string reason = ReasonOf(status);
  const absl::string_view passing = Passing(status.code());
  const bool ours = status.code() == kInternal || status.code() == absl::StatusCode::kUnknown ||
                    (reason.empty() && passing.empty());
  if (ours) {
    return Error(kInternal, "INTERNAL", absl::StrCat("call ", call_id)).With("call_id", call_id);
  }
  if (!reason.empty() && SentenceMayTell(status.code())) return status;
  Error told(status.code(), reason.empty() ? absl::StatusCodeToString(status.code()) : reason,
             passing);
  CopyDetails(status, told);
  return told;
}

grpc::Status ToGrpc(const absl::Status& told, absl::string_view service) {
  if (told.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(told.code()));
  details.set_message(std::string(told.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonOf(told));
  info.set_domain(absl::StrCat(service, ".smederij"));
  for (const auto& [name, value] : FactsOf(told)) (*info.mutable_metadata())[name] = value;
  Pack(info, details);
  google::rpc::BadRequest request;
  for (const auto& [field, wrong] : FieldsOf(told)) {
    auto* violation = request.add_field_violations();
    violation->set_field(field);
    violation->set_description(wrong);
  }
  if (request.field_violations_size() > 0) Pack(request, details);
  if (const absl::Duration delay = RetryDelayOf(told); delay > absl::ZeroDuration()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(delay - absl::Seconds(absl::ToInt64Seconds(delay)))));
    Pack(retry, details);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(told.code()), details.message(),
                      details.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) {
    return absl::Status(code, status.error_message());
  }
  for (const auto& detail : details.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
  }
  if (info.reason().empty()) return absl::Status(code, status.error_message());
  Error error(code, info.reason(), status.error_message());
  for (const auto& [name, value] : info.metadata()) error = std::move(error).With(name, value);
  for (const auto& detail : details.details()) {
    google::rpc::BadRequest request;
    google::rpc::RetryInfo retry;
    if (detail.Is<google::rpc::BadRequest>() && detail.UnpackTo(&request)) {
      for (const auto& violation : request.field_violations()) {
        error = std::move(error).At(violation.field(), violation.description());
      }
    } else if (detail.Is<google::rpc::RetryInfo>() && detail.UnpackTo(&retry)) {
      error = std::move(error).RetryAfter(absl::Seconds(retry.retry_delay().seconds()) +
                                          absl::Nanoseconds(retry.retry_delay().nanos()));
    }
  }
  return error;
}

}  // namespace smederij::rpc
