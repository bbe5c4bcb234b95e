// A training as a file from which it goes on with the same bits, on any device.
//
// A safetensors file (tensor_file.hpp). Its tensors are the arrays of a TrainingState by their
// names (state_arrays.hpp), the metrics that were not yet reported, and of the replay the rows that
// have been written: [rows, row floats], agent by agent, environment by environment, as they lie in
// their rings; and files of whoever saves it. Its metadata say what it is, the configuration as
// config.toml has it, seconds of training, and notes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "io/file_descriptor.hpp"
#include "io/tensor_file.hpp"
#include "polyak/config.hpp"
#include "trainer/reporter.hpp"

namespace polyak {

/// What is kept with a checkpoint for whoever saves it.
struct CheckpointNotes {
  std::map<std::string, std::string, std::less<>> texts;  // short, by name
  std::span<const std::string> files;                     // whole ones, in their order
};

/// What a trainer knows besides its back end's state.
struct TrainerRecord {
  TrainingProgress progress;
  Reporter reports;
};

/// Writes a checkpoint into an open, empty file that messages name `shown_as`; its length in bytes.
/// Holds a few megabytes of the replay at a time. RunError if it cannot be written.
std::int64_t write_checkpoint(const FileDescriptor& file, const std::filesystem::path& shown_as,
                              const Config& config, Backend& backend, const TrainerRecord& record,
                              const CheckpointNotes& notes);

/// A checkpoint that was found to be whole.
class Checkpoint {
 public:
  /// Reads it once from end to end. UsageError in one line: no such file, damaged, truncated, no
  /// checkpoint, or of a format that is newer than this program.
  explicit Checkpoint(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  std::int64_t bytes() const { return file_.bytes(); }
  const Config& config() const { return config_; }
  std::int64_t environment_steps() const;  // per agent

  /// The text that was kept under this name; empty if there is none.
  std::string_view note(std::string_view name) const;

  /// The files that were kept. UsageError if they are not as they were written.
  std::vector<std::string> kept_files() const;

  /// The trainer's own part.
  TrainerRecord record() const;

  /// Brings a new back end of `config` (resumable_config.hpp) to where the training was. UsageError
  /// if the file has other arrays than such a training.
  void load(const Config& config, Backend& backend) const;

 private:
  std::int64_t number(const std::string& key) const;
  void read_state(TrainingState& state) const;
  void read_replay(const Config& config, const TrainingState& state, Backend& backend) const;

  TensorFileReader file_;
  Config config_;
};

}  // namespace polyak
