// Files that are there completely or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "io/file_descriptor.hpp"

namespace polyak {

/// Writes `content` to a temporary file beside `path`, makes sure it is on the disk, renames it,
/// and makes sure of the name. RunError with the system's reason if any of that fails; `path` then
/// has its old content, or the new one where only the last step failed. A link stays; the file that
/// it leads to is replaced. What is no regular file (a device, a pipe, /dev/stdout) is written to
/// directly.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// The same for a regular file that `write` writes into the open file it is given, piece by piece,
/// and throws where it cannot. `before` is called when the new file is on the disk, before it takes
/// its place.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(const FileDescriptor& file)>& write,
                           const std::function<void()>& before = {});

/// Whether a file was on its way in write_file_atomically, by a process that is perhaps gone.
bool is_temporary_name(std::string_view name);

}  // namespace polyak
