// The directory of a search: its files, whole at any instant.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "io/directory_claim.hpp"

namespace polyak {

inline constexpr std::string_view search_file_name = "search.json", space_file_name = "space.toml",
                                  trials_file_name = "trials.csv", rungs_file_name = "rungs.csv",
                                  confirmations_file_name = "confirmations.csv",
                                  generations_file_name = "generations.csv",
                                  lineage_file_name = "lineage.csv",
                                  starts_file_name = "starts.json",
                                  best_config_file_name = "best.toml";

/// So search.json begins: a file of its name may be somebody else's.
inline constexpr std::string_view search_file_beginning = R"({"format":"polyak search")";

/// Whether there is a search in it, going on or finished; or one that was killed before it began.
bool holds_search(const std::filesystem::path& directory);

class SearchDirectory {
 public:
  /// The directory is nobody else's as long as this lives. UsageError if there is anything in it
  /// but a search that was killed before its config.toml was written, which is its last file before
  /// it begins, or, with `overwrite`, any search, which is set aside.
  static SearchDirectory begun(DirectoryClaim claim, bool overwrite);
  /// One with a search in it; UsageError if there is none, or if it had not begun.
  static SearchDirectory existing(DirectoryClaim claim);

  /// What `work` returns. If it throws, the search that was set aside takes its place again, if
  /// there still is one.
  template <class Work>
  auto attempt(const Work& work) const {
    try {
      return work();
    } catch (...) {
      restore_replaced();
      throw;
    }
  }
  /// It is not needed any more: this one has found something.
  void remove_replaced() const;
  /// Whether existing() would find this search here, and not the one that was set aside.
  bool can_go_on() const;

  const std::filesystem::path& path() const { return claim_.path(); }

  /// Replaces a file of the search. RunError if it cannot be written.
  void write(std::string_view name, std::string_view content) const;
  /// The text of one; UsageError if there is none.
  std::string read(std::string_view name) const;

  /// Where a population is kept while others train, or for who resumes the search.
  std::filesystem::path population_path(const std::string& name) const;
  void remove_population(const std::string& name) const;
  /// Of a search that is finished.
  void remove_populations() const;

 private:
  void restore_replaced() const;
  explicit SearchDirectory(DirectoryClaim claim) : claim_(std::move(claim)) {}

  DirectoryClaim claim_;
};

}  // namespace polyak
