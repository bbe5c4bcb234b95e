#include "io/file_descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "polyak/core/error.hpp"

namespace polyak {

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (is_open()) ::close(descriptor_);
}

bool FileDescriptor::is_at(const std::filesystem::path& path) const {
  struct stat named {};
  struct stat open {};
  const bool is_named = ::stat(path.c_str(), &named) == 0;
  const bool is_known = is_open() && ::fstat(descriptor_, &open) == 0;
  return is_named == is_known && named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

bool FileDescriptor::write(std::string_view content) const {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool FileDescriptor::write_at(std::int64_t position, std::string_view content) const {
  while (!content.empty()) {
    const ssize_t written = ::pwrite(descriptor_, content.data(), content.size(), position);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
    position += written;
  }
  return true;
}

bool FileDescriptor::read_at(std::int64_t position, std::span<char> content) const {
  while (!content.empty()) {
    errno = 0;
    const ssize_t count = ::pread(descriptor_, content.data(), content.size(), position);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    content = content.subspan(static_cast<std::size_t>(count));
    position += count;
  }
  return true;
}

std::int64_t FileDescriptor::size() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 ? status.st_size : 0;
}

bool FileDescriptor::sync() const {
  int result = 0;
  do {
    result = ::fsync(descriptor_);
  } while (result != 0 && errno == EINTR);
  // Pipes, terminals and some network directories have nothing to synchronise and say so.
  return result == 0 || errno == EINVAL || errno == EROFS;
}

bool FileDescriptor::close() {
  // Linux has closed the descriptor even where it reports an interruption.
  return ::close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR;
}

void sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor descriptor(
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() && errno == EACCES) return;
  if (!descriptor.is_open() || !descriptor.sync()) fail_to_write(directory);
}

/// Not by std::filesystem, whose iterator ends the process where memory ends.
std::vector<std::string> names_in_directory(const std::filesystem::path& directory) {
  struct Close {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  const std::unique_ptr<DIR, Close> stream(::opendir(directory.c_str()));
  std::vector<std::string> names;
  while (stream) {
    errno = 0;
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) {
    throw RunError("cannot read " + directory.string() + ": " + std::strerror(errno));
  }
  return names;
}

void remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return;
  throw RunError("cannot remove " + path.string() + ": " + std::strerror(errno));
}

void fail_to_write(const std::filesystem::path& path) {
  throw RunError("cannot write " + path.string() + ": " + std::strerror(errno));
}

}  // namespace polyak
