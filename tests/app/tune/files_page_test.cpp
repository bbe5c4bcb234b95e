// docs/tuning-files.md names every column and key that a search writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "app/tune/small_tune.hpp"
#include "io/read_file.hpp"
#include "io/text_value.hpp"

namespace polyak {
namespace {

using Json = nlohmann::json;

void add_columns(const std::filesystem::path& file, std::set<std::string>& names) {
  const std::string text = test::read_text(file);
  for (const std::string& name : split_text(text.substr(0, text.find('\n')), ',')) {
    names.insert(name);
  }
}

/// Those of the objects in it, too, but not the options of a setting.
void add_keys(const Json& json, std::set<std::string>& names) {
  for (const auto& [name, value] : json.items()) {
    if (json.is_object()) names.insert(name);
    if (value.is_structured() && name != "setting") add_keys(value, names);
  }
}

TEST(FilesPage, NamesAllColumnsAndKeys) {
  const test::TemporaryDirectory directory;
  test::write_text(directory / "starts.json",
                   R"({"theta": [0.5, 1.0], "theta_dot": [0.0, 0.0], "best_return": [-1, -2]})");
  std::set<std::string> names;
  for (const std::string scheduler : {"halving", "pbt"}) {
    test::write_text(directory / "space.toml", test::small_space);
    const test::ProgramResult result =
        test::run_program(test::small_search({"space.toml", "--scheduler", scheduler, "--output",
                                              scheduler, "--starts", "starts.json"}),
                          directory.path());
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    for (const auto& entry : std::filesystem::directory_iterator(directory / scheduler)) {
      if (entry.path().extension() == ".csv") add_columns(entry.path(), names);
    }
    add_keys(Json::parse(test::read_text(directory / scheduler / "summary.json")), names);
  }
  names.erase("tau");
  names.erase("learning_rate_critic");
  EXPECT_GT(names.size(), 35u);
  const std::string page =
      read_whole_file(POLYAK_SOURCE_DIRECTORY "/docs/tuning-files.md", 1u << 20);
  for (const std::string& name : names) {
    EXPECT_THAT(page, testing::HasSubstr("`" + name + "`"));
  }
}

}  // namespace
}  // namespace polyak
