#include "common/obs/trace.h"

#include <gtest/gtest.h>

namespace smederij::obs {
namespace {

constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, RoundTripsTheHeader) {
  const auto trace = Trace::Parse(kParent);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->IdText(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(trace->Traceparent(), kParent);
}

TEST(Trace, RefusesWhatIsMalformed) {
  for (const char* bad : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
                          "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more"}) {
    EXPECT_FALSE(Trace::Parse(bad).has_value()) << bad;
  }
}

TEST(Trace, ReadsALaterVersionByWhatItKnows) {
  const auto trace =
      Trace::Parse("42-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-and-more");
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->Traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
}

TEST(Trace, AChildKeepsTheTraceAndTakesItsOwnSpan) {
  const Trace parent = Trace::Make();
  const Trace child = parent.Child();
  EXPECT_EQ(child.id, parent.id);
  EXPECT_NE(child.span, parent.span);
  EXPECT_NE(Trace::Make().id, parent.id);
  EXPECT_TRUE(Trace::Parse(parent.Traceparent()).has_value());
}

}  // namespace
}  // namespace smederij::obs
