#include "io/staged_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/directory_claim.hpp"
#include "io/file_descriptor.hpp"
#include "io/output_file.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view staging_name = ".polyak-staging", commit_name = ".polyak-commit";
/// In the hidden directory: a line for each name of the new set, one for each file of the older set
/// that is to be removed, and an end.
constexpr std::string_view list_name = "files", removal = "remove ", end_of_list = "end";

bool is_regular(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(fs::symlink_status(path, error));
}

/// A hidden directory that somebody has put something into stays, for the next training to say so.
void remove_directory(const fs::path& path) {
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT || errno == ENOTEMPTY) return;
  throw RunError("cannot remove " + path.string() + ": " + std::strerror(errno));
}

bool is_own_name(const std::string& name) {
  return is_run_file_name(name) || name == list_name || is_temporary_name(name);
}

/// UsageError unless all that is in a hidden directory was put there by a training.
void require_own(const fs::path& directory, std::string_view option, std::string_view hidden_name) {
  const fs::path hidden = directory / hidden_name;
  std::error_code error;
  const fs::file_status status = fs::symlink_status(hidden, error);
  if (!fs::exists(status)) return;
  const std::string name(hidden_name);
  if (!fs::is_directory(status)) {
    refuse_directory(option, directory, name + " in it is not a directory");
  }
  for (const std::string& file : names_in_directory(hidden)) {
    if (is_own_name(file) && is_regular(hidden / file)) continue;
    refuse_directory(option, directory,
                     name + ", left by a training that was killed, has '" + file +
                         "' in it, which is not polyak's; move that elsewhere");
  }
}

/// Removes a hidden directory with the files that a training puts into it, and nothing else.
void discard(const fs::path& hidden) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(hidden, error))) return;
  for (const std::string& name : names_in_directory(hidden)) {
    if (is_own_name(name)) remove_file(hidden / name);
  }
  remove_directory(hidden);
}

/// What the list in a hidden directory says.
struct FileList {
  std::vector<std::string> names, removed;

  std::string text() const {
    std::string lines;
    for (const std::string& name : names) lines += name + "\n";
    for (const std::string& name : removed) lines.append(removal) += name + "\n";
    return lines.append(end_of_list) + "\n";
  }
};

/// Of a set whose commit was cut off. UsageError if it cannot be read: without it nobody knows
/// which files the set consists of.
FileList read_list(const fs::path& path) {
  FileList list;
  bool whole = false;
  std::string line;
  for (std::ifstream file(path); std::getline(file, line);) {
    whole = line == end_of_list;
    if (whole) break;
    const bool removes = line.starts_with(removal);
    (removes ? list.removed : list.names).push_back(removes ? line.substr(removal.size()) : line);
  }
  for (const std::vector<std::string>* const names : {&list.names, &list.removed}) {
    whole = whole && std::all_of(names->begin(), names->end(), [](const std::string& name) {
              return is_run_file_name(name) || name == report_file_name;
            });
  }
  if (!whole) throw UsageError(path.string() + ": is damaged; move its directory elsewhere");
  return list;
}

/// The second half of a commit. Whatever of it was done before is not done again.
void move_committed(const fs::path& directory, const FileList& list) {
  const fs::path hidden = directory / commit_name;
  for (const std::string& name : list.names) {
    const int result = ::rename((hidden / name).c_str(), (directory / name).c_str());
    if (result != 0 && errno != ENOENT) fail_to_write(directory / name);
  }
  sync_directory(directory);
  for (const std::string& name : list.removed) remove_file(directory / name);
  sync_directory(directory);
  // Without its list the hidden directory says nothing any more: last.
  remove_file(hidden / list_name);
  remove_directory(hidden);
}

/// By which file a set is known: its list while it is on its way, and then its configuration, which
/// every set has of its own. Held open, so that no later file gets its number.
class SetMark {
 public:
  explicit SetMark(const fs::path& directory)
      : list_(directory / commit_name / list_name), mark_(list_), held_(open(list_)) {
    if (held_.is_open()) return;
    mark_ = directory / config_file_name;
    held_ = open(mark_);
  }

  bool is_on_its_way() const { return mark_ == list_; }
  /// Whether the set is still the newest one.
  bool holds() const { return held_.is_at(mark_) && (is_on_its_way() || !is_regular(list_)); }

 private:
  static FileDescriptor open(const fs::path& path) {
    return FileDescriptor(::open(path.c_str(), O_PATH | O_CLOEXEC));
  }

  fs::path list_, mark_;
  FileDescriptor held_;
};

std::vector<fs::path> files_of_set(const fs::path& directory, bool on_its_way) {
  const fs::path committed = directory / commit_name;
  std::vector<fs::path> files;
  if (!on_its_way) {
    for (const std::string& name : names_in_directory(directory)) files.push_back(directory / name);
    return files;
  }
  for (const std::string& name : read_list(committed / list_name).names) {
    const fs::path waiting = committed / name;
    files.push_back(is_regular(waiting) ? waiting : directory / name);
  }
  return files;
}

}  // namespace

StagedFiles::StagedFiles(fs::path directory, std::vector<std::string> names,
                         const std::vector<std::string>& older)
    : directory_(std::move(directory)), names_(std::move(names)) {
  const fs::path hidden = directory_ / staging_name;
  if (::mkdir(hidden.c_str(), 0777) != 0) fail_to_write(hidden);
  // A full disk must not stand in the way of the commit: the list is written first.
  try {
    const std::set<std::string_view> staying(names_.begin(), names_.end());
    std::copy_if(older.begin(), older.end(), std::back_inserter(removed_),
                 [&](const std::string& name) { return !staying.contains(name); });
    write_new_file(hidden / list_name, FileList{names_, removed_}.text(), hidden / list_name);
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

void StagedFiles::add(const std::string& name) {
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
  FileList list{names_, removed_};
  list.names.push_back(name);
  std::erase(list.removed, name);
  write_file_atomically(directory_ / staging_name / list_name, list.text());
  names_ = std::move(list.names);
  removed_ = std::move(list.removed);
}

void StagedFiles::commit() {
  if (!committed_) {
    const fs::path staging = directory_ / staging_name, committed = directory_ / commit_name;
    sync_directory(staging);
    if (::rename(staging.c_str(), committed.c_str()) != 0) fail_to_write(directory_);
    committed_ = true;
  }
  sync_directory(directory_);
  move_committed(directory_, {names_, removed_});
}

fs::path StagedFiles::stage_in(const fs::path& directory) { return directory / staging_name; }

void StagedFiles::recover(const fs::path& directory, std::string_view option) {
  require_own(directory, option, commit_name);
  require_own(directory, option, staging_name);
  const fs::path committed = directory / commit_name;
  if (is_regular(committed / list_name)) {
    move_committed(directory, read_list(committed / list_name));
  } else {
    discard(committed);
  }
  discard(directory / staging_name);
  for (const std::string& name : names_in_directory(directory)) {
    if (is_temporary_name(name) && is_regular(directory / name)) remove_file(directory / name);
  }
}

void StagedFiles::read_newest(const fs::path& directory,
                              const std::function<void(const std::vector<fs::path>&)>& read) {
  constexpr int max_attempts = 100;  // as many sets would have to come while one is read
  for (int attempt = 1;; ++attempt) {
    const SetMark mark(directory);
    try {
      read(files_of_set(directory, mark.is_on_its_way()));
      if (mark.holds()) return;
      if (attempt == max_attempts) {
        throw RunError(directory.string() + ": its files are replaced faster than they are read");
      }
    } catch (const std::runtime_error&) {
      // While a set is on its way, its files change their places.
      if ((mark.holds() && !mark.is_on_its_way()) || attempt == max_attempts) throw;
    }
  }
}

bool StagedFiles::is_transient_name(std::string_view name) {
  return name == staging_name || name == commit_name || is_temporary_name(name);
}

}  // namespace polyak
