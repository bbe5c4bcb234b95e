// docs/options.md is what the table of fields says, written as Markdown.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/config.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

constexpr std::string_view introduction =
    R"(# Every option of a training

Written from the program's own table of options; a test fails where this page differs from it. To write it anew:

    POLYAK_WRITE_PAGES=1 build/release/tests/polyak_tests --gtest_filter='OptionsPage.*'

`polyak train --help` has the same. Options go on the command line as `--NAME VALUE`, or into a file for `--config`
as every run directory's `config.toml` has them. *Per agent*: a list is allowed, and goes round the agents.
*Engines*: where the option works, the CPU or the GPU's layered or fused engine; everywhere else only its default
is accepted. [Choosing options](choosing-options.md) says which ones go together.
)";

/// Every condition that a row of the table makes is met, so that it names those engines that have
/// the option where it counts.
Config with_conditions() {
  Config config;
  config.target_noise = 0.2f;
  config.actor_weight_decay = 0.01f;
  return config;
}

std::string engines_text(const Engines& engines) {
  if (engines == every_engine) return "all";
  if (engines == not_fused) return "CPU, layered";
  if (engines == gpu_engines) return "layered, fused";
  if (engines == layered_alone) return "layered";
  EXPECT_EQ(engines, outside_training) << "a set of engines that this page has no words for";
  return "";
}

std::string range_text(const FieldInfo& field) {
  if (field.lowest >= field.highest) return "";
  char text[64];
  std::snprintf(text, sizeof text, "%.10g to %.10g", field.lowest, field.highest);
  return text;
}

std::string fused_environments() {
  std::string names;
  for (const EnvironmentInfo& environment : all_environments()) {
    if (!is_fused_environment(environment.name)) continue;
    names += (names.empty() ? "" : ", ") + std::string(environment.name);
  }
  return names;
}

std::string options_page() {
  std::string page(introduction);
  page += "The fused engine is compiled for " + fused_environments() + ".\n";
  const Config defaults;
  std::string_view group;
  visit_field_members(with_conditions(), [&](const FieldInfo& field, auto member) {
    if (field.group != group) {
      group = field.group;
      page += "\n## " + std::string(group) +
              "\n\n| option | default | range | per agent | engines | meaning |\n"
              "|---|---|---|---|---|---|\n";
    }
    const std::string value = join_text(field_texts(defaults.*member), ",");
    page += "| `--" + std::string(field.name) + "` | " + (value.empty() ? "none" : value) + " | " +
            range_text(field) + " | " + (field.per_agent ? "yes" : "") + " | " +
            engines_text(field.engines) + " | " + std::string(field.help) + " |\n";
  });
  return page;
}

TEST(OptionsPage, IsWhatTheTableOfFieldsSays) {
  const std::string path = POLYAK_SOURCE_DIRECTORY "/docs/options.md";
  const std::string page = options_page();
  if (std::getenv("POLYAK_WRITE_PAGES") != nullptr) std::ofstream(path) << page;
  std::ifstream file(path);
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(written == page)
      << path
      << " is not what the table of fields says; with POLYAK_WRITE_PAGES=1 "
         "in its environment this test writes it";
}

}  // namespace
}  // namespace polyak
