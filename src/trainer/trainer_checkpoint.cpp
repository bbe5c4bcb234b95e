// Trainer's checkpoints in files of the caller's choice.
#include <utility>

#include "io/atomic_file.hpp"
#include "polyak/trainer.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/trainer_access.hpp"

namespace polyak {

void Trainer::save(const std::filesystem::path& path) {
  write_file_atomically(
      path, [&](const FileDescriptor& file) { TrainerAccess::save(*this, file, path, {}); });
}

Trainer Trainer::resume(const std::filesystem::path& path,
                        const std::function<void(Config& config)>& change) {
  const Checkpoint checkpoint(path);
  Config config = checkpoint.config();
  if (change) change(config);
  return TrainerAccess::resume(checkpoint, std::move(config));
}

}  // namespace polyak
