#include "app/train/checkpoint_writer.hpp"

#include <chrono>
#include <filesystem>
#include <system_error>

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "io/checkpoint_files.hpp"
#include "polyak/core/error.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {
namespace {

/// Whether a finished training can go on: not where what it did followed from its length.
bool may_become(const Config& longer, const Config& config) {
  try {
    require_resumable(config, longer);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

}  // namespace

void CheckpointWriter::write_or_throw() {
  if (directory_.keeps_older_training(trainer_.policy(0))) return;
  const bool replaces = directory_.holds_older_training();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  if (!replaces) evaluations_.write_best_policies();
  CheckpointNotes notes = evaluations_.notes();
  notes.texts.emplace(note_of_reports, std::to_string(report_steps_));
  if (!schedule_.empty()) notes.texts.emplace(note_of_schedule, schedule_);
  std::int64_t bytes = 0;
  directory_.write_checkpoint(keep_, [&](const FileDescriptor& file, const TableMarks& marks) {
    notes.texts.emplace(note_of_metrics, marks.metrics.text());
    notes.texts.emplace(note_of_evaluations, marks.evaluations.text());
    bytes = TrainerAccess::save(trainer_, file, directory_.path() / checkpoint_file_name(0), notes);
  });
  if (replaces) {
    directory_.write_policies([this](int agent) { return trainer_.policy(agent); });
    evaluations_.write_best_policies();
  }
  bytes_ = bytes;
  seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Throws nothing: the training goes on, whatever is lacking.
bool CheckpointWriter::has_one() const {
  const auto exists = [this](int age) {
    std::error_code error;
    return std::filesystem::exists(directory_.path() / checkpoint_file_name(age), error);
  };
  return !directory_.holds_older_training() && (exists(0) || exists(1));
}

std::string CheckpointWriter::write() {
  const bool failed_before = failed_;
  try {
    write_or_throw();
    failed_ = false;
    return {};
  } catch (const std::exception& error) {
    failed_ = true;
    if (failed_before) return {};
    return message_of(error) + "; " +
           (has_one() ? "the checkpoint before stays" : "there is no checkpoint yet") +
           ", and each later one is tried";
  }
}

void CheckpointWriter::print(std::ostream& out, bool is_finished) const {
  if (bytes_ == 0) return;
  out << "Checkpoint of " << format_bytes(bytes_) << " in " << format_fixed(seconds_, 2) << " s";
  Config longer = trainer_.config();
  longer.total_steps *= 2;
  if (!is_finished || may_become(longer, trainer_.config())) {
    out << "; to go on from it: polyak train --resume " << printable(directory_.path().string());
    if (is_finished) out << " --total-steps " << longer.total_steps;
  }
  out << '\n';
}

}  // namespace polyak
