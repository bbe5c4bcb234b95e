#include "emulator/engine/mapped_region.hpp"

#include <sys/mman.h>

#include "emulator/engine/sanitizers.hpp"
#include "emulator/error.hpp"

namespace polyak::emulator {
namespace {

char* map_pages(void* where, std::size_t bytes, int extra_flags) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | extra_flags;
  void* pages = mmap(where, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (pages == MAP_FAILED) throw Error("the emulator is out of address space");
  // Huge ones where the system has them: a block's stacks are so far apart that each lies in a page
  // of its own, which the processor has to look up. ThreadSanitizer maps anew with each gang.
  if constexpr (!kThreadSanitizer) madvise(pages, bytes, MADV_HUGEPAGE);
  return static_cast<char*>(pages);
}

}  // namespace

MappedRegion::~MappedRegion() { release_pages(); }

void MappedRegion::reserve(std::size_t bytes) {
  if (bytes <= bytes_) return;
  release_pages();
  data_ = map_pages(nullptr, bytes, 0);
  bytes_ = bytes;
}

void MappedRegion::refresh(std::size_t bytes) {
  if (bytes == 0) return;
  munmap(data_, bytes);
  map_pages(data_, bytes, MAP_FIXED);
}

void MappedRegion::release_pages() {
  if (data_ == nullptr) return;
  unpoison(data_, bytes_);  // whoever gets these addresses next must find them usable
  munmap(data_, bytes_);
  data_ = nullptr;
  bytes_ = 0;
}

}  // namespace polyak::emulator
