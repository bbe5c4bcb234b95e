#include "io/directory_claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

/// By errno: a path that cannot be used as asked, or a machine that has no more to give.
[[noreturn]] void refuse_with_reason(const fs::path& path, const std::string& what) {
  if (errno == ENOTDIR) {
    refuse_directory(output_option, path, "it, or what it is in, is not a directory");
  }
  const bool machine = errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EMFILE ||
                       errno == ENFILE || errno == ENOMEM;
  const std::string why = what + " (" + std::strerror(errno) + ")";
  if (machine) throw RunError(path.string() + " " + why);
  refuse_directory(output_option, path, why);
}

}  // namespace

/// True if the directory is new, false with errno if it is not.
bool DirectoryClaim::create(const fs::path& path) {
  created_.reserve(created_.size() + 1);  // what is created can then be remembered
  int result = ::mkdir(path.c_str(), 0777);
  if (result != 0 && errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    if (!create(path.parent_path()) && errno != EEXIST) return false;
    created_.reserve(created_.size() + 1);
    result = ::mkdir(path.c_str(), 0777);
  }
  if (result == 0) created_.push_back(path);
  return result == 0;
}

/// False if another process has it or has just removed it.
bool DirectoryClaim::lock() {
  directory_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory_.is_open()) {
    if (errno == ENOENT) return false;
    refuse_with_reason(path_, "cannot be opened");
  }
  // Who looks whether a training has the directory (is_claimed) holds it for an instant.
  constexpr int max_looks = 10;
  for (int look = 0; ::flock(directory_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
       ++look) {
    if (look == max_looks) {
      created_.clear();  // it belongs to the other one now
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  // A process that gives up removes what it created, perhaps between our opening and locking it.
  return directory_.is_at(path_);
}

std::optional<DirectoryClaim> DirectoryClaim::try_named(const fs::path& path) {
  DirectoryClaim claim;
  claim.path_ = path;
  const fs::path plain = path.has_filename() ? path : path.parent_path();  // without a last slash
  if (!claim.create(plain) && errno != EEXIST) {
    if (errno == ENOENT) return {};
    refuse_with_reason(path, "cannot be created");
  }
  if (claim.lock()) {
    if (::access(path.c_str(), W_OK | X_OK) != 0) refuse_with_reason(path, "cannot be written in");
    return claim;
  }
  if (claim.directory_.is_open() && claim.directory_.is_at(path)) {
    refuse_directory(output_option, path, "is in use by another training or search");
  }
  return {};
}

DirectoryClaim DirectoryClaim::named(const fs::path& path) {
  // Again only while others remove what they created.
  constexpr int max_attempts = 100;
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    if (std::optional<DirectoryClaim> claim = try_named(path)) return *std::move(claim);
  }
  errno = ENOENT;
  refuse_with_reason(path, "cannot be created");
}

DirectoryClaim DirectoryClaim::existing(const fs::path& path) {
  const auto refuse = [&](const std::string& why) { refuse_directory(resumed_option, path, why); };
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    refuse(fs::exists(path, error) ? "that is no directory" : "there is no such directory");
  }
  DirectoryClaim claim;
  claim.path_ = path;
  claim.directory_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!claim.directory_.is_open() || ::access(path.c_str(), W_OK | X_OK) != 0) {
    refuse(std::string("cannot be written in (") + std::strerror(errno) + ")");
  }
  if (::flock(claim.directory_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    refuse("is in use by another training or search");
  }
  return claim;
}

DirectoryClaim DirectoryClaim::numbered(const fs::path& base) {
  constexpr int max_numbers = 100'000;
  for (int number = 1; number < max_numbers; ++number) {
    DirectoryClaim claim;
    claim.path_ = base;
    if (number > 1) claim.path_ += "-" + std::to_string(number);
    if (claim.create(claim.path_)) {
      if (claim.lock()) return claim;
    } else if (errno != EEXIST && errno != ENOENT) {
      refuse_with_reason(claim.path_, "cannot be created");
    }
  }
  errno = EEXIST;
  refuse_with_reason(base, "cannot be created");
}

DirectoryClaim::~DirectoryClaim() {
  for (; !created_.empty(); created_.pop_back()) ::rmdir(created_.back().c_str());
}

void DirectoryClaim::sync_created() const {
  for (const fs::path& directory : created_) sync_directory(directory.parent_path());
}

bool is_claimed(const fs::path& directory) {
  const FileDescriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return descriptor.is_open() && ::flock(descriptor.get(), LOCK_SH | LOCK_NB) != 0 &&
         errno == EWOULDBLOCK;
}

void refuse_directory(std::string_view option, const fs::path& path, const std::string& why) {
  throw UsageError(std::string(option) + " " + path.string() + ": " + why);
}

}  // namespace polyak
