// docs/tuning-space.md: its example is a space, and what it says of populations is so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/fields.hpp"
#include "io/read_file.hpp"
#include "search/sampler.hpp"
#include "search/spaces.hpp"

namespace polyak {
namespace {

std::string page() {
  return read_whole_file(POLYAK_SOURCE_DIRECTORY "/docs/tuning-space.md", 1u << 20);
}

std::string example() {
  const std::string text = page(), begin = "```toml\n";
  const std::size_t first = text.find(begin) + begin.size();
  return text.substr(first, text.find("```", first) - first);
}

TEST(SpacePage, ItsExampleCanBeTrained) {
  const Space space = test::space_of(example());
  EXPECT_EQ(space.fields.size(), 10u);
  bool conditional = false;
  for (int i = 0; i < 64; ++i) {
    const Setting setting = setting_at(space, Sampler::sobol, 1, i);
    EXPECT_NO_THROW(configured({}, setting, "tuning-space.md"));
    conditional = conditional || find_value(setting, "actor-delay") != nullptr;
  }
  EXPECT_TRUE(conditional);
}

TEST(SpacePage, NamesTheFieldsInWhichAPopulationMixes) {
  const std::string text = page();
  const std::size_t begin = text.find("Agents of one population"), end = text.find('.', begin);
  const std::string list = text.substr(begin, end - begin);
  visit_field_members(Config{}, [&](const FieldInfo& field, auto) {
    const bool named = list.find("`" + std::string(field.name) + "`") != std::string::npos;
    EXPECT_EQ(named, field.per_agent && field.name != "seed") << field.name;
  });
}

}  // namespace
}  // namespace polyak
