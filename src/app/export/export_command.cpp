#include "app/export/export_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/output/json_output.hpp"
#include "app/output/message.hpp"
#include "io/atomic_file.hpp"
#include "io/export/policy_export.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

struct ExportOptions {
  explicit ExportOptions(CLI::App& subcommand)
      : command(subcommand), json(subcommand, "what was written where") {}

  const CLI::App& command;
  JsonOutput json;
  std::string policy;
  std::string onnx, c_header, torch;
};

/// One form of the policy.
struct ExportedFile {
  const char* format;
  std::string path;
  std::string content;
};

std::vector<NamedFile> models_of(const ExportOptions& options) {
  return given_files(options.command, {"--onnx", "--c-header", "--torch"});
}

void check_files(const ExportOptions& options) {
  std::vector<NamedFile> outputs = models_of(options);
  if (outputs.empty()) {
    throw UsageError(
        "export needs one or more of --onnx FILE, --c-header FILE and --torch FILE (see polyak "
        "export --help)");
  }
  for (const NamedFile& file : options.json.files()) outputs.push_back(file);
  check_outputs(outputs, given_files(options.command, {"POLICY"}));
}

std::vector<ExportedFile> convert(const ExportOptions& options, const Policy& policy) {
  std::vector<ExportedFile> files;
  if (!options.onnx.empty()) files.push_back({"onnx", options.onnx, onnx_model(policy)});
  if (!options.c_header.empty()) {
    files.push_back({"c-header", options.c_header, c_header(policy, c_prefix(options.c_header))});
  }
  if (!options.torch.empty()) files.push_back({"torch", options.torch, torch_module(policy)});
  return files;
}

int export_policy(const ExportOptions& options) {
  check_files(options);
  const Policy policy = Policy::load(options.policy);
  nlohmann::ordered_json json = {{"policy", options.policy},
                                 {"environment", policy.environment},
                                 {"observation_size", policy.observation_size()},
                                 {"action_size", policy.action_size()},
                                 {"files", nlohmann::ordered_json::array()}};
  std::ostream& text = options.json.text(models_of(options));
  for (const ExportedFile& file : convert(options, policy)) {
    write_file_atomically(file.path, file.content);
    json["files"].push_back(
        {{"format", file.format}, {"file", file.path}, {"bytes", file.content.size()}});
    text << "wrote " << printable(file.path) << " (" << file.content.size() << " bytes)\n";
  }
  options.json.write(json);
  return exit_success;
}

}  // namespace

void add_export_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "export", "a policy for ONNX Runtime, for PyTorch, or as C code for a microcontroller");
  command->footer(
      "Examples:\n"
      "  polyak export policy.safetensors --onnx policy.onnx\n"
      "  polyak export policy.safetensors --c-header swing_up.h    defines swing_up_act\n"
      "  polyak export policy.safetensors --torch policy.py --onnx policy.onnx\n"
      "Observations and actions are in the environment's own units. Of a recurrent policy, what "
      "it\n"
      "remembers, the last action and the last reward are inputs and outputs.");
  const auto options = std::make_shared<ExportOptions>(*command);
  command->add_option("POLICY", options->policy, "a policy.safetensors file")
      ->required()
      ->option_text(" ");
  command->add_option("--onnx", options->onnx, "write an ONNX model")->option_text("FILE");
  command
      ->add_option("--c-header", options->c_header,
                   wrap_help("write a C99 header that allocates and calls nothing; its functions "
                             "begin with the file's name"))
      ->option_text("FILE");
  command
      ->add_option("--torch", options->torch,
                   "write a Python file with a torch.nn.Module that needs only torch")
      ->option_text("FILE");
  command->callback(
      [options, &selection] { selection.action = [options] { return export_policy(*options); }; });
}

}  // namespace polyak
