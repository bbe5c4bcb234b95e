#include "search/search_directory.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/file_descriptor.hpp"
#include "io/read_file.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view populations_name = "populations";
/// Where a search is that another one replaces, until that has found something. Its search.json
/// goes there first, comes back last and is removed first: with it, all that is in the directory
/// above without one belongs to it.
constexpr std::string_view replaced_name = ".replaced";
constexpr std::uint64_t largest_file = 1u << 30;
constexpr std::array search_files = {
    search_file_name,        space_file_name,       trials_file_name,  rungs_file_name,
    confirmations_file_name, generations_file_name, lineage_file_name, best_config_file_name,
    config_file_name,        summary_file_name,     starts_file_name,  report_file_name};

bool is_population_file(const std::string& name) {
  return is_temporary_name(name) || name.starts_with("cohort_") ||
         name.starts_with("confirmation_") || name.starts_with("population.");
}

/// Whether a search has made what has this name in its directory: a search that takes its place may
/// remove it.
bool is_of_search(const fs::path& directory, const std::string& name) {
  const fs::path path = directory / name;
  if (name == populations_name) {
    if (!fs::is_directory(fs::symlink_status(path))) return false;
    const std::vector<std::string> files = names_in_directory(path);
    return std::all_of(files.begin(), files.end(), is_population_file);
  }
  const bool known =
      name == best_policy_file_name(0, 1) || is_temporary_name(name) ||
      std::find(search_files.begin(), search_files.end(), name) != search_files.end();
  return known && fs::is_regular_file(fs::symlink_status(path));
}

/// Whether nothing but the first files of a search is there, which was killed before it began.
bool has_not_begun(const fs::path& directory) {
  if (!holds_search(directory)) return false;
  const std::vector<std::string> names = names_in_directory(directory);
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_temporary_name(name) || name == replaced_name || name == search_file_name ||
           ((name == space_file_name || name == starts_file_name) && is_of_search(directory, name));
  });
}

/// UsageError if somebody else has something where a search is set aside: it would be removed.
void require_own_replaced(const fs::path& directory, std::string_view option) {
  const fs::path aside = directory / replaced_name;
  const fs::file_status status = fs::symlink_status(aside);
  if (!fs::exists(status)) return;
  bool is_own = fs::is_directory(status);
  if (is_own) {
    for (const std::string& name : names_in_directory(aside)) {
      is_own = is_own && is_of_search(aside, name);
    }
  }
  if (is_own) return;
  refuse_directory(option, directory,
                   std::string(replaced_name) + " in it is not of a search; move it elsewhere");
}

/// Moves all that is of a search but its search.json.
void move_files(const fs::path& from, const fs::path& to) {
  for (const std::string& name : names_in_directory(from)) {
    if (name != search_file_name && is_of_search(from, name)) fs::rename(from / name, to / name);
  }
}

void set_aside(const fs::path& directory) {
  const fs::path aside = directory / replaced_name;
  fs::create_directory(aside);
  fs::rename(directory / search_file_name, aside / search_file_name);
  move_files(directory, aside);
}

/// Its search.json goes last: by it the rest is known as a search's.
void remove_search(const fs::path& directory) {
  for (const std::string& name : names_in_directory(directory)) {
    if (name != search_file_name && is_of_search(directory, name)) fs::remove_all(directory / name);
  }
  fs::remove(directory / search_file_name);
}

void restore(const fs::path& directory) {
  const fs::path aside = directory / replaced_name;
  if (holds_search(aside)) {
    if (holds_search(directory)) remove_search(directory);  // the one that took its place
    move_files(aside, directory);
    fs::rename(aside / search_file_name, directory / search_file_name);
  }
  fs::remove_all(aside);
}

/// What a process that was killed while it wrote has left; the lock says that it is gone.
void remove_temporary_files(const fs::path& directory) {
  for (const std::string& name : names_in_directory(directory)) {
    if (is_temporary_name(name)) fs::remove(directory / name);
  }
}

}  // namespace

bool holds_search(const fs::path& directory) {
  std::error_code error;
  const fs::path file = directory / search_file_name;
  return fs::is_regular_file(file, error) && begins_with(file, search_file_beginning);
}

SearchDirectory SearchDirectory::begun(DirectoryClaim claim, bool overwrite) {
  const fs::path path = claim.path();
  require_own_replaced(path, output_option);
  const bool had_not_begun = has_not_begun(path);
  const bool is_search =
      (holds_search(path) && !had_not_begun) || holds_search(path / replaced_name);
  for (const std::string& name : names_in_directory(path)) {
    if (is_temporary_name(name) || (had_not_begun && !is_search)) continue;
    if (is_search && overwrite && is_of_search(path, name)) continue;
    if (overwrite && name == replaced_name) continue;
    refuse_directory(output_option, path,
                     is_search && !overwrite
                         ? "is not empty; choose another directory, --overwrite to replace the "
                           "search in it, or --resume to go on with it"
                         : name + " in it is not of a search; choose another directory");
  }
  remove_temporary_files(path);
  restore(path);
  if (is_search) set_aside(path);
  if (had_not_begun && !is_search) remove_search(path);
  return SearchDirectory(std::move(claim));
}

SearchDirectory SearchDirectory::existing(DirectoryClaim claim) {
  const fs::path path = claim.path();
  require_own_replaced(path, resumed_option);
  if (!holds_search(path) || has_not_begun(path)) restore(path);
  if (!holds_search(path)) refuse_directory(resumed_option, path, "there is no search in it");
  if (has_not_begun(path)) {
    refuse_directory(
        resumed_option, path,
        "its search was cut off before it began; give the command that began it again");
  }
  remove_temporary_files(path);
  return SearchDirectory(std::move(claim));
}

void SearchDirectory::restore_replaced() const { restore(path()); }

void SearchDirectory::remove_replaced() const {
  fs::remove(path() / replaced_name / search_file_name);
  fs::remove_all(path() / replaced_name);
}

bool SearchDirectory::can_go_on() const {
  return holds_search(path()) && !has_not_begun(path()) && !holds_search(path() / replaced_name);
}

void SearchDirectory::write(std::string_view name, std::string_view content) const {
  write_file_atomically(path() / name, content);
}

std::string SearchDirectory::read(std::string_view name) const {
  return read_whole_file(path() / name, largest_file);
}

fs::path SearchDirectory::population_path(const std::string& name) const {
  fs::create_directories(path() / populations_name);
  return path() / populations_name / (name + ".safetensors");
}

void SearchDirectory::remove_population(const std::string& name) const {
  fs::remove(population_path(name));
}

void SearchDirectory::remove_populations() const { fs::remove_all(path() / populations_name); }

}  // namespace polyak
