#include "io/table_file.hpp"

#include "io/run_files.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

TableFile TableFile::continued(const std::filesystem::path& path, std::string_view header,
                               std::int64_t size) {
  if (size < static_cast<std::int64_t>(header.size()) || !begins_with(path, header)) {
    throw UsageError(path.string() + ": is not that of the checkpoint");
  }
  TableFile table;
  table.file_ = OutputFile::continued(path, size);
  return table;
}

std::string TableFile::append(std::string_view lines) {
  unwritten_ += lines;
  try {
    file_.append(unwritten_);
    unwritten_.clear();
    return {};
  } catch (const RunError& error) {
    return error.what();
  }
}

std::string TableFile::sync() {
  std::string failure = append({});
  try {
    file_.sync();
  } catch (const RunError& error) {
    failure = error.what();
  }
  return failure;
}

}  // namespace polyak
