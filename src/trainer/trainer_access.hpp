// What the project's own programs and tests need of a Trainer besides its interface.
#pragma once

#include <cstdint>
#include <filesystem>

#include "backend/backend.hpp"
#include "io/file_descriptor.hpp"
#include "polyak/trainer.hpp"
#include "trainer/checkpoint.hpp"

namespace polyak {

struct TrainerAccess {
  /// The device's side.
  static Backend& backend(Trainer& trainer);

  /// Trainer::save into an open file with something to remember; returns the bytes written.
  static std::int64_t save(Trainer& trainer, const FileDescriptor& file,
                           const std::filesystem::path& shown_as, const CheckpointNotes& notes);

  /// Trainer::resume from a checkpoint that has been opened.
  static Trainer resume(const Checkpoint& checkpoint, Config config);
};

}  // namespace polyak
