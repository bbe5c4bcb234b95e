#include "emulator/ptx/runtime/host_symbols.hpp"

#include <dlfcn.h>
#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "emulator/error.hpp"

namespace polyak::emulator::ptx {
namespace {

constexpr const char* kProgram = "/proc/self/exe";

using Names = std::map<std::uintptr_t, std::string>;

std::vector<char> read_program() {
  std::ifstream file(kProgram, std::ios::binary);
  std::vector<char> content((std::istreambuf_iterator<char>(file)), {});
  if (content.size() < sizeof(Elf64_Ehdr)) throw Error("cannot read the program's symbols");
  return content;
}

template <class T>
T read_at(const std::vector<char>& content, std::size_t offset) {
  T value;
  std::memcpy(&value, content.data() + offset, sizeof(T));
  return value;
}

/// Where the program was loaded: what has to be added to its symbols' values.
std::uintptr_t load_address(const Elf64_Ehdr& header) {
  Dl_info info{};
  if (header.e_type != ET_DYN) return 0;
  if (dladdr(reinterpret_cast<const void*>(&load_address), &info) == 0) {
    throw Error("cannot tell where the program was loaded");
  }
  return reinterpret_cast<std::uintptr_t>(info.dli_fbase);
}

void add_functions(const std::vector<char>& content, const Elf64_Shdr& table,
                   const Elf64_Shdr& strings, std::uintptr_t base, Names& names) {
  for (std::size_t at = 0; at < table.sh_size; at += sizeof(Elf64_Sym)) {
    const auto symbol = read_at<Elf64_Sym>(content, table.sh_offset + at);
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_value == 0) continue;
    names.try_emplace(base + symbol.st_value, content.data() + strings.sh_offset + symbol.st_name);
  }
}

Names read_names() {
  const std::vector<char> content = read_program();
  const auto header = read_at<Elf64_Ehdr>(content, 0);
  const std::uintptr_t base = load_address(header);
  const auto section = [&](std::size_t index) {
    return read_at<Elf64_Shdr>(content, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  Names names;
  for (std::size_t index = 0; index < header.e_shnum; ++index) {
    const Elf64_Shdr table = section(index);
    if (table.sh_type == SHT_SYMTAB)
      add_functions(content, table, section(table.sh_link), base, names);
  }
  return names;
}

}  // namespace

std::string name_of_function(const void* function) {
  static const Names names = read_names();
  const auto found = names.find(reinterpret_cast<std::uintptr_t>(function));
  return found == names.end() ? "" : found->second;
}

}  // namespace polyak::emulator::ptx
