#include "io/staged_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/file_descriptor.hpp"
#include "io/output_file.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view staging_name = ".polyak-staging", commit_name = ".polyak-commit";
/// In the hidden directory: the names of the new set, a line each.
constexpr std::string_view list_name = "files", end_of_list = "end";

void remove_with(int (*remove)(const char*), const fs::path& path) {
  if (remove(path.c_str()) == 0 || errno == ENOENT) return;
  throw RunError("cannot remove " + path.string() + ": " + std::strerror(errno));
}
void remove_file(const fs::path& path) { remove_with(::unlink, path); }
void remove_directory(const fs::path& path) { remove_with(::rmdir, path); }

/// Removes a hidden directory with the files that a training puts into it, and nothing else.
void discard(const fs::path& hidden) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(hidden, error))) return;
  for (const std::string& name : names_in_directory(hidden)) {
    if (is_run_file_name(name) || name == list_name) remove_file(hidden / name);
  }
  remove_directory(hidden);
}

/// The second half of a commit. Whatever of it was done before is not done again.
void move_committed(const fs::path& directory, const std::vector<std::string>& names) {
  const fs::path hidden = directory / commit_name;
  for (const std::string& name : names) {
    const int result = ::rename((hidden / name).c_str(), (directory / name).c_str());
    if (result != 0 && errno != ENOENT) fail_to_write(directory / name);
  }
  sync_directory(directory);
  for (const std::string& name : names_in_directory(directory)) {
    const bool stays = std::find(names.begin(), names.end(), name) != names.end();
    if (is_run_file_name(name) && !stays) remove_file(directory / name);
  }
  sync_directory(directory);
  // Without its list the hidden directory says nothing any more: last.
  remove_file(hidden / list_name);
  remove_directory(hidden);
}

/// The names of a set whose commit was cut off. RunError if they cannot be read: with an empty list
/// every file would be one that the new set does not have.
std::vector<std::string> read_list(const fs::path& list) {
  std::vector<std::string> names;
  std::string name;
  std::ifstream file(list);
  while (std::getline(file, name)) names.push_back(name);
  const bool whole = file.eof() && !names.empty() && names.back() == end_of_list &&
                     std::all_of(names.begin(), names.end() - 1, is_run_file_name);
  if (!whole) throw RunError("cannot read " + list.string() + ": it is damaged");
  names.pop_back();
  return names;
}

}  // namespace

StagedFiles::StagedFiles(fs::path directory, std::vector<std::string> names)
    : directory_(std::move(directory)), names_(std::move(names)) {
  recover(directory_);
  const fs::path hidden = directory_ / staging_name;
  if (::mkdir(hidden.c_str(), 0777) != 0) fail_to_write(hidden);
  // A full disk must not stand in the way of the commit: the list is written first.
  try {
    std::string list;
    for (const std::string& name : names_) list += name + "\n";
    write_new_file(hidden / list_name, list.append(end_of_list) + "\n", hidden / list_name);
  } catch (...) {
    discard_quietly();
    throw;
  }
}

StagedFiles::~StagedFiles() {
  if (!committed_) discard_quietly();
}

/// For where another failure is being reported, or nobody listens.
void StagedFiles::discard_quietly() const {
  try {
    discard(directory_ / staging_name);
  } catch (const std::exception&) {
    // The next training removes it.
  }
}

fs::path StagedFiles::path(const std::string& name) const {
  return directory_ / (committed_ ? "" : staging_name) / name;
}

void StagedFiles::commit() {
  const fs::path staging = directory_ / staging_name, committed = directory_ / commit_name;
  sync_directory(staging);
  if (::rename(staging.c_str(), committed.c_str()) != 0) fail_to_write(directory_);
  committed_ = true;
  sync_directory(directory_);
  move_committed(directory_, names_);
}

void StagedFiles::recover(const fs::path& directory) {
  const fs::path committed = directory / commit_name;
  std::error_code error;
  if (fs::is_regular_file(committed / list_name, error)) {
    move_committed(directory, read_list(committed / list_name));
  } else {
    discard(committed);
  }
  discard(directory / staging_name);
  for (const std::string& name : names_in_directory(directory)) {
    if (is_temporary_name(name)) remove_file(directory / name);
  }
}

std::vector<fs::path> StagedFiles::newest_files(const fs::path& directory) {
  const fs::path committed = directory / commit_name;
  std::error_code error;
  const bool cut_off = fs::is_regular_file(committed / list_name, error);
  std::vector<fs::path> files;
  for (const std::string& name :
       cut_off ? read_list(committed / list_name) : names_in_directory(directory)) {
    const bool moved = !cut_off || !fs::exists(committed / name, error);
    files.push_back((moved ? directory : committed) / name);
  }
  return files;
}

bool StagedFiles::is_transient_name(std::string_view name) {
  return name == staging_name || name == commit_name || is_temporary_name(name);
}

}  // namespace polyak
