#include "model/report.hpp"

#include <algorithm>
#include <iomanip>
#include <map>
#include <numeric>
#include <ostream>
#include <sstream>

namespace polyak::model {
namespace {

constexpr int schedulers = 4;  // of a multiprocessor

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::string percentage(double part, double whole) { return fixed(100.0 * part / whole, 1) + "%"; }

}  // namespace

void print_stages(std::ostream& out, const Profile& profile, const Period& period, double least) {
  const double warps = profile.warps(), clocks = period.end - period.begin;
  const auto& costs = period.costs.stages;
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto all = [&](std::size_t stage) { return costs[stage].working + costs[stage].waiting; };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return all(a) > all(b); });
  out << std::setw(9) << "clocks" << std::setw(8) << "share" << std::setw(12) << "at barriers"
      << std::setw(8) << "issued"
      << "  by a warp in the mean, in\n";
  for (const std::size_t stage : order) {
    if (all(stage) < least * clocks * warps) continue;
    out << std::setw(9) << fixed(all(stage) / warps, 0) << std::setw(8)
        << percentage(all(stage) / warps, clocks) << std::setw(12)
        << fixed(costs[stage].waiting / warps, 0) << std::setw(8)
        << fixed(static_cast<double>(costs[stage].issues) / warps, 0) << "  "
        << profile.stages().names[stage] << "\n";
  }
}

void print_phases(std::ostream& out, const Stages& stages, const Period& period) {
  out << std::setw(9) << "clocks" << std::setw(9) << "until" << std::setw(9) << "issuing"
      << std::setw(8) << "memory"
      << "  most of it in, to a barrier in\n";
  double begin = period.begin;
  for (const Phase& phase : period.phases) {
    const double clocks = phase.end - begin;
    const auto most = std::max_element(phase.working.begin(), phase.working.end());
    out << std::setw(9) << fixed(clocks, 0) << std::setw(9) << fixed(phase.end - period.begin, 0)
        << std::setw(9) << percentage(static_cast<double>(phase.issues), schedulers * clocks)
        << std::setw(8) << percentage(phase.memory_clocks, clocks) << "  "
        << stages.names[static_cast<std::size_t>(most - phase.working.begin())] << " | "
        << stages.names[stages.of_instruction[phase.barrier]] << "\n";
    begin = phase.end;
  }
}

void print_instructions(std::ostream& out, const Program& program, const Period& period,
                        int multiprocessors) {
  constexpr std::size_t most = 16;
  std::map<std::string, std::uint64_t> issues;
  for (const Instruction& instruction : program.instructions) {
    issues[instruction.operation] += period.costs.issues[instruction.number];
  }
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [name, count] : issues) order.emplace_back(count, name);
  std::sort(order.rbegin(), order.rend());
  const auto all =
      std::accumulate(period.costs.issues.begin(), period.costs.issues.end(), std::uint64_t{0});
  const auto touched =
      period.costs.issues.size() - static_cast<std::size_t>(std::count(
                                       period.costs.issues.begin(), period.costs.issues.end(), 0u));
  const double clocks = period.end - period.begin;
  out << touched * instruction_bytes / 1024 << " KiB of code, " << all << " warp instructions, "
      << fixed(static_cast<double>(all) / (clocks * multiprocessors * schedulers), 3)
      << " a clock of a scheduler:";
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    out << (i % 8 == 0 ? "\n  " : ", ") << order[i].second << " "
        << percentage(static_cast<double>(order[i].first), static_cast<double>(all));
  }
  out << "\n";
}

}  // namespace polyak::model
