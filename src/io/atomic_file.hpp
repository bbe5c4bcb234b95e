// Files that are there completely or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace polyak {

/// Writes `content` to a temporary file beside `path`, makes sure it is on the disk, and renames
/// it. RunError with the system's reason if any of that fails; then `path` is as it was before.
/// What is no regular file (a device, a pipe, a link) is written to directly, never replaced.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace polyak
