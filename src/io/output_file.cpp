#include "io/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "polyak/core/error.hpp"

namespace polyak {

OutputFile::OutputFile(const std::filesystem::path& path, std::filesystem::path shown_as)
    : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)),
      shown_as_(std::move(shown_as)) {
  if (!descriptor_.is_open()) fail_to_write(shown_as_);
}

OutputFile OutputFile::continued(const std::filesystem::path& path, std::int64_t size) {
  OutputFile file;
  file.descriptor_ = FileDescriptor(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  file.shown_as_ = path;
  if (!file.descriptor_.is_open()) {
    throw UsageError(path.string() + ": cannot be continued (" + std::strerror(errno) + ")");
  }
  if (file.descriptor_.size() < size) {
    throw UsageError(path.string() + ": has only " + std::to_string(file.descriptor_.size()) +
                     " bytes of the " + std::to_string(size) + " to continue behind");
  }
  if (::ftruncate(file.descriptor_.get(), size) != 0 ||
      ::lseek(file.descriptor_.get(), size, SEEK_SET) != size) {
    fail_to_write(path);
  }
  file.size_ = size;
  return file;
}

void OutputFile::append(std::string_view text) {
  if (!descriptor_.write(text)) {
    const int reason = errno;
    // Half a line would be read as a whole one. If even this fails, half a line it is.
    const bool cut_back = ::ftruncate(descriptor_.get(), size_) == 0 &&
                          ::lseek(descriptor_.get(), size_, SEEK_SET) == size_;
    static_cast<void>(cut_back);
    errno = reason;
    fail_to_write(shown_as_);
  }
  size_ += static_cast<std::int64_t>(text.size());
}

void OutputFile::sync() const {
  if (!descriptor_.sync()) fail_to_write(shown_as_);
}

void OutputFile::finish() {
  sync();
  if (!descriptor_.close()) fail_to_write(shown_as_);
}

void write_new_file(const std::filesystem::path& path, std::string_view content,
                    const std::filesystem::path& shown_as) {
  OutputFile file(path, shown_as);
  try {
    file.append(content);
    file.finish();
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

}  // namespace polyak
