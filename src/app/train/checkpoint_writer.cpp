#include "app/train/checkpoint_writer.hpp"

#include <chrono>

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "io/checkpoint_files.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {

void CheckpointWriter::write_or_throw() {
  const bool replaces = directory_.holds_older_training();
  if (replaces && trainer_.updates() == 0) return;  // nothing that is worth an older training
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  if (!replaces) evaluations_.write_best_policies();
  CheckpointNotes notes = evaluations_.notes();
  notes.emplace(note_of_reports, std::to_string(report_steps_));
  std::int64_t bytes = 0;
  directory_.write_checkpoint(keep_, [&](const FileDescriptor& file, std::int64_t metrics_bytes) {
    notes.emplace(note_of_metrics, std::to_string(metrics_bytes));
    bytes = TrainerAccess::save(trainer_, file, directory_.path() / checkpoint_file_name(0), notes);
  });
  if (replaces) {
    directory_.write_policies([this](int agent) { return trainer_.policy(agent); });
    evaluations_.write_best_policies();
  }
  bytes_ = bytes;
  seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
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
    return "no checkpoint: " + message_of(error) +
           "; training goes on, the checkpoint before stays, and the next one is tried again";
  }
}

void CheckpointWriter::print(std::ostream& out) const {
  if (bytes_ == 0) return;
  out << "Checkpoint of " << format_bytes(bytes_) << " in " << format_fixed(seconds_, 2)
      << " s; to go on from it: polyak train --resume " << printable(directory_.path().string())
      << '\n';
}

}  // namespace polyak
