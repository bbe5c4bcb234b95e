#include "app/options/named_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const NamedFile& file, const std::string& why) {
  throw UsageError(file.option + " " + file.path.string() + ": " + why);
}

/// Where a link leads that has no file at its end, which writing through it would make.
fs::path followed(fs::path path) {
  constexpr int max_links = 40;
  std::error_code error;
  for (int i = 0; i < max_links && !fs::exists(path, error); ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) break;
    path = path.parent_path() / target;  // an absolute target replaces the parent
  }
  return path;
}

/// The path with all its links followed as far as it exists.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(followed(path), error), error);
  return error ? path : whole;
}

/// What a training has written is not to be had again.
void refuse_file_of_training(const NamedFile& file) {
  const fs::path path = resolved(file.path);
  std::error_code error;
  if (!is_run_file_name(path.filename().string()) || !fs::is_regular_file(path, error)) return;
  if (agents_of_training(path.parent_path())) {
    refuse(file, "is a file of the training in that directory; choose another name");
  }
}

/// Whether a file can be made in a directory, which only trying tells: rights, read-only file
/// systems and those of the kernel all have a say. errno is set if not.
bool can_make_files(const fs::path& directory) {
  std::string name = (directory / ".polyak_XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) return false;
  ::close(descriptor);
  ::unlink(name.c_str());
  return true;
}

void check_can_be_written(const NamedFile& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file.path, error);
  if (fs::is_directory(status)) refuse(file, "is a directory; give a file");
  if (fs::exists(status) && ::access(file.path.c_str(), W_OK) != 0) {
    refuse(file, std::string("cannot be written (") + std::strerror(errno) + ")");
  }
  // A device or a pipe is written to as it is; a file is replaced by a new one beside it.
  if (fs::exists(status) && !fs::is_regular_file(status)) return;
  const fs::path directory = resolved(file.path).parent_path();
  const fs::path given = file.path.has_parent_path() ? file.path.parent_path() : fs::path(".");
  if (!fs::is_directory(directory, error)) {
    const bool linked = fs::is_symlink(fs::symlink_status(file.path, error));
    refuse(file, "there is no directory " + (linked ? directory : given).string());
  }
  if (!can_make_files(directory)) {
    refuse(file, "cannot write into " + given.string() + " (" + std::strerror(errno) + ")");
  }
}

}  // namespace

std::vector<NamedFile> given_files(const CLI::App& command,
                                   std::initializer_list<const char*> options) {
  std::vector<NamedFile> files;
  for (const char* const name : options) {
    for (const std::string& path : command.get_option(name)->results()) {
      if (path.empty()) throw UsageError(std::string(name) + ": needs the name of a file");
      if (path.starts_with("--")) {
        throw UsageError(std::string(name) + ": needs the name of a file, not the option " + path +
                         "; a file of such a name is ./" + path);
      }
      files.push_back({name, path});
    }
  }
  return files;
}

bool is_standard_output(const fs::path& path) {
  struct stat given {
  }, output{};
  return ::stat(path.c_str(), &given) == 0 && ::fstat(STDOUT_FILENO, &output) == 0 &&
         given.st_dev == output.st_dev && given.st_ino == output.st_ino && !S_ISCHR(output.st_mode);
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  const fs::file_status of_a = fs::status(a, error), of_b = fs::status(b, error);
  if (fs::exists(of_a) && fs::exists(of_b)) {
    // Reading from a terminal or /dev/null and writing to it is nothing that could be lost.
    return fs::is_regular_file(of_a) && fs::equivalent(a, b, error);
  }
  return !fs::exists(of_a) && !fs::exists(of_b) && resolved(a) == resolved(b);
}

void check_outputs(std::span<const NamedFile> outputs, std::span<const NamedFile> inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const NamedFile& output = outputs[i];
    if (output.path == "-") {
      refuse(output,
             "is no file; give a name, /dev/stdout for the standard output, or ./- for a file that "
             "is called so");
    }
    for (const NamedFile& input : inputs) {
      if (!is_same_file(output.path, input.path)) continue;
      refuse(output, "is the file that is read as " + input.option + " " + input.path.string() +
                         "; choose another name");
    }
    for (const NamedFile& other : outputs.first(i)) {
      if (is_same_file(output.path, other.path)) {
        refuse(output, "is the file of " + other.option + ", too; choose another name");
      }
    }
    refuse_file_of_training(output);
    check_can_be_written(output);
  }
}

}  // namespace polyak
