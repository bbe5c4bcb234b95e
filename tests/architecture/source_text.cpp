#include "architecture/source_text.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>

namespace polyak::architecture {
namespace {

namespace fs = std::filesystem;

bool is_source(const fs::path& path) {
  static const std::set<std::string> extensions = {".hpp", ".cpp", ".cuh", ".cu"};
  return extensions.contains(path.extension().string());
}

SourceFile read_source(const fs::path& project, const fs::path& path) {
  SourceFile file{fs::relative(path, project).generic_string(), {}};
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
  return file;
}

/// Copies one line without comments and literals; `in_comment` says whether it starts inside /* */.
std::string code_of_line(const std::string& line, bool& in_comment) {
  std::string code;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view rest = std::string_view(line).substr(i);
    if (in_comment) {
      in_comment = !rest.starts_with("*/");
      if (!in_comment) ++i;
    } else if (rest.starts_with("//")) {
      break;
    } else if (rest.starts_with("/*")) {
      in_comment = true;
      ++i;
    } else if (line[i] == '"') {
      code += "\"\"";
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\') ++i;
      }
    } else {
      code += line[i];
    }
  }
  return code;
}

}  // namespace

std::vector<SourceFile> read_sources(const fs::path& project,
                                     const std::vector<std::string>& folders) {
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(project / folder)) {
      if (entry.is_regular_file() && is_source(entry.path())) {
        files.push_back(read_source(project, entry.path()));
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex pattern(R"(\s*#\s*include\s*([<"])([^>"]+)[>"])");
  constexpr auto from_the_beginning = std::regex_constants::match_continuous;
  std::vector<Include> includes;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    std::smatch match;
    if (std::regex_search(file.lines[i], match, pattern, from_the_beginning)) {
      includes.push_back({match[2].str(), match[1].str() == "<", i + 1});
    }
  }
  return includes;
}

std::vector<std::string> code_lines(const SourceFile& file) {
  std::vector<std::string> code;
  bool in_comment = false;
  for (const std::string& line : file.lines) code.push_back(code_of_line(line, in_comment));
  return code;
}

}  // namespace polyak::architecture
