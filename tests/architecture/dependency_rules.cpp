#include "architecture/dependency_rules.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>
#include <set>

namespace polyak::architecture {
namespace {

const std::string core = "include/polyak/core/";
const std::string environment = "include/polyak/environment/";
const std::string config = "include/polyak/config.hpp";
const std::string metrics = "include/polyak/metrics.hpp";
const std::string population = "include/polyak/population.hpp";
const std::string policy = "include/polyak/policy.hpp";
const std::string trainer = "include/polyak/trainer.hpp";
const std::string configs = "src/config/";
const std::string agent = "src/agent/agent.hpp";
const std::string seam = "src/backend/backend.hpp";
const std::string first_failure = "src/backend/first_failure";  // .hpp and .cpp
const std::string notices = "src/backend/notices";              // .hpp and .cpp
const std::string checks = "src/backend/checks/";
const std::string sharded = "src/backend/sharded/";
const std::string remote = "src/backend/remote/";
const std::string ranks = "src/backend/mpi/ranks.hpp";

/// An interface that only some folders may use.
struct RestrictedInterface {
  std::string name;
  std::vector<std::string> words;  // one of them is in every match, and faster to look for
  std::regex in_code;              // matches a line of code, comments and literals taken out
  std::regex in_includes;          // matches the target of an #include
  std::vector<std::string> allowed;
};

const std::vector<RestrictedInterface>& restricted_interfaces() {
  static const std::vector<RestrictedInterface> interfaces = {
      {"CUDA",
       {"cuda", "cublas", "curand"},
       std::regex(R"(\b(cuda[A-Z]\w*|cublas[A-Z]\w*|curand[A-Z]\w*)\s*\()"),
       std::regex(R"(^(cuda|cublas|curand|cooperative_groups|nv/|device_launch|vector_types))"),
       {"kernels/", "src/backend/cuda/"}},
      {"MPI",
       {"MPI_"},
       std::regex(R"(\bMPI_[A-Z]\w*)"),
       std::regex(R"(^mpi\.h$)"),
       {"src/backend/mpi/"}},
      {"the command line's parser",
       {"CLI::"},
       std::regex(R"(\bCLI::)"),
       std::regex(R"(^CLI/)"),
       {"src/app/"}},
      {"the terminal",
       {"cout", "cerr", "clog", "printf", "puts", "putchar", "perror", "stdout", "stderr"},
       std::regex(R"(\b(std::(cout|cerr|clog)|(printf|puts|putchar|perror)\s*\(|stdout|stderr)\b)"),
       std::regex(R"(^iostream$)"),
       {"src/app/"}},
  };
  return interfaces;
}

/// Whether a line of code uses the interface.
bool uses(const std::string& line, const RestrictedInterface& restricted) {
  const auto is_there = [&](const std::string& word) {
    return line.find(word) != std::string::npos;
  };
  return std::any_of(restricted.words.begin(), restricted.words.end(), is_there) &&
         std::regex_search(line, restricted.in_code);
}

bool starts_with_any(const std::string& path, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return path.starts_with(prefix); });
}

/// What the program's folders may include, and `others` of them.
std::vector<std::string> for_app(const std::vector<std::string>& others) {
  std::vector<std::string> all = {core,    environment, config,     configs,        agent,
                                  metrics, policy,      population, trainer,        seam,
                                  notices, checks,      "src/io/",  "src/trainer/", "src/search/"};
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

/// The folder, of those that the rule is for, that a file is in; nothing if it is in none.
std::optional<std::string> folder_in_rule(const std::string& path, const IncludeRule& rule) {
  const std::string base = rule.folder.substr(0, rule.folder.find('*'));
  if (!path.starts_with(base)) return {};
  if (base == rule.folder) return base;
  const std::size_t end = path.find('/', base.size());
  if (end == std::string::npos) return {};
  return path.substr(0, end + 1);
}

const IncludeRule* rule_for(const std::string& path, const std::vector<IncludeRule>& rules) {
  const IncludeRule* best = nullptr;
  for (const IncludeRule& rule : rules) {
    const bool longer = best == nullptr || rule.folder.size() > best->folder.size();
    if (longer && folder_in_rule(path, rule)) best = &rule;
  }
  return best;
}

/// The included file's path inside the project; nothing for the system's and libraries' headers.
std::optional<std::string> project_path(const std::string& includer, const Include& include,
                                        const std::set<std::string>& known) {
  const std::string beside = (std::filesystem::path(includer).parent_path() / include.target)
                                 .lexically_normal()
                                 .generic_string();
  for (const std::string& candidate : {"include/" + include.target, "src/" + include.target,
                                       "tests/" + include.target, include.target, beside}) {
    if (known.contains(candidate)) return candidate;
  }
  return {};
}

std::string place(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

}  // namespace

const std::vector<IncludeRule>& include_rules() {
  static const std::vector<IncludeRule> rules = {
      {core, {}},
      {environment, {core}},
      {config, {core, environment}},
      {metrics, {core}},
      {population, {core}},
      {policy, {core}},
      {trainer, {config, metrics, policy, population}},

      {"kernels/", {core, environment}},
      // The only door to the emulator, for builds without nvcc.
      {"kernels/portability.cuh",
       {core, environment, "kernels/", "tests/emulator/cuda_emulator.hpp"}},

      {"src/environment/", {core, environment}},
      {configs, {core, environment, config}},
      {"src/agent/", {core, environment, config, configs, agent, policy, population}},
      {"src/io/",
       {core, environment, config, configs, agent, metrics, policy, population, trainer}},
      {seam, {core, environment, config, configs, agent, metrics, policy, population}},
      {first_failure, {core, environment, config, configs, metrics}},
      {notices, {}},
      {checks,
       {core, environment, config, configs, agent, metrics, policy, population, seam,
        first_failure}},
      {"src/backend/cpu/",
       {core, environment, config, configs, agent, metrics, policy, population, seam, first_failure,
        checks, "src/agent/"}},
      {"src/backend/cuda/",
       {core, environment, config, configs, agent, metrics, policy, population, seam, first_failure,
        checks, "src/agent/", "kernels/"}},
      {"src/backend/cuda/runtime_compilation/",
       {core, environment, notices, "kernels/", "src/io/", "src/backend/cuda/device/"}},
      {sharded,
       {core, environment, config, configs, agent, metrics, policy, population, seam, checks,
        "src/agent/"}},
      {remote,
       {core, environment, config, configs, agent, metrics, policy, population, seam, sharded}},
      {"src/backend/mpi/", {core, config, configs, population, seam, sharded, remote}},
      {"src/backend/factory.cpp",
       {core, environment, config, configs, agent, metrics, policy, population, seam, checks,
        sharded, "src/backend/cpu/cpu_backend.hpp", "src/backend/cuda/cuda_backend.hpp"}},
      {"src/trainer/",
       {core, environment, config, configs, agent, metrics, policy, population, trainer, seam,
        checks, "src/agent/", "src/io/"}},
      {"src/search/",
       {core, environment, config, configs, agent, metrics, policy, population, trainer, seam,
        checks, "src/agent/", "src/io/", "src/trainer/"}},
      {"src/app/options/", for_app({})},
      {"src/app/output/", for_app({"src/app/options/"})},
      {"src/app/output/build_description.cpp", for_app({"src/app/output/", ranks})},
      {"src/app/process/", for_app({})},
      {"src/app/drawing/", for_app({"src/app/output/"})},
      // Commands know nothing of each other.
      {"src/app/*/", for_app({"src/app/command.hpp", "src/app/options/", "src/app/output/",
                              "src/app/process/", "src/app/drawing/"})},
      {"src/app/", for_app({})},
      {"src/app/main.cpp", for_app({"src/app/command_line.hpp"})},
      {"src/app/command_line.cpp", for_app({"src/app/", ranks})},
  };
  return rules;
}

std::vector<std::string> include_violations(const std::vector<SourceFile>& files,
                                            const std::vector<IncludeRule>& rules) {
  std::set<std::string> known = {"tests/emulator/cuda_emulator.hpp"};
  for (const SourceFile& file : files) known.insert(file.path);
  std::vector<std::string> violations;
  for (const SourceFile& file : files) {
    const IncludeRule* const rule = rule_for(file.path, rules);
    if (rule == nullptr) {
      violations.push_back(file.path + ": no rule says what this folder may include");
      continue;
    }
    const std::string own = *folder_in_rule(file.path, *rule);
    for (const Include& include : includes_of(file)) {
      const auto target = project_path(file.path, include, known);
      if (!target) {
        // What is quoted is the project's own, and all of that is known.
        if (!include.in_brackets) {
          violations.push_back(place(file, include.line) + "no file \"" + include.target + "\"");
        }
        continue;
      }
      if (!target->starts_with(own) && !starts_with_any(*target, rule->may_include)) {
        violations.push_back(place(file, include.line) + "may not include " + *target);
      }
    }
  }
  return violations;
}

std::vector<std::string> interface_violations(const std::vector<SourceFile>& files) {
  std::vector<std::string> violations;
  for (const SourceFile& file : files) {
    const std::vector<Include> includes = includes_of(file);
    const std::vector<std::string> code = code_lines(file);
    for (const RestrictedInterface& restricted : restricted_interfaces()) {
      if (starts_with_any(file.path, restricted.allowed)) continue;
      const auto report = [&](std::size_t line) {
        violations.push_back(place(file, line) + "may not use " + restricted.name);
      };
      for (const Include& include : includes) {
        if (std::regex_search(include.target, restricted.in_includes)) report(include.line);
      }
      for (std::size_t i = 0; i < code.size(); ++i) {
        if (uses(code[i], restricted)) report(i + 1);
      }
    }
  }
  return violations;
}

std::vector<std::string> kernel_violations(const std::vector<SourceFile>& files) {
  std::vector<std::string> violations;
  for (const SourceFile& file : files) {
    if (!file.path.starts_with("kernels/") || file.path.starts_with("kernels/fused/")) continue;
    const std::vector<std::string> code = code_lines(file);
    for (std::size_t i = 0; i < code.size(); ++i) {
      if (code[i].find("__global__") == std::string::npos) continue;
      std::size_t opening = i;
      while (opening < code.size() && !code[opening].ends_with('{')) ++opening;
      const bool waits = opening + 1 < code.size() &&
                         code[opening + 1].find("wait_for_previous_kernel();") != std::string::npos;
      if (!waits) violations.push_back(place(file, i + 1) + "does not wait first");
    }
  }
  return violations;
}

std::vector<std::string> length_violations(const std::vector<SourceFile>& files,
                                           std::size_t max_lines) {
  std::vector<std::string> violations;
  for (const SourceFile& file : files) {
    if (file.lines.size() > max_lines) {
      violations.push_back(file.path + ": " + std::to_string(file.lines.size()) +
                           " lines; at most " + std::to_string(max_lines));
    }
  }
  return violations;
}

}  // namespace polyak::architecture
