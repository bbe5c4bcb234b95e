#include "io/run_directory.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/config_text.hpp"
#include "io/json_text.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw UsageError("--output " + path.string() + ": " + why);
}

/// Files that a training writes, and nothing that somebody else may have put beside them.
bool is_run_file(const fs::path& file) {
  const std::string name = file.filename().string();
  const bool policy = name.starts_with("policy") && name.ends_with(".safetensors");
  return policy || name == "config.toml" || name == "metrics.csv" || name == "summary.json";
}

/// The nearest part of the path that exists must be a directory in which we may create things.
void check_writable(const fs::path& path) {
  std::error_code error;
  fs::path existing = fs::absolute(path);
  while (!fs::exists(existing, error) && existing != existing.root_path()) {
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing, error)) refuse(path, existing.string() + " is not a directory");
  if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    refuse(path, "cannot write in " + existing.string() + " (" + std::strerror(errno) + ")");
  }
}

}  // namespace

void RunDirectory::check(const fs::path& path, bool overwrite) {
  check_writable(path);
  std::error_code error;
  if (!overwrite && fs::exists(path, error) && !fs::is_empty(path, error)) {
    refuse(path,
           "is not empty; choose another directory, or --overwrite to replace the training "
           "in it");
  }
}

RunDirectory::RunDirectory(fs::path path, bool overwrite, const Config& config)
    : path_(std::move(path)), agents_(config.agents), table_(config) {
  check(path_, overwrite);
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) refuse(path_, "cannot be created (" + error.message() + ")");
  std::vector<fs::path> old_files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    if (is_run_file(entry.path())) old_files.push_back(entry.path());
  }
  for (const fs::path& file : old_files) fs::remove(file);
  write_file_atomically(path_ / "config.toml", config_to_toml(config));
  metrics_.open(metrics_path());
  metrics_ << table_.header() << std::flush;
  if (!metrics_) throw RunError("cannot write " + metrics_path().string());
}

fs::path RunDirectory::policy_path(int agent) const {
  return path_ / (agents_ == 1 ? std::string("policy.safetensors")
                               : "policy_" + std::to_string(agent) + ".safetensors");
}

void RunDirectory::write_metrics(const Report& report) {
  metrics_ << table_.rows(report);
  metrics_.flush();
  if (!metrics_) {
    throw RunError("cannot write " + metrics_path().string() + ": " + std::strerror(errno));
  }
}

void RunDirectory::write_policy(int agent, const Policy& policy) const {
  policy.save(policy_path(agent));
}

void RunDirectory::write_summary(const nlohmann::ordered_json& summary) const {
  write_file_atomically(summary_path(), json_text(summary));
}

}  // namespace polyak
