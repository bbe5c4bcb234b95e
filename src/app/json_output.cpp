#include "app/json_output.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/config_options.hpp"
#include "app/message.hpp"
#include "io/atomic_file.hpp"
#include "io/json_text.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

JsonOutput::JsonOutput(CLI::App& command, std::string_view what, Value value) {
  const std::string help = "JSON: " + std::string(what) + "; to FILE, or without one instead of " +
                           "the text to the standard output";
  if (value == Value::only_after_equals) {
    without_name_ = "true";  // CLI11's value of a flag without one
    option_ = command.add_flag("--json", target_, wrap_help(help))->option_text("[=FILE]");
  } else {
    option_ = command.add_option("--json", target_, wrap_help(help))
                  ->expected(0, 1)
                  ->default_str("-")
                  ->option_text("[FILE]");
  }
}

bool JsonOutput::takes_output() const { return target_ == "-" || target_ == without_name_; }

std::ostream& JsonOutput::text() const { return takes_output() ? std::cerr : std::cout; }

std::vector<NamedFile> JsonOutput::files() const {
  if (option_->count() > 0 && target_.empty()) {
    throw UsageError("--json: needs the name of a file, or none at all");
  }
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
