#include "common/rpc/status.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/ranges.h"
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

// A client takes 8 KiB of trailers unless it says otherwise, the details in base64 among them; what
// is larger reaches nobody, and the client reads RESOURCE_EXHAUSTED instead.
constexpr size_t kDetailsBytesMax = 4096;
constexpr size_t kFactBytesMax = 1000;
static_assert(kRangesBytesMax <= kFactBytesMax, "a list of numbers arrives whole");
constexpr size_t kFactsBytesMax = 2000;  // Of all values together.
constexpr absl::string_view kMore = "…";
constexpr absl::string_view kFieldsNotTold = "fields_not_told";

// Cut at a character.
std::string Short(absl::string_view text, size_t bytes_max = kFactBytesMax) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), kMore);
}

// As many of the fields at fault as fit into `room` bytes; how many did not.
size_t TellFields(const absl::Status& told, size_t room, google::rpc::BadRequest& request) {
  const std::vector<Fact> fields = FieldsOf(told);
  for (size_t i = 0; i < fields.size(); ++i) {
    google::rpc::BadRequest::FieldViolation violation;
    violation.set_field(Short(fields[i].first));
    violation.set_description(Short(fields[i].second));
    const size_t bytes = violation.ByteSizeLong() + 4;  // With its tag and length.
    if (bytes > room) return fields.size() - i;
    room -= bytes;
    *request.add_field_violations() = std::move(violation);
  }
  return 0;
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
  details.set_message(Short(told.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonOf(told));
  info.set_domain(absl::StrCat(service, ".smederij"));
  size_t facts_room = kFactsBytesMax;
  for (const auto& [name, value] : FactsOf(told)) {
    std::string cut = Short(value, std::min(facts_room, kFactBytesMax));
    facts_room -= std::min(facts_room, cut.size());
    (*info.mutable_metadata())[name] = std::move(cut);
  }
  const size_t taken = info.ByteSizeLong() + details.ByteSizeLong();
  google::rpc::BadRequest request;
  const size_t not_told =
      TellFields(told, kDetailsBytesMax - std::min(taken, kDetailsBytesMax), request);
  if (not_told > 0) {
    (*info.mutable_metadata())[std::string(kFieldsNotTold)] = absl::StrCat(not_told);
  }
  Pack(info, details);
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
