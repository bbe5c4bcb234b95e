// The files that a command reads and writes, looked at before it begins its work.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace polyak {

/// A file with the option that names it, for messages.
struct NamedFile {
  std::string option;  // "--output"
  std::filesystem::path path;
};

/// The files that these options of a command name, those that were given. UsageError if a name is
/// empty or is the next option.
std::vector<NamedFile> given_files(const CLI::App& command,
                                   std::initializer_list<const char*> options);

/// Whether both are the same regular file, however they are spelt and linked; of files that do not
/// exist yet, whether both would be.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Whether what is written there is what whoever reads the standard output gets: it is the same
/// file or pipe, so that text beside it would be in the middle of it. A terminal takes both.
bool is_standard_output(const std::filesystem::path& path);

/// UsageError unless every output can be written to, and none of them would replace an input,
/// another output, or a file of a training in its run directory. Known before hours of work, not
/// after; leaves nothing behind.
void check_outputs(std::span<const NamedFile> outputs, std::span<const NamedFile> inputs);

}  // namespace polyak
