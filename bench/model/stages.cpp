#include "model/stages.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>

namespace polyak::model {
namespace {

constexpr std::string_view building_blocks[] = {"warp_product.cuh", "block_product.cuh",
                                                "weight_tiles.cuh", "shape.cuh",
                                                "plan.hpp",         "agent_barrier.cuh"};

bool is_stage(const SourceLine& line) {
  const std::filesystem::path path(line.file);
  const std::string name = path.filename().string();
  const auto folder = path.parent_path().filename();
  return (folder == "fused" || folder == "clustered") &&
         std::find(std::begin(building_blocks), std::end(building_blocks), name) ==
             std::end(building_blocks);
}

/// The names of functions by line, from their definitions as this project writes them.
class FunctionNames {
 public:
  std::string name_of(const SourceLine& line) {
    const auto [found, is_new] = files_.try_emplace(line.file);
    if (is_new) read(line.file, found->second);
    auto definition = found->second.upper_bound(line.line);
    const std::string file = std::filesystem::path(line.file).filename().string();
    if (definition == found->second.begin()) return file;
    return std::prev(definition)->second + " (" + file + ")";
  }

 private:
  static void read(const std::string& file, std::map<int, std::string>& definitions) {
    static const std::regex function(R"((?:__device__|POLYAK_HOST_DEVICE).*?\b(\w+)(\(\))?\()"),
        type(R"(^\s*struct (\w+) )");
    std::ifstream stream(file);
    std::string structure;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      std::smatch match;
      if (std::regex_search(line, match, type)) structure = match[1];
      if (!std::regex_search(line, match, function)) continue;
      definitions[number] = match[1] == "operator" ? structure : match[1].str();
    }
  }

  std::map<std::string, std::map<int, std::string>> files_;
};

}  // namespace

Stages find_stages(const Program& program) {
  FunctionNames functions;
  Stages stages;
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> of_source;
  for (const SourceStack& stack : program.sources) {
    const auto line = std::find_if(stack.begin(), stack.end(), is_stage);
    const std::string name = stack.empty()         ? "unknown source"
                             : line == stack.end() ? functions.name_of(stack.back())
                                                   : functions.name_of(*line);
    const auto [number, is_new] = numbers.try_emplace(name, stages.names.size());
    if (is_new) stages.names.push_back(name);
    of_source.push_back(number->second);
  }
  for (const Instruction& instruction : program.instructions) {
    stages.of_instruction.push_back(of_source[static_cast<std::size_t>(instruction.source)]);
  }
  return stages;
}

}  // namespace polyak::model
