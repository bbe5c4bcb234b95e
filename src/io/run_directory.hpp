// The files of one training: config.toml, metrics.csv, evaluations.csv, policies, summary.json.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/directory_claim.hpp"
#include "io/evaluations_table.hpp"
#include "io/event_file.hpp"
#include "io/metrics_table.hpp"
#include "io/run_files.hpp"
#include "io/staged_files.hpp"
#include "io/table_file.hpp"
#include "polyak/config.hpp"
#include "polyak/policy.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// How far a training's tables had come at a checkpoint.
struct TableMarks {
  TableMark metrics, evaluations;
};

/// A directory that belongs to one training.
///
/// A new training has config.toml, metrics.csv and evaluations.csv in it from begin() on. One that
/// replaces an older training leaves that one as it is, and keeps its own files in a hidden
/// directory, until its policies are on the disk (staged_files.hpp): who looks in at any time, or
/// after kill -9, finds policies together with the configuration that they were trained with.
class RunDirectory {
 public:
  /// UsageError if the directory is not empty and `overwrite` is not set, or if what is in it is no
  /// training. Completes what a process that was killed left half-done.
  RunDirectory(DirectoryClaim claim, bool overwrite);

  /// Writes the configuration and the tables' headers. RunError if that fails, UsageError if a file
  /// of somebody else's has a name that this training needs.
  void begin(const Config& config);

  /// Asks for a file of events for TensorBoard besides metrics.csv. Before begin() or resume(); a
  /// training that goes on has one anyway if it had one before.
  void log_events() { logs_events_ = true; }

  /// Of a training that goes on: completes what a process that was killed left half-done.
  /// UsageError if there is no training in the directory, or if something in it has the name of one
  /// of its files and is none, so that it could not be replaced.
  explicit RunDirectory(DirectoryClaim claim);

  /// Instead of begin(): metrics.csv goes on behind what is marked of it, evaluations.csv behind
  /// its last evaluation that is not later than `environment_steps`, config.toml becomes that of
  /// `config`, and what told of later times goes: summary.json, and the best policies where there
  /// was no evaluation yet. The rows of evaluations.csv. UsageError if a table is not the one that
  /// was marked.
  std::vector<EvaluationRow> resume(const Config& config, const TableMarks& marks,
                                    std::int64_t environment_steps);

  const std::filesystem::path& path() const { return claim_.path(); }
  std::filesystem::path metrics_path() const { return path() / metrics_file_name; }
  std::filesystem::path summary_path() const { return path() / summary_file_name; }
  /// policy.safetensors, or policy_<agent>.safetensors if there are several agents.
  std::filesystem::path policy_path(int agent) const;
  std::filesystem::path best_policy_path(int agent) const;

  /// Appends one row per agent to metrics.csv, and the same to the file of events. Rows that cannot
  /// be written, for example because the disk is full for a while, are kept and tried again; why is
  /// returned, or nothing.
  std::string write_metrics(const Report& report);

  /// Appends one evaluation's rows to evaluations.csv, in the same way.
  std::string write_evaluation(std::span<const EvaluationRow> rows);

  /// Waits until all rows of evaluations.csv are on the disk: behind the last of them. RunError.
  void finish_evaluations();

  /// Makes what `write` writes the newest checkpoint, and keeps so many in all; `marks` are what
  /// resume() shall be given. Everything reported so far is on the disk then. RunError if it cannot
  /// be written: checkpoints are as they were. Where an older training is still there, the
  /// checkpoint takes the place of that one's with the next policies, and not before.
  void write_checkpoint(
      int keep,
      const std::function<void(const FileDescriptor& file, const TableMarks& marks)>& write);

  /// Whether an older training's files are still there, which write_policies() would replace.
  bool holds_older_training() const { return !older_files_.empty(); }

  /// Whether they stay all the same: a policy without an update, as this one may be, takes the
  /// place of none.
  bool keeps_older_training(const Policy& policy) const;

  /// Writes every agent's policy: all of them, or RunError. Then an older training is as it was,
  /// and this may be called again; where there is none, the policies that could be written are
  /// kept. RunError, too, if there are still rows of a table that cannot be written; the policies
  /// are in their places then. Nothing while keeps_older_training().
  void write_policies(const std::function<Policy(int agent)>& policy_of);

  /// Writes an agent's policy at its best evaluation, the content of its file, whenever there is a
  /// better one. RunError if it cannot be written; the one before it is then still there. Not while
  /// an older training is there.
  void write_best_policy(int agent, std::string_view policy) const;

  /// Whether that is what is written.
  bool has_best_policy(int agent, std::string_view policy) const;

  /// Writes what the training came to. RunError if it cannot be written.
  void write_summary(const nlohmann::ordered_json& summary) const;

 private:
  std::vector<std::string> file_names() const;
  std::vector<std::string> best_policy_names() const;
  void create_table(TableFile& table, std::string_view name, const std::string& header) const;
  void unstage_policies() const;
  void stage_policies(const std::function<Policy(int agent)>& policy_of) const;
  void complete_commit();
  void commit();

  DirectoryClaim claim_;
  std::vector<std::string> older_files_;  // an older training's, while they are there
  int agents_ = 1;
  std::optional<MetricsTable> metrics_table_;
  std::optional<EvaluationsTable> evaluations_table_;
  TableFile metrics_, evaluations_;
  bool logs_events_ = false;
  std::string events_name_;  // of the file of events, if there is one
  std::optional<TableFile> events_;
  std::optional<StagedFiles> staged_;  // what is not yet in the directory
};

}  // namespace polyak
