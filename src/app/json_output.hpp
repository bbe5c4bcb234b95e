// --json, which every command has: its results for programs.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "app/named_files.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace polyak {

/// `--json` alone, or with "-": JSON is all that the standard output gets; with a file's name: the
/// file, besides the text. Must live as long as the subcommand.
class JsonOutput {
 public:
  /// Where a command's arguments may follow, the file's name needs a "=": the word behind --json
  /// is then an argument, never a file to be replaced.
  enum class Value { may_follow, only_after_equals };

  /// Adds the option; `what`: what the JSON has, for --help.
  JsonOutput(CLI::App& command, std::string_view what, Value value = Value::may_follow);

  bool is_asked_for() const { return !target_.empty(); }

  /// Whether JSON is all that the standard output gets.
  bool takes_output() const;

  /// Where text goes that people want to see in any case, because it tells how far the work is.
  std::ostream& text() const;

  /// The file, if there is one, with which check_outputs is asked. UsageError if its name is empty.
  std::vector<NamedFile> files() const;

  /// Writes it if it is asked for, and says where if that is a file; with an indentation of -1 in
  /// one line. RunError.
  void write(const nlohmann::ordered_json& json, int indentation = 2) const;

 private:
  const CLI::Option* option_ = nullptr;
  std::string target_;              // empty: not asked for
  std::string without_name_ = "-";  // the target where no name is given
};

}  // namespace polyak
