#include "app/output/json_output.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/output/message.hpp"
#include "io/atomic_file.hpp"
#include "io/json_text.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

std::vector<std::string> join_json_files(const std::vector<std::string>& words) {
  const std::string option = "--json";
  std::vector<std::string> joined;
  bool may_be_option = true;
  for (auto word = words.begin(); word != words.end(); ++word) {
    may_be_option = may_be_option && *word != "--";
    if (may_be_option && *word == option + "=") {
      throw UsageError("--json=: needs the name of a file, or neither a name nor a '='");
    }
    joined.push_back(*word);
    if (!may_be_option || *word != option) continue;
    const auto next = std::next(word);
    const bool has_file = next != words.end() && (*next == "-" || next->ends_with(".json"));
    joined.back() += "=" + (has_file ? *next : "-");
    if (has_file) word = next;
  }
  return joined;
}

JsonOutput::JsonOutput(CLI::App& command, std::string_view what) {
  const std::string help =
      "JSON: " + std::string(what) +
      "; to FILE, or without one or with - instead of the text to the " +
      "standard output; a FILE that does not end in .json needs a '=': " + "--json=FILE";
  command.add_option("--json", target_, wrap_help(help))->option_text("[FILE]");
}

bool JsonOutput::takes_output() const {
  return target_ == "-" || (is_asked_for() && is_standard_output(target_));
}

std::ostream& JsonOutput::text(std::span<const NamedFile> outputs) const {
  const bool is_taken =
      takes_output() || std::any_of(outputs.begin(), outputs.end(), [](const NamedFile& file) {
        return is_standard_output(file.path);
      });
  return is_taken ? std::cerr : std::cout;
}

std::vector<NamedFile> JsonOutput::files() const {
  if (!is_asked_for() || takes_output()) return {};
  return {{"--json", target_}};
}

void JsonOutput::write(const nlohmann::ordered_json& json, int indentation) const {
  if (!is_asked_for()) return;
  const std::string content = json_text(json, indentation);
  if (takes_output()) {
    std::cout << content;
    return;
  }
  write_file_atomically(target_, content);
  text() << "wrote " << printable(target_) << '\n';
}

}  // namespace polyak
