#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace prometheus {
class Exposer;
}

namespace smederij::obs {

// Handles are resolved once, where a component is built, and then cost an atomic add: looking one
// up takes a lock. They are values, thread-safe, and valid as long as their Registry. A handle that
// was default-constructed counts nothing.
class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  void Add(double n = 1) const {
    if (counter_ != nullptr) counter_->Increment(n);
  }
  double value() const { return counter_ == nullptr ? 0 : counter_->Value(); }

 private:
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  void Set(double value) const {
    if (gauge_ != nullptr) gauge_->Set(value);
  }
  void Add(double n) const {
    if (gauge_ != nullptr) gauge_->Increment(n);
  }
  double value() const { return gauge_ == nullptr ? 0 : gauge_->Value(); }

 private:
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  void Observe(double value) const {
    if (histogram_ != nullptr) histogram_->Observe(value);
  }
  void Observe(absl::Duration taken) const { Observe(absl::ToDoubleSeconds(taken)); }

 private:
  prometheus::Histogram* histogram_ = nullptr;
};

using Labels = std::map<std::string, std::string>;
using Buckets = std::vector<double>;

// Seconds, 0.5 ms … 10 s: what a call or a statement takes.
const Buckets& LatencyBuckets();
// 1, 2, 4 … 1024: how many commands shared a commit.
const Buckets& SizeBuckets();

// The metrics of one process. Names and labels are code, never input; no ids in labels.
// Thread-safe; the same name and labels give the same child, so two components may share one.
class Registry {
 public:
  Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter AddCounter(absl::string_view name, absl::string_view help, const Labels& labels = {});
  Gauge AddGauge(absl::string_view name, absl::string_view help, const Labels& labels = {});
  Histogram AddHistogram(absl::string_view name, absl::string_view help, const Buckets& buckets,
                         const Labels& labels = {});
  // A gauge whose value is asked for at each scrape, from the exposer's thread. What `sample`
  // touches must outlive the Registry or its Exposer, whichever ends first.
  void SampleGauge(absl::string_view name, absl::string_view help, const Labels& labels,
                   std::function<double()> sample);
  // smederij_build_info{service,version} 1, and the process_* metrics every dashboard expects.
  void AddProcess(absl::string_view service);

  // The exposition text, as a scrape would get it.
  std::string Text() const;

 private:
  friend class Exposer;
  class Samples;

  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<Samples> samples_;
};

// Serves GET /metrics until destroyed.
class Exposer {
 public:
  // `listen` is "host:port"; port 0 takes a free one. UNAVAILABLE when it cannot be bound.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(absl::string_view listen,
                                                        const Registry& registry);
  ~Exposer();

  const std::string& address() const { return address_; }  // With the port really taken.

 private:
  Exposer() = default;

  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<Registry::Samples> samples_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::string address_;
};

}  // namespace smederij::obs
