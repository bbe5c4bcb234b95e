#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "io/file_descriptor.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_prefix = ".polyak-", temporary_suffix = ".tmp";

/// A new file beside `path`, under a name that nothing has yet: not another process's (its number
/// is in the name), nor remains of one that had the same number.
fs::path create_temporary(const fs::path& path, FileDescriptor& file) {
  constexpr int max_attempts = 1000;
  static std::atomic<int> count{0};
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    fs::path name =
        path.parent_path() / (std::string(temporary_prefix) + std::to_string(::getpid()) + "-" +
                              std::to_string(count++) + std::string(temporary_suffix));
    file = FileDescriptor(
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (file.is_open()) return name;
    if (errno != EEXIST) break;
  }
  fail_to_write(path);
}

/// Removes a file at the end, unless it has got its final name.
class Removal {
 public:
  explicit Removal(const fs::path& path) : path_(path) {}
  ~Removal() {
    if (armed_) ::unlink(path_.c_str());
  }
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;
  void disarm() { armed_ = false; }

 private:
  const fs::path& path_;
  bool armed_ = true;
};

/// What a rename must name to replace the file that `path` leads to; empty for what is no regular
/// file and must be written to as it is: a device, a pipe, or whatever /dev/stdout stands for.
fs::path replaceable_path(const fs::path& path) {
  constexpr int max_links = 40;  // as many as Linux follows
  fs::path resolved = path;
  for (int link = 0; link < max_links; ++link) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(resolved, error);
    if (!fs::is_symlink(status)) {
      return !fs::exists(status) || fs::is_regular_file(status) ? resolved : fs::path();
    }
    const fs::path directory =
        fs::canonical(resolved.has_parent_path() ? resolved.parent_path() : ".", error);
    // A link of the process's descriptors: the file's name would be another file than the one open.
    if (error || directory.native().starts_with("/proc/")) return {};
    resolved = directory / fs::read_symlink(resolved, error);
    if (error) return {};
  }
  return {};
}

/// Behind what is there: /dev/stdout may be a file that others write to as well.
void write_directly(const fs::path& path, std::string_view content) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.is_open() || !file.write(content) || !file.sync() || !file.close()) fail_to_write(path);
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix)) return false;
  name.remove_prefix(temporary_prefix.size());
  return name.find_first_not_of("0123456789-") == name.size() - temporary_suffix.size();
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  if (replaceable_path(path).empty()) return write_directly(path, content);
  write_file_atomically(path, [&](const FileDescriptor& file) {
    if (!file.write(content)) fail_to_write(path);
  });
}

void write_file_atomically(const fs::path& path,
                           const std::function<void(const FileDescriptor& file)>& write,
                           const std::function<void()>& before) {
  const fs::path target = replaceable_path(path);
  if (target.empty()) throw UsageError(path.string() + ": is not a regular file");
  FileDescriptor file;
  const fs::path temporary = create_temporary(target, file);
  Removal removal(temporary);
  write(file);
  if (!file.sync() || !file.close()) fail_to_write(path);
  if (before) before();
  if (::rename(temporary.c_str(), target.c_str()) != 0) fail_to_write(path);
  removal.disarm();
  sync_directory(target.parent_path());
}

}  // namespace polyak
