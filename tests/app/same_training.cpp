#include "app/same_training.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/checkpoint_files.hpp"
#include "io/temporary_directory.hpp"
#include "io/tensor_file.hpp"
#include "io/text_value.hpp"

namespace polyak::test {
namespace {

using nlohmann::json;

/// metrics.csv or evaluations.csv without the column of seconds.
std::string table_in(const std::filesystem::path& run, const char* name) {
  std::string text;
  for (const std::string& line : split_text(read_text(run / name), '\n')) {
    std::vector<std::string> fields = split_text(line, ',');
    if (fields.size() > 3) fields.erase(fields.begin() + 3);
    text += join_text(fields, ",") + "\n";
  }
  return text;
}

/// A checkpoint's tensors by name, as bytes.
std::map<std::string, std::string> tensors_in(const std::filesystem::path& run) {
  const std::filesystem::path path = run / checkpoint_file_name(0);
  TensorFileReader(path).verify();
  const std::string content = read_text(path);
  std::uint64_t length = 0;
  std::copy_n(content.begin(), 8, reinterpret_cast<char*>(&length));
  const json header = json::parse(content.substr(8, length));
  std::map<std::string, std::string> tensors;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") continue;
    const auto begin = value["data_offsets"][0].get<std::size_t>();
    const auto end = value["data_offsets"][1].get<std::size_t>();
    tensors[name] = content.substr(8 + length + begin, end - begin);
  }
  return tensors;
}

std::vector<double> doubles_of(const std::string& bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

void expect_same_training(const std::filesystem::path& actual,
                          const std::filesystem::path& expected) {
  for (const char* const table : {"metrics.csv", "evaluations.csv"}) {
    EXPECT_EQ(table_in(actual, table), table_in(expected, table));
  }
  std::map<std::string, std::string> tensors = tensors_in(actual), others = tensors_in(expected);
  const std::vector<double> means = doubles_of(tensors["unreported.means"]);
  const std::vector<double> other_means = doubles_of(others["unreported.means"]);
  ASSERT_EQ(means.size(), other_means.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    EXPECT_TRUE(std::isnan(means[i])
                    ? std::isnan(other_means[i])
                    : std::abs(means[i] - other_means[i]) <= 1e-13 * std::abs(other_means[i]))
        << means[i] << " and " << other_means[i];
  }
  tensors.erase("unreported.means");
  others.erase("unreported.means");
  EXPECT_TRUE(tensors == others);
  int policies = 0;
  for (const auto& entry : std::filesystem::directory_iterator(expected)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("policy")) continue;
    EXPECT_TRUE(read_text(entry.path()) == read_text(actual / name)) << name;
    ++policies;
  }
  EXPECT_GT(policies, 0);
}

}  // namespace polyak::test
