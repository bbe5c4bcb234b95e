#include "model/report.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <map>
#include <ostream>

#include "model/operand_text.hpp"

namespace polyak::model {
namespace {

/// A line of source code, with what it and everything inlined or called there cost.
struct Node {
  Cost cost;
  std::map<std::pair<std::string, int>, Node> parts;
};

/// From the outermost line to the innermost.
SourceStack outermost_first(const SourceStack& stack) { return {stack.rbegin(), stack.rend()}; }

Node tree_of(const Program& program, const Profile& profile, const Costs& costs) {
  Node root;
  for (std::size_t site = 0; site < costs.size(); ++site) {
    SourceStack callers;
    for (const std::uint32_t call : profile.calls(site)) {
      const auto source = static_cast<std::size_t>(program.instructions[call].source);
      const SourceStack lines = outermost_first(program.sources[source]);
      callers.insert(callers.end(), lines.begin(), lines.end());
    }
    for (const Instruction& instruction : program.instructions) {
      const Cost& cost = costs[site][instruction.number];
      if (cost.clocks == 0.0 && cost.issues == 0) continue;
      SourceStack lines = callers;
      const SourceStack own =
          outermost_first(program.sources[static_cast<std::size_t>(instruction.source)]);
      lines.insert(lines.end(), own.begin(), own.end());
      Node* node = &root;
      const auto add = [&] {
        node->cost.clocks += cost.clocks;
        node->cost.issues += cost.issues;
      };
      add();
      for (const SourceLine& line : lines) {
        node = &node->parts[{line.file, line.line}];
        add();
      }
    }
  }
  return root;
}

/// Lines of source files, as far as they can be read.
class SourceText {
 public:
  std::string line(const std::string& file, int number) {
    const auto [found, is_new] = files_.try_emplace(file);
    if (is_new) {
      std::ifstream stream(file);
      for (std::string line; std::getline(stream, line);) found->second.push_back(line);
    }
    const auto index = static_cast<std::size_t>(number - 1);
    if (index >= found->second.size()) return "";
    return std::string(trimmed(found->second[index])).substr(0, 60);
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

class StagePrinter {
 public:
  StagePrinter(std::ostream& out, double warps, double period, double least)
      : out_(out), warps_(warps), period_(period), least_(least) {}

  void print(const Node& node, int depth, int indentation) {
    if (depth == 0) return;
    std::vector<std::pair<std::string, const Node*>> parts;
    for (const auto& [line, part] : node.parts) {
      parts.push_back({label(line.first, line.second), &part});
    }
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
      return a.second->cost.clocks > b.second->cost.clocks;
    });
    // A line in which nearly everything happens says nothing.
    constexpr double nearly_all = 0.98;
    if (!parts.empty() && parts[0].second->cost.clocks > nearly_all * node.cost.clocks) {
      return print(*parts[0].second, depth, indentation);
    }
    for (const auto& [name, part] : parts) {
      const double clocks = part->cost.clocks / warps_;
      if (clocks < least_ * period_) continue;
      out_ << std::setw(9) << clocks << std::setw(8) << 100.0 * clocks / period_ << "%"
           << std::setw(11) << static_cast<double>(part->cost.issues) / warps_ << "  "
           << std::string(static_cast<std::size_t>(2 * indentation), ' ') << name << "\n";
      print(*part, depth - 1, indentation + 1);
    }
  }

 private:
  std::string label(const std::string& file, int line) {
    return std::filesystem::path(file).filename().string() + ":" + std::to_string(line) + "  " +
           text_.line(file, line);
  }

  std::ostream& out_;
  const double warps_, period_, least_;
  SourceText text_;
};

}  // namespace

void print_stages(std::ostream& out, const Program& program, const Profile& profile,
                  const Profile::Period& period, int depth, double least) {
  out << "   clocks   share   issued a warp\n" << std::fixed << std::setprecision(0);
  StagePrinter printer(out, profile.warps(), period.clocks, least);
  printer.print(tree_of(program, profile, period.costs), depth, 0);
  out.unsetf(std::ios::floatfield);
}

void print_instructions(std::ostream& out, const Program& program, const Profile::Period& period,
                        int multiprocessors) {
  constexpr std::size_t most = 16;
  constexpr int partitions = 4;
  std::map<std::string, std::uint64_t> issues;
  std::uint64_t all = 0;
  for (const auto& costs : period.costs) {
    for (const Instruction& instruction : program.instructions) {
      issues[instruction.operation] += costs[instruction.number].issues;
      all += costs[instruction.number].issues;
    }
  }
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [name, count] : issues) order.emplace_back(count, name);
  std::sort(order.rbegin(), order.rend());
  const double count = static_cast<double>(all);
  out << all << " warp instructions, " << std::setprecision(3)
      << count / (period.clocks * multiprocessors * partitions) << " a clock of a scheduler:\n ";
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    out << " " << order[i].second << " " << std::fixed << std::setprecision(1)
        << 100.0 * static_cast<double>(order[i].first) / count << "%";
    out.unsetf(std::ios::floatfield);
  }
  out << "\n";
}

}  // namespace polyak::model
