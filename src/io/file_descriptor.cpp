#include "io/file_descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
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

bool FileDescriptor::write(std::string_view content) const {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
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

// Not by std::filesystem's iterator: where libstdc++'s runs out of memory, it ends the process.
std::vector<std::string> names_in_directory(const std::filesystem::path& directory) {
  const auto fail = [&] {
    throw RunError("cannot read " + directory.string() + ": " + std::strerror(errno));
  };
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(directory.c_str()), ::closedir);
  if (!entries) fail();
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(entries.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr && errno != 0) fail();
    if (entry == nullptr) return names;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

void fail_to_write(const std::filesystem::path& path) {
  throw RunError("cannot write " + path.string() + ": " + std::strerror(errno));
}

}  // namespace polyak
