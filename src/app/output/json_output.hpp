// --json, which every command has: its results for programs.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/options/named_files.hpp"

namespace CLI {
class App;
}

namespace polyak {

/// The words of a command line with every `--json` as `--json=FILE`. Behind a blank, only '-' and a
/// name that ends in .json are its file: any other word may be a policy, which must never be
/// replaced. Without one it is '-'. UsageError for `--json=` without a name.
std::vector<std::string> join_json_files(const std::vector<std::string>& words);

/// `--json` alone, or with "-": JSON is all that the standard output gets; with a file's name: the
/// file, besides the text. Must live as long as the subcommand.
class JsonOutput {
 public:
  /// Adds the option; `what`: what the JSON has, for --help.
  JsonOutput(CLI::App& command, std::string_view what);

  bool is_asked_for() const { return !target_.empty(); }

  /// Whether JSON is all that the standard output gets.
  bool takes_output() const;

  /// Where text goes that people want to see in any case, because it tells how far the work is. Not
  /// to the standard output if that gets JSON or one of `outputs`.
  std::ostream& text(std::span<const NamedFile> outputs = {}) const;

  /// The file, if there is one, with which check_outputs is asked.
  std::vector<NamedFile> files() const;

  /// Writes it if it is asked for, and says where if that is a file; with an indentation of -1 in
  /// one line. RunError.
  void write(const nlohmann::ordered_json& json, int indentation = 2) const;

 private:
  std::string target_;  // empty: not asked for
};

}  // namespace polyak
