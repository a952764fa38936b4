#include "base/metrics.h"

#include <fmt/format.h>

#include <map>

namespace tidegate {
namespace {

std::string label_text(const Labels& labels) {
  if (labels.empty()) return "";
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    out += name + "=\"";
    for (char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    out += '"';
  }
  return out + "}";
}

}  // namespace

Counter& Metrics::counter(std::string name, std::string help, Labels labels) {
  std::lock_guard lock(mutex_);
  for (auto& s : counters_)
    if (s.name == name && s.labels == labels) return s.value;
  auto& s = counters_.emplace_back();
  s.name = std::move(name);
  s.help = std::move(help);
  s.labels = std::move(labels);
  return s.value;
}

Gauge& Metrics::gauge(std::string name, std::string help, Labels labels) {
  std::lock_guard lock(mutex_);
  for (auto& s : gauges_)
    if (s.name == name && s.labels == labels) return s.value;
  auto& s = gauges_.emplace_back();
  s.name = std::move(name);
  s.help = std::move(help);
  s.labels = std::move(labels);
  return s.value;
}

std::string Metrics::prometheus() const {
  std::lock_guard lock(mutex_);
  struct Family {
    std::string help, type, lines;
  };
  std::map<std::string, Family> families;  // a family's lines must stand together
  auto add = [&](const auto& series, const char* type, auto value) {
    auto& f = families[series.name];
    f.help = series.help;
    f.type = type;
    f.lines += fmt::format("{}{} {}\n", series.name, label_text(series.labels), value);
  };
  for (const auto& s : counters_) add(s, "counter", s.value.value());
  for (const auto& s : gauges_) add(s, "gauge", s.value.value());
  std::string out;
  for (const auto& [name, f] : families)
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n{}", name, f.help, name, f.type, f.lines);
  return out;
}

}  // namespace tidegate
