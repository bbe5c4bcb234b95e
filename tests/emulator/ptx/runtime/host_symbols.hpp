#pragma once

#include <string>

namespace polyak::emulator::ptx {

/// The mangled name of a function of this program, found in the symbol table of its file: dladdr
/// would not know kernels, which are no symbols that others can link to. Empty if there is none.
/// Throws Error if the file cannot be read.
std::string name_of_function(const void* function);

}  // namespace polyak::emulator::ptx
