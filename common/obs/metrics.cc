#include "common/obs/metrics.h"

#include <arpa/inet.h>
#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/obs/process.h"

namespace smederij::obs {

// Gauges asked for at the scrape, grouped by family as the text format wants them.
class Registry::Samples final : public prometheus::Collectable {
 public:
  void Add(absl::string_view name, absl::string_view help, const Labels& labels,
           std::function<double()> sample) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Family& family = families_[std::string(name)];
    family.help = std::string(help);
    family.members.push_back({labels, std::move(sample)});
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<prometheus::MetricFamily> collected;
    for (const auto& [name, family] : families_) {
      prometheus::MetricFamily& out = collected.emplace_back();
      out.name = name;
      out.help = family.help;
      out.type = prometheus::MetricType::Gauge;
      for (const Member& member : family.members) {
        prometheus::ClientMetric& metric = out.metric.emplace_back();
        for (const auto& [label, value] : member.labels) metric.label.push_back({label, value});
        metric.gauge.value = member.sample();
      }
    }
    return collected;
  }

 private:
  struct Member {
    Labels labels;
    std::function<double()> sample;
  };
  struct Family {
    std::string help;
    std::vector<Member> members;
  };

  mutable std::mutex mutex_;  // prometheus calls Collect from its own threads.
  std::map<std::string, Family> families_;
};

namespace {

// Connects to a port of this machine and leaves again.
void KnockAt(absl::string_view address) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) return;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  close(fd);
}

}  // namespace

const Buckets& LatencyBuckets() {
  static const auto& buckets =
      *new Buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return buckets;
}

const Buckets& SizeBuckets() {
  static const auto& buckets = *new Buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return buckets;
}

Registry::Registry()
    : registry_(std::make_shared<prometheus::Registry>()), samples_(std::make_shared<Samples>()) {}

Counter Registry::AddCounter(absl::string_view name, absl::string_view help, const Labels& labels) {
  return Counter(&prometheus::BuildCounter()
                      .Name(std::string(name))
                      .Help(std::string(help))
                      .Register(*registry_)
                      .Add(labels));
}

Gauge Registry::AddGauge(absl::string_view name, absl::string_view help, const Labels& labels) {
  return Gauge(&prometheus::BuildGauge()
                    .Name(std::string(name))
                    .Help(std::string(help))
                    .Register(*registry_)
                    .Add(labels));
}

Histogram Registry::AddHistogram(absl::string_view name, absl::string_view help,
                                 const Buckets& buckets, const Labels& labels) {
  return Histogram(&prometheus::BuildHistogram()
                        .Name(std::string(name))
                        .Help(std::string(help))
                        .Register(*registry_)
                        .Add(labels, buckets));
}

void Registry::SampleGauge(absl::string_view name, absl::string_view help, const Labels& labels,
                           std::function<double()> sample) {
  samples_->Add(name, help, labels, std::move(sample));
}

void Registry::AddProcess(absl::string_view service) {
  AddGauge("smederij_build_info", "The build that runs; always 1.",
           {{"service", std::string(service)}, {"version", SMEDERIJ_VERSION}})
      .Set(1);
  AddGauge("process_start_time_seconds", "When the process began, in seconds since 1970.")
      .Set(ProcessStartSeconds());
  SampleGauge("process_resident_memory_bytes", "Memory the process holds.", {},
              &ProcessResidentBytes);
  SampleGauge("process_cpu_seconds_total", "CPU time used, user and system.", {},
              &ProcessCpuSeconds);
  SampleGauge("process_open_fds", "Open file descriptors.", {}, &ProcessOpenFiles);
}

std::string Registry::Text() const {
  std::vector<prometheus::MetricFamily> families = registry_->Collect();
  for (prometheus::MetricFamily& family : samples_->Collect()) {
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(absl::string_view listen,
                                                        const Registry& registry) {
  auto started = std::unique_ptr<Exposer>(new Exposer());
  started->registry_ = registry.registry_;
  started->samples_ = registry.samples_;
  try {  // The HTTP server inside tells of a taken port by throwing.
    started->exposer_ = std::make_unique<prometheus::Exposer>(std::string(listen), 1);
    const std::vector<int> ports = started->exposer_->GetListeningPorts();
    const absl::string_view host = listen.substr(0, listen.rfind(':'));
    started->address_ = absl::StrCat(host, ":", ports.empty() ? 0 : ports.front());
  } catch (const std::exception&) {
    return Error(kUnavailable, "METRICS_LISTEN_FAILED", "the metrics port cannot be bound")
        .With("listen", listen);
  }
  started->exposer_->RegisterCollectable(started->registry_);
  started->exposer_->RegisterCollectable(started->samples_);
  return started;
}

// The HTTP server looks for the end of its life only when something happens on its socket, or every
// other second; so something happens.
Exposer::~Exposer() {
  if (exposer_ == nullptr) return;
  std::atomic<bool> ended = false;
  std::thread end([&] {
    exposer_.reset();
    ended = true;
  });
  while (!ended) {
    KnockAt(address_);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  end.join();
}

}  // namespace smederij::obs
