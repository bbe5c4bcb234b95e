#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
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
  const std::filesystem::file_status status = std::filesystem::symlink_status(path);
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

std::string read_whole_file(const std::filesystem::path& path, std::uintmax_t most_bytes) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw UsageError(path.string() + ": no such file");
  if (!std::filesystem::is_regular_file(status)) {
    throw UsageError(path.string() + ": is not a regular file");
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > most_bytes) {
    throw UsageError(path.string() + ": has " + std::to_string(size) +
                     " bytes, too many to be such a file (at most " + std::to_string(most_bytes) +
                     ")");
  }
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    throw UsageError(path.string() + ": cannot be read (" + std::strerror(errno) + ")");
  }
  return content;
}

}  // namespace polyak
