#include "common/service/background.h"

#include <utility>

#include "common/obs/log.h"

namespace smederij::service {

Background::Background(std::string name, absl::Duration interval,
                       std::function<absl::Status()> turn)
    : name_(std::move(name)), interval_(interval), turn_(std::move(turn)) {
  thread_ = std::thread([this] { Run(); });
}

Background::~Background() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Background::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void Background::Run() {
  std::string told;  // A fault that lasts is told once, not once a turn.
  const auto called = [this]()
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&called), interval_);
      if (stopping_) return;
      woken_ = false;
    }
    const absl::Status status = turn_();
    // Without the facts: absl gives them in an order of its own, another one every time.
    const std::string fault =
        status.ok() ? "" : status.ToString(absl::StatusToStringMode::kWithNoExtraData);
    if (!fault.empty() && fault != told) {
      obs::Log(obs::Level::kError, name_, obs::StatusFields(status));
    }
    told = fault;
  }
}

}  // namespace smederij::service
