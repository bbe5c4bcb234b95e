// Reading files whole, whatever they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace polyak {

/// The content of a file, a pipe or a device, read once. UsageError with the path and the reason if
/// it cannot be read, or as soon as more than `max_bytes` have come out of it.
std::string read_whole_file(const std::filesystem::path& path, std::uint64_t max_bytes);

}  // namespace polyak
