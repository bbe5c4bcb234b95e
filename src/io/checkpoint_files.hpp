// The checkpoints of a run directory: their names, which of them are kept, and which is the newest.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_descriptor.hpp"

namespace polyak {

inline constexpr int max_checkpoints = 1000;  // that a directory keeps

/// checkpoint.safetensors is the newest one, checkpoint.1.safetensors the one before, and so on.
std::string checkpoint_file_name(int age);

/// The age of a checkpoint of this name; nothing if it is none's.
std::optional<int> age_of_checkpoint_file(std::string_view name);

/// The checkpoints that are in a directory, the newest first.
std::vector<std::filesystem::path> checkpoints_in(const std::filesystem::path& directory);

/// Makes what `write` writes the newest checkpoint of a directory and keeps so many in all. All are
/// whole at any instant. RunError if it cannot be written; those before are then as they were.
void write_newest_checkpoint(const std::filesystem::path& directory, int keep,
                             const std::function<void(const FileDescriptor& file)>& write);

}  // namespace polyak
