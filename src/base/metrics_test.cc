// The page must be readable by Prometheus: families together, labels escaped.
#include "base/metrics.h"

#include <gtest/gtest.h>

namespace tidegate {
namespace {

TEST(Metrics, PrintsFamiliesTogetherWithEscapedLabels) {
  Metrics metrics;
  metrics.counter("b_total", "B.", {{"op", "x"}}).add(2);
  metrics.gauge("a", "A.").set(-3);
  metrics.counter("b_total", "B.", {{"op", "say \"hi\"\\\n"}}).add();
  EXPECT_EQ(metrics.prometheus(),
            "# HELP a A.\n# TYPE a gauge\na -3\n"
            "# HELP b_total B.\n# TYPE b_total counter\n"
            "b_total{op=\"x\"} 2\nb_total{op=\"say \\\"hi\\\"\\\\\\n\"} 1\n");
}

TEST(Metrics, TheSameSeriesIsTheSameCounter) {
  Metrics metrics;
  Counter& first = metrics.counter("n_total", "N.", {{"a", "1"}});
  EXPECT_EQ(&first, &metrics.counter("n_total", "N.", {{"a", "1"}}));
  EXPECT_NE(&first, &metrics.counter("n_total", "N.", {{"a", "2"}}));
}

}  // namespace
}  // namespace tidegate
