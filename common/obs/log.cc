#include "common/obs/log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/obs/mask.h"

namespace smederij::obs {
namespace {

class MemorySink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> lines() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return lines_;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.emplace_back(message.payload.data(), message.payload.size());
  }
  void flush_() override {}

  std::vector<std::string> lines_;
};

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("smederij", std::move(sink));
  logger->set_pattern("%v");  // The line is complete already: a pattern would not escape.
  logger->set_level(spdlog::level::trace);
  return logger;
}

std::shared_ptr<spdlog::logger>& Logger() {
  // Never destroyed: threads may still log while the process exits.
  static auto& logger = *new std::shared_ptr<spdlog::logger>(
      MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  return logger;
}

std::atomic<Level> minimum{Level::kInfo};
std::shared_ptr<MemorySink>& Captured() {
  static auto& sink = *new std::shared_ptr<MemorySink>();
  return sink;
}

absl::string_view NameOf(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

void WriteGrpcLine(gpr_log_func_args* line) {
  const Level level = line->severity == GPR_LOG_SEVERITY_ERROR   ? Level::kError
                      : line->severity == GPR_LOG_SEVERITY_DEBUG ? Level::kDebug
                                                                 : Level::kInfo;
  Log(level, "grpc", {{"message", MaskAddresses(line->message)}, {"line", line->line}});
}

}  // namespace

bool ParseLevel(absl::string_view text, Level* level) {
  for (const Level known : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    if (text != NameOf(known)) continue;
    *level = known;
    return true;
  }
  return false;
}

void Log(Level level, absl::string_view event, const std::vector<Field>& fields) {
  if (level < minimum.load(std::memory_order_relaxed)) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = std::string(NameOf(level));
  line["event"] = std::string(event);
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { line[field.name()] = value; }, field.value());
  }
  Logger()->log(spdlog::level::info, "{}",
                line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void Log(Level level, absl::string_view event, std::initializer_list<Field> fields) {
  Log(level, event, std::vector<Field>(fields));
}

std::vector<Field> StatusFields(const absl::Status& status) {
  std::vector<Field> fields{{"code", absl::StatusCodeToString(status.code())}};
  if (const std::string reason = ReasonOf(status); !reason.empty()) {
    fields.emplace_back("reason", reason);
  }
  if (!status.ok()) fields.emplace_back("message", status.message());
  return fields;
}

void SetMinimumLevel(Level level) { minimum.store(level, std::memory_order_relaxed); }

void RouteGrpcLog() { gpr_set_log_function(&WriteGrpcLine); }

LogCapture::LogCapture() {
  CHECK(Captured() == nullptr);
  Captured() = std::make_shared<MemorySink>();
  Logger() = MakeLogger(Captured());
}

LogCapture::~LogCapture() {
  Captured() = nullptr;
  Logger() = MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

std::vector<std::string> LogCapture::lines() const { return Captured()->lines(); }

}  // namespace smederij::obs
