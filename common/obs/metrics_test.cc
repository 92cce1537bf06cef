#include "common/obs/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "common/base/error.h"

namespace smederij::obs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Get(const std::string& address, const std::string& path) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  EXPECT_EQ(write(socket_fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(socket_fd, buffer, sizeof(buffer))) > 0;) {
    answer.append(buffer, static_cast<size_t>(n));
  }
  close(socket_fd);
  return answer;
}

TEST(Registry, TheSameNameAndLabelsAreTheSameChild) {
  Registry registry;
  registry.AddCounter("smederij_things_total", "Things.", {{"kind", "a"}}).Add();
  registry.AddCounter("smederij_things_total", "Things.", {{"kind", "a"}}).Add(2);
  registry.AddCounter("smederij_things_total", "Things.", {{"kind", "b"}}).Add();
  EXPECT_THAT(registry.Text(), HasSubstr("smederij_things_total{kind=\"a\"} 3"));
  EXPECT_THAT(registry.Text(), HasSubstr("smederij_things_total{kind=\"b\"} 1"));
}

TEST(Registry, AHandleOfNothingCountsNothing) {
  const Counter counter;
  counter.Add();
  EXPECT_EQ(counter.value(), 0);
  const Histogram histogram;
  histogram.Observe(absl::Seconds(1));
}

TEST(Registry, DurationsAreObservedInSeconds) {
  Registry registry;
  registry.AddHistogram("smederij_wait_seconds", "Waits.", LatencyBuckets())
      .Observe(absl::Milliseconds(2));
  EXPECT_THAT(registry.Text(), HasSubstr("smederij_wait_seconds_bucket{le=\"0.001\"} 0"));
  EXPECT_THAT(registry.Text(), HasSubstr("smederij_wait_seconds_bucket{le=\"0.0025\"} 1"));
}

TEST(Registry, ASampleIsTakenAtEachScrape) {
  Registry registry;
  double depth = 1;
  const auto sample = [&depth] { return depth; };
  registry.SampleGauge("smederij_queue_depth", "Waiting.", {{"queue", "cast"}}, sample);
  EXPECT_THAT(registry.Text(), HasSubstr("smederij_queue_depth{queue=\"cast\"} 1"));
  depth = 7;
  EXPECT_THAT(registry.Text(), HasSubstr("smederij_queue_depth{queue=\"cast\"} 7"));
}

TEST(Exposer, AnswersOnThePortItTook) {
  Registry registry;
  registry.AddProcess("registry");
  const auto exposer = Exposer::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  EXPECT_THAT((*exposer)->address(), Not(HasSubstr(":0")));
  const std::string page = Get((*exposer)->address(), "/metrics");
  EXPECT_THAT(page, HasSubstr("smederij_build_info{service=\"registry\",version=\""));
  EXPECT_THAT(page, HasSubstr("process_resident_memory_bytes"));
  EXPECT_THAT(page, Not(HasSubstr("process_open_fds 0\n")));
  EXPECT_THAT(page, Not(HasSubstr("process_start_time_seconds 0\n")));
}

TEST(Exposer, ATakenPortIsAStatus) {
  Registry registry;
  const auto first = Exposer::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(first.ok());
  const auto second = Exposer::Start((*first)->address(), registry);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(ReasonOf(second.status()), "METRICS_LISTEN_FAILED");
}

}  // namespace
}  // namespace smederij::obs
