// Preloaded into the program under test: one call of one kind fails, as the system says it may.
//   POLYAK_FAILING_CALL  KIND:NUMBER, the NUMBERth call of this kind (see kinds) since main()
//   began;
//                        `change` stands for every call that changes the file system
//   POLYAK_FAILING_HOW   once; always: this call and all later ones of its kind, as on a disk that
//                        is full; kill: the process ends at once, without the call
//   POLYAK_FAILING_MARK  a file that is created when it has happened
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace {

std::atomic<bool> counting{false};
std::atomic<long> calls{0};

std::string_view setting(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

bool is_chosen(std::string_view kind, bool changes_files) {
  static const std::string_view chosen = setting("POLYAK_FAILING_CALL");
  const std::string_view name = chosen.substr(0, chosen.find(':'));
  return name == kind || (changes_files && name == "change");
}

long chosen_number() {
  static const std::string_view chosen = setting("POLYAK_FAILING_CALL");
  const std::size_t colon = chosen.find(':');
  return colon == std::string_view::npos ? 0 : std::atol(chosen.data() + colon + 1);
}

/// Whether this call fails, with errno set.
bool fails(std::string_view kind, int error, bool changes_files = false) {
  if (!counting || !is_chosen(kind, changes_files)) return false;
  const long number = ++calls, chosen = chosen_number();
  const bool later = number > chosen && setting("POLYAK_FAILING_HOW") == "always";
  if (number != chosen && !later) return false;
  const std::string_view mark = setting("POLYAK_FAILING_MARK");
  ::syscall(SYS_close, ::syscall(SYS_openat, AT_FDCWD, mark.data(), O_CREAT | O_WRONLY, 0600));
  if (setting("POLYAK_FAILING_HOW") == "kill") ::raise(SIGKILL);
  errno = error;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (fails("allocation", ENOMEM)) return nullptr;
  return alignment == 0
             ? std::malloc(size)
             : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  if (void* const memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc();
}

int (*real_main)(int, char**, char**) = nullptr;

int counted_main(int argc, char** argv, char** environment) {
  counting = true;
  return real_main(argc, argv, environment);
}

int open_next(const char* name, const char* path, int flags, va_list more) {
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  if (fails("open", EMFILE, (flags & O_CREAT) != 0)) return -1;
  return next<int(const char*, int, ...)>(name)(path, flags, mode);
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size, 0); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void* stack_end) {
  real_main = main;
  return next<decltype(__libc_start_main)>("__libc_start_main")(counted_main, argc, argv, init,
                                                                fini, rtld_fini, stack_end);
}

ssize_t write(int descriptor, const void* data, size_t size) {
  if (fails("write", ENOSPC, true)) return -1;
  return next<decltype(write)>("write")(descriptor, data, size);
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t position) {
  if (fails("write", ENOSPC, true)) return -1;
  return next<decltype(pwrite)>("pwrite")(descriptor, data, size, position);
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off_t position) {
  if (fails("write", ENOSPC, true)) return -1;
  return next<decltype(pwrite64)>("pwrite64")(descriptor, data, size, position);
}

int fsync(int descriptor) {
  if (fails("fsync", EIO, true)) return -1;
  return next<decltype(fsync)>("fsync")(descriptor);
}

int ftruncate(int descriptor, off_t size) noexcept {
  if (fails("ftruncate", EIO, true)) return -1;
  return next<int(int, off_t)>("ftruncate")(descriptor, size);
}

int close(int descriptor) {
  const int result = next<decltype(close)>("close")(descriptor);
  return fails("close", EIO) ? -1 : result;
}

int rename(const char* from, const char* to) noexcept {
  if (fails("rename", EIO, true)) return -1;
  return next<int(const char*, const char*)>("rename")(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (fails("mkdir", ENOSPC, true)) return -1;
  return next<int(const char*, mode_t)>("mkdir")(path, mode);
}

int unlink(const char* path) noexcept {
  if (fails("unlink", EIO, true)) return -1;
  return next<int(const char*)>("unlink")(path);
}

int rmdir(const char* path) noexcept {
  if (fails("rmdir", EIO, true)) return -1;
  return next<int(const char*)>("rmdir")(path);
}

int flock(int descriptor, int operation) noexcept {
  if (fails("flock", ENOLCK)) return -1;
  return next<int(int, int)>("flock")(descriptor, operation);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int result = open_next("open", path, flags, more);
  va_end(more);
  return result;
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int result = open_next("open64", path, flags, more);
  va_end(more);
  return result;
}

FILE* fopen64(const char* path, const char* mode) {
  if (fails("open", EMFILE)) return nullptr;
  return next<FILE*(const char*, const char*)>("fopen64")(path, mode);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  if (fails("thread", EAGAIN)) return EAGAIN;
  return next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create")(
      thread, attributes, start, argument);
}

}  // extern "C"
