// The project's source files as text, for the tests of its structure.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace polyak::architecture {

/// A source file by its path inside the project, with forward slashes.
struct SourceFile {
  std::string path;
  std::vector<std::string> lines;
};

/// The C++ and CUDA sources (.hpp .cpp .cuh .cu) under the given folders of the project, by path.
std::vector<SourceFile> read_sources(const std::filesystem::path& project,
                                     const std::vector<std::string>& folders);

/// An #include line.
struct Include {
  std::string target;  // as written, without quotes or brackets
  bool in_brackets;    // <target>
  std::size_t line;    // from 1
};
std::vector<Include> includes_of(const SourceFile& file);

/// The lines without comments and without the content of string literals, so that words can be
/// looked for in code alone. Same number of lines.
std::vector<std::string> code_lines(const SourceFile& file);

}  // namespace polyak::architecture
