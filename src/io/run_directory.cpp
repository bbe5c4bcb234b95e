#include "io/run_directory.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/checkpoint_files.hpp"
#include "io/config_file.hpp"
#include "io/config_text.hpp"
#include "io/file_descriptor.hpp"
#include "io/json_text.hpp"
#include "io/policy_format.hpp"
#include "io/read_file.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

/// What may be in a directory that counts as empty.
bool has_files(const fs::path& directory) {
  const std::vector<std::string> names = names_in_directory(directory);
  return !std::all_of(names.begin(), names.end(), StagedFiles::is_transient_name);
}

/// Whether the training in it has logged events before.
bool has_event_files(const fs::path& directory) {
  const std::vector<std::string> names = names_in_directory(directory);
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return time_of_event_file(name).has_value(); });
}

void refuse_full(const fs::path& path, bool overwrite, bool holds_training) {
  if (holds_training && overwrite) return;
  refuse_directory(output_option, path,
                   holds_training
                       ? "is not empty; choose another directory, or --overwrite to replace the "
                         "training in it"
                       : "is not empty, and what is in it is no training of polyak with its "
                         "config.toml and metrics.csv; choose another directory");
}

/// A link would be replaced, not what it leads to; a directory could not be replaced.
void refuse_irregular_files(std::string_view option, const fs::path& directory,
                            const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(directory / name, error))) {
      refuse_directory(option, directory,
                       name +
                           " in it is not a regular file, so that a training could not replace "
                           "it; move it elsewhere");
    }
  }
}

/// What has a name of the newer training's but is not the older one's would be lost.
void refuse_foreign_files(const fs::path& directory, const std::vector<std::string>& newer,
                          const std::vector<std::string>& older) {
  const std::set<std::string_view> own(older.begin(), older.end());
  for (const std::string& name : newer) {
    std::error_code error;
    if (own.contains(name) || !fs::exists(fs::symlink_status(directory / name, error))) continue;
    refuse_directory(output_option, directory,
                     name +
                         " in it is not of the training there, and this one would "
                         "replace it; move it elsewhere");
  }
}

}  // namespace

RunDirectory::RunDirectory(DirectoryClaim claim, bool overwrite) : claim_(std::move(claim)) {
  StagedFiles::recover(path(), output_option);
  if (const std::optional<int> agents = agents_of_training(path())) {
    older_files_ = files_of_training(path(), *agents);
  }
  if (has_files(path())) refuse_full(path(), overwrite, holds_older_training());
  refuse_irregular_files(output_option, path(), older_files_);
}

RunDirectory::RunDirectory(DirectoryClaim claim) : claim_(std::move(claim)) {
  StagedFiles::recover(path(), resumed_option);
  const std::optional<int> agents = agents_of_training(path());
  if (!agents) {
    refuse_directory(resumed_option, path(),
                     "what is in it is no training of polyak with its config.toml and metrics.csv");
  }
  refuse_irregular_files(resumed_option, path(), files_of_training(path(), *agents));
}

void RunDirectory::begin(const Config& config) {
  agents_ = config.agents;
  if (logs_events_) events_name_ = new_event_file_name(path());
  refuse_foreign_files(path(), file_names(), older_files_);
  refuse_foreign_files(path(), best_policy_names(), older_files_);
  metrics_table_.emplace(config);
  evaluations_table_.emplace(config);
  claim_.sync_created();
  staged_.emplace(path(), file_names(), older_files_);
  const std::string config_name(config_file_name);
  write_new_file(staged_->path(config_name), config_to_toml(config), path() / config_name);
  create_table(metrics_, metrics_file_name, metrics_table_->header());
  create_table(evaluations_, evaluations_file_name, evaluations_table_->header());
  if (logs_events_) {
    events_.emplace(staged_->path(events_name_), path() / events_name_, beginning_of_events(0));
  }
  if (!holds_older_training()) commit();
}

void RunDirectory::create_table(TableFile& table, std::string_view name,
                                const std::string& header) const {
  table = TableFile(staged_->path(std::string(name)), path() / name, header);
}

std::vector<EvaluationRow> RunDirectory::resume(const Config& config, const TableMarks& marks,
                                                std::int64_t environment_steps) {
  agents_ = config.agents;
  metrics_table_.emplace(config);
  evaluations_table_.emplace(config);
  // Both are looked at before either is changed.
  const fs::path evaluations_path = path() / evaluations_file_name;
  EvaluationsUntil evaluations = evaluations_table_->read(evaluations_path, environment_steps);
  const TableBeginning evaluated =
      find_beginning(evaluations_path, marks.evaluations, evaluations.bytes);
  metrics_ = TableFile::continued(
      metrics_path(), find_beginning(metrics_path(), marks.metrics, marks.metrics.bytes));
  evaluations_ = TableFile::continued(evaluations_path, evaluated);
  if (logs_events_ || has_event_files(path())) {
    events_name_ = new_event_file_name(path());
    events_.emplace(path() / events_name_, path() / events_name_,
                    beginning_of_events(environment_steps + 1));
  }
  remove_file(summary_path());
  for (int agent = 0; evaluations.rows.empty() && agent < agents_; ++agent) {
    remove_file(best_policy_path(agent));
  }
  const std::string text = config_to_toml(config);
  const fs::path file = path() / config_file_name;
  if (read_whole_file(file, largest_config_file) != text) write_file_atomically(file, text);
  return std::move(evaluations.rows);
}

/// All that the directory has of a training whose policies are written. The best policies are none
/// of this set, which is replaced as a whole: each is there as soon as there is one, and those of
/// an older training go with it.
std::vector<std::string> RunDirectory::file_names() const {
  std::vector<std::string> names;
  for (int agent = 0; agent < agents_; ++agent) names.push_back(policy_file_name(agent, agents_));
  names.emplace_back(config_file_name);
  names.emplace_back(metrics_file_name);
  names.emplace_back(evaluations_file_name);
  if (!events_name_.empty()) names.push_back(events_name_);
  return names;
}

std::vector<std::string> RunDirectory::best_policy_names() const {
  std::vector<std::string> names;
  for (int agent = 0; agent < agents_; ++agent) {
    names.push_back(best_policy_file_name(agent, agents_));
  }
  return names;
}

fs::path RunDirectory::policy_path(int agent) const {
  return path() / policy_file_name(agent, agents_);
}

fs::path RunDirectory::best_policy_path(int agent) const {
  return path() / best_policy_file_name(agent, agents_);
}

void RunDirectory::stage_policies(const std::function<Policy(int agent)>& policy_of) const {
  for (int agent = 0; agent < agents_; ++agent) {
    write_new_file(staged_->path(policy_file_name(agent, agents_)),
                   policy_format::serialise(policy_of(agent)), policy_path(agent));
  }
}

/// Of an attempt before this one. What cannot be removed is thrown away with the rest of the stage.
void RunDirectory::unstage_policies() const {
  for (int agent = 0; agent < agents_; ++agent) {
    std::error_code error;
    fs::remove(staged_->path(policy_file_name(agent, agents_)), error);
  }
}

bool RunDirectory::keeps_older_training(const Policy& policy) const {
  return holds_older_training() && policy.training.at("updates") == "0";
}

void RunDirectory::write_policies(const std::function<Policy(int agent)>& policy_of) {
  if (keeps_older_training(policy_of(0))) return;
  complete_commit();
  if (!staged_) staged_.emplace(path(), file_names(), older_files_);
  unstage_policies();
  try {
    stage_policies(policy_of);
  } catch (...) {
    if (holds_older_training()) {
      unstage_policies();
    } else {
      commit();
    }
    throw;
  }
  // Policies are worth more than rows that are lacking, which are told of afterwards.
  const std::string metrics = metrics_.sync(), evaluations = evaluations_.sync();
  const std::string events = events_ ? events_->sync() : "";
  commit();
  if (!metrics.empty()) throw RunError(metrics);
  if (!evaluations.empty()) throw RunError(evaluations);
  if (!events.empty()) throw RunError(events);
}

void RunDirectory::write_best_policy(int agent, std::string_view policy) const {
  write_file_atomically(best_policy_path(agent), policy);
}

bool RunDirectory::has_best_policy(int agent, std::string_view policy) const {
  std::ifstream file(best_policy_path(agent), std::ios::binary);
  std::string content(policy.size() + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return file.is_open() && content == policy;
}

/// Of one that failed on its way.
void RunDirectory::complete_commit() {
  if (staged_ && staged_->is_committed()) commit();
}

void RunDirectory::commit() {
  staged_->commit();
  staged_.reset();
  older_files_.clear();
}

void RunDirectory::write_checkpoint(
    int keep,
    const std::function<void(const FileDescriptor& file, const TableMarks& marks)>& write) {
  complete_commit();
  for (TableFile* const table : {&metrics_, &evaluations_}) {
    if (const std::string failure = table->sync(); !failure.empty()) throw RunError(failure);
  }
  const auto write_with_marks = [&](const FileDescriptor& file) {
    write(file, {metrics_.mark(), evaluations_.mark()});
  };
  if (!holds_older_training()) return write_newest_checkpoint(path(), keep, write_with_marks);
  write_newest_checkpoint(StagedFiles::stage_in(path()), 1, write_with_marks);
  staged_->add(checkpoint_file_name(0));
}

std::string RunDirectory::write_metrics(const Report& report) {
  const std::string failure = metrics_.append(metrics_table_->rows(report));
  const std::string of_events = events_ ? events_->append(events_of(report)) : "";
  return failure.empty() ? of_events : failure;
}

std::string RunDirectory::write_evaluation(std::span<const EvaluationRow> rows) {
  const std::string failure = evaluations_.append(evaluations_table_->lines(rows));
  const std::string of_events = events_ ? events_->append(events_of(rows)) : "";
  return failure.empty() ? of_events : failure;
}

void RunDirectory::finish_evaluations() {
  if (const std::string failure = evaluations_.sync(); !failure.empty()) throw RunError(failure);
}

void RunDirectory::write_summary(const nlohmann::ordered_json& summary) const {
  write_file_atomically(summary_path(), json_text(summary));
}

}  // namespace polyak
