#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw RunError("cannot write " + path.string() + ": " + std::strerror(error));
}

/// A file open for writing.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// Writes everything and waits until it is on the disk. False with errno set if a step fails.
  bool write_and_close(std::string_view content) {
    if (descriptor_ < 0) return false;
    while (!content.empty()) {
      const ssize_t written = ::write(descriptor_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    // Pipes and terminals have nothing to synchronise and say EINVAL.
    if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) return false;
    return ::close(std::exchange(descriptor_, -1)) == 0;
  }

 private:
  int descriptor_;
};

/// Whether a rename to `path` would replace a file like the one it makes, and not a device, a pipe
/// or a link such as /dev/stdout.
bool is_replaceable(const std::filesystem::path& path) {
  std::error_code error;  // what cannot be looked at cannot be opened either, which is reported
  const std::filesystem::file_status status = std::filesystem::symlink_status(path, error);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

}  // namespace

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  if (!is_replaceable(path)) {
    if (!OpenFile(path).write_and_close(content)) fail(path, errno);
    return;
  }
  std::filesystem::path temporary = path;
  temporary += ".tmp" + std::to_string(::getpid());
  if (!OpenFile(temporary).write_and_close(content) ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(path, error);
  }
}

}  // namespace polyak
