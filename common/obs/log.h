#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace smederij::obs {

// The process's log: one JSON object per line on stderr, `time`, `level`, `event` and then the
// fields in the order given. Never personal data: no names, addresses, external keys, tokens, and
// nothing at all for anonymous methods. All functions are thread-safe; a line is never torn.

enum class Level { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error"; false for anything else, `level` unchanged.
bool ParseLevel(absl::string_view text, Level* level);

class Field {
 public:
  using Value = std::variant<std::string, int64_t, uint64_t, double, bool>;

  Field(absl::string_view name, absl::string_view value)
      : name_(name), value_(std::string(value)) {}
  Field(absl::string_view name, const std::string& value) : name_(name), value_(value) {}
  Field(absl::string_view name, const char* value) : name_(name), value_(std::string(value)) {}
  Field(absl::string_view name, bool value) : name_(name), value_(value) {}
  Field(absl::string_view name, double value) : name_(name), value_(value) {}
  template <std::signed_integral T>
  Field(absl::string_view name, T value) : name_(name), value_(int64_t{value}) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Field(absl::string_view name, T value)
      : name_(name), value_(uint64_t{value}) {}

  const std::string& name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  std::string name_;
  Value value_;
};

// Writes one line if `level` is at least the minimum. Field values that are not UTF-8 are repaired,
// never dropped.
void Log(Level level, absl::string_view event, const std::vector<Field>& fields);
void Log(Level level, absl::string_view event, std::initializer_list<Field> fields = {});

// What a status is made of, to append to a line: code, reason, message.
std::vector<Field> StatusFields(const absl::Status& status);

// Lines below `level` are not written. Default: kInfo.
void SetMinimumLevel(Level level);

// Sends gRPC's own log through Log as event "grpc", with peer addresses masked. Call after
// grpc_init(), once.
void RouteGrpcLog();

// For tests: the lines written during its life go to it instead of stderr. Not nested.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::vector<std::string> lines() const;
};

}  // namespace smederij::obs
