// Several files of a directory that are replaced together.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// A set of a training's files on its way into the run directory. The files are written into a
/// hidden directory, and only when all of them are on the disk do they take the places of those
/// before them:
///
///   while they are written   .polyak-staging has what there is of the new files; the directory has
///                            all of the old ones, whole
///   commit, one rename       .polyak-staging becomes .polyak-commit: the new set is whole
///   each file's rename       the directory has the new file or, until then, the old one; what is
///                            not there yet is in .polyak-commit
///   removal                  files of the old set that the new one does not have are removed;
///   which
///                            those are stands in .polyak-commit, too
///
/// A process that ends anywhere in it (kill -9, a power failure) leaves that state. Before the
/// commit the next training finds the old set and throws the stage away; after it, recover()
/// completes the move. A policy file is whole under its name at any instant.
class StagedFiles {
 public:
  /// `names`: the directory's whole set after the commit. Files of the set that are not staged are
  /// already in the directory and stay. `older`: the set before it.
  StagedFiles(std::filesystem::path directory, std::vector<std::string> names,
              const std::vector<std::string>& older);
  /// Throws away what was not committed.
  ~StagedFiles();
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;

  /// Where to write a file so that the commit brings it into the directory.
  std::filesystem::path path(const std::string& name) const;

  /// Makes a file of the set of one that is staged, and that was not meant to be of it. Before the
  /// commit. RunError if that cannot be noted: then it is not of the set.
  void add(const std::string& name);

  /// Moves the files, which must be on the disk, into the directory. RunError if that fails: before
  /// anything was replaced, or so that another call, or recover(), can complete it.
  void commit();
  /// Whether the new set is the directory's, though its files may still have to be moved.
  bool is_committed() const { return committed_; }

  /// Where a training that replaces an older one keeps its own files until its policies are on the
  /// disk.
  static std::filesystem::path stage_in(const std::filesystem::path& directory);

  /// Completes a commit that was cut off, throws away a stage that was, and removes temporary
  /// files. UsageError, with everything left as it is, if there is anything of somebody else's
  /// among what would be removed; `option` named the directory. For whoever holds its lock.
  static void recover(const std::filesystem::path& directory, std::string_view option);

  /// Gives the newest whole set's files to `read`, which opens those that it wants; where a commit
  /// was cut off, they are in part still in the hidden directory. Gives it the next set if another
  /// one took the place of this one meanwhile: what it has read in the end is of one set.
  /// UsageError or RunError of `read`, or if the files cannot be listed.
  static void read_newest(
      const std::filesystem::path& directory,
      const std::function<void(const std::vector<std::filesystem::path>& files)>& read);

  /// Whether something of this name in a run directory is no file of the training but on its way
  /// to become one.
  static bool is_transient_name(std::string_view name);

 private:
  void discard_quietly() const;

  std::filesystem::path directory_;
  std::vector<std::string> names_, removed_;  // what the commit brings and what it takes away
  bool committed_ = false;
};

}  // namespace polyak
