// Several files of a directory that are replaced together.
#pragma once

#include <filesystem>
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
///   removal                  old files that the new set does not have are removed
///
/// A process that ends anywhere in it (kill -9, a power failure) leaves that state. Before the
/// commit the next training finds the old set and throws the stage away; after it, recover()
/// completes the move. A policy file is whole under its name at any instant.
class StagedFiles {
 public:
  /// `names`: the directory's whole set after the commit. Files of the set that are not staged are
  /// already in the directory and stay.
  StagedFiles(std::filesystem::path directory, std::vector<std::string> names);
  /// Throws away what was not committed.
  ~StagedFiles();
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;

  /// Where to write a file so that the commit brings it into the directory.
  std::filesystem::path path(const std::string& name) const;

  /// Moves the files, which must be on the disk, into the directory. RunError if that fails: before
  /// anything was replaced, or so that recover() can complete it.
  void commit();

  /// Completes a commit that was cut off, throws away a stage that was, and removes temporary
  /// files. For whoever holds the directory's lock.
  static void recover(const std::filesystem::path& directory);

  /// The newest whole set's files, for readers: where a commit was cut off, they are in part still
  /// in the hidden directory. RunError if they cannot be listed.
  static std::vector<std::filesystem::path> newest_files(const std::filesystem::path& directory);

  /// Whether something of this name in a run directory is no file of the training but on its way
  /// to become one.
  static bool is_transient_name(std::string_view name);

 private:
  void discard_quietly() const;

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  bool committed_ = false;
};

}  // namespace polyak
