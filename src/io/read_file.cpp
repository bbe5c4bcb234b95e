#include "io/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw UsageError(path.string() + ": " + why);
}

/// A file open for reading.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path)
      : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ >= 0) return;
    refuse(path, errno == ENOENT ? "no such file"
                                 : std::string("cannot be opened (") + std::strerror(errno) + ")");
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { ::close(descriptor_); }

  /// The number of bytes read into `buffer`; 0 at the end.
  std::size_t read(char* buffer, std::size_t size) const {
    for (;;) {
      const ssize_t count = ::read(descriptor_, buffer, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EISDIR) refuse(path_, "is a directory; name a file in it");
      if (errno != EINTR) {
        refuse(path_, std::string("cannot be read (") + std::strerror(errno) + ")");
      }
    }
  }

 private:
  const std::filesystem::path& path_;
  int descriptor_;
};

}  // namespace

std::string read_whole_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  constexpr std::size_t first_size = std::size_t{64} << 10;
  const InputFile file(path);
  std::string content;
  std::size_t used = 0;
  for (;;) {
    // One byte more than allowed is enough to know that there are too many.
    if (used == content.size()) {
      content.resize(std::min<std::uint64_t>(std::max(first_size, 2 * used), max_bytes + 1));
    }
    const std::size_t count = file.read(content.data() + used, content.size() - used);
    used += count;
    if (used > max_bytes) {
      refuse(path,
             "has more than " + std::to_string(max_bytes) + " bytes, too many to be such a file");
    }
    if (count == 0) break;
  }
  content.resize(used);
  return content;
}

}  // namespace polyak
