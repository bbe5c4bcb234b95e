#include "io/checkpoint_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "io/atomic_file.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view checkpoint_name = "checkpoint", checkpoint_extension = ".safetensors";

std::vector<int> ages_in(const fs::path& directory) {
  std::vector<int> ages;
  for (const std::string& name : names_in_directory(directory)) {
    if (const std::optional<int> age = age_of_checkpoint_file(name)) ages.push_back(*age);
  }
  std::sort(ages.begin(), ages.end());
  return ages;
}

/// The oldest first, so that none takes the place of one that is still to be moved.
void make_older(const fs::path& directory, int keep) {
  std::vector<int> ages = ages_in(directory);
  std::reverse(ages.begin(), ages.end());
  for (const int age : ages) {
    const fs::path path = directory / checkpoint_file_name(age);
    // Of a single one the newest takes the place itself, in one step.
    if (age == 0 && keep == 1) return;
    const int result =
        age + 1 >= keep
            ? ::unlink(path.c_str())
            : ::rename(path.c_str(), (directory / checkpoint_file_name(age + 1)).c_str());
    if (result != 0 && errno != ENOENT) fail_to_write(path);
  }
}

}  // namespace

std::string checkpoint_file_name(int age) {
  std::string name(checkpoint_name);
  if (age > 0) name += "." + std::to_string(age);
  return name.append(checkpoint_extension);
}

std::optional<int> age_of_checkpoint_file(std::string_view name) {
  if (name == checkpoint_file_name(0)) return 0;
  if (!name.starts_with(checkpoint_name) || !name.ends_with(checkpoint_extension)) return {};
  name.remove_prefix(checkpoint_name.size());
  name.remove_suffix(std::min(name.size(), checkpoint_extension.size()));
  if (!name.starts_with('.')) return {};
  name.remove_prefix(1);
  const std::optional<int> age = parse_number<int>(name);
  // Only as it is written: neither checkpoint.007 nor checkpoint.1e1.
  if (!age || *age < 1 || *age >= max_checkpoints || name != std::to_string(*age)) return {};
  return age;
}

std::vector<fs::path> checkpoints_in(const fs::path& directory) {
  std::vector<fs::path> paths;
  for (const int age : ages_in(directory)) paths.push_back(directory / checkpoint_file_name(age));
  return paths;
}

void write_newest_checkpoint(const fs::path& directory, int keep,
                             const std::function<void(const FileDescriptor& file)>& write) {
  write_file_atomically(directory / checkpoint_file_name(0), write,
                        [&] { make_older(directory, keep); });
}

}  // namespace polyak
