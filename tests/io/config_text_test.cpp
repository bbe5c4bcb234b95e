#include "io/config_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/fields.hpp"

namespace polyak {
namespace {

Config unusual_config() {
  Config config;
  config.environment_parameters = {"gravity=9.81"};
  config.agents = 3;
  config.seed = std::vector<std::uint64_t>{3, 9, 18446744073709551615u};
  config.learning_rate_actor = std::vector<float>{1e-3f, 3e-4f};
  config.exploration = Exploration::ornstein_uhlenbeck;
  config.actor_hidden = {31};
  config.normalise_observations = true;
  return config;
}

/// The line of a field, without its comment.
std::string line_of(const std::string& toml, const std::string& name) {
  const std::size_t begin = toml.find("\n" + name + " = ") + 1;
  return toml.substr(begin, toml.find("  #", begin) - begin);
}

TEST(ConfigText, TomlHasEveryField) {
  const std::string toml = config_to_toml(Config{});
  const Config defaults;
  int fields = 0;
  visit_fields(defaults, [&](const FieldInfo& field, const auto&) {
    ++fields;
    EXPECT_NE(toml.find("\n" + std::string(field.name) + " = "), std::string::npos) << field.name;
  });
  EXPECT_GT(fields, 20);
  EXPECT_NE(toml.find("\n[Learning]\nbatch-size = "), std::string::npos);
  EXPECT_NE(toml.find("\n[\"Replay and returns\"]\nsampling = "), std::string::npos);
}

TEST(ConfigText, TomlWritesEveryKindOfValue) {
  const std::string toml = config_to_toml(unusual_config());
  EXPECT_EQ(line_of(toml, "environment"), "environment = \"Pendulum-v1\"");
  EXPECT_EQ(line_of(toml, "environment-parameter"), "environment-parameter = \"gravity=9.81\"");
  EXPECT_EQ(line_of(toml, "agents"), "agents = 3");
  EXPECT_EQ(line_of(toml, "seed"), "seed = [3, 9, \"18446744073709551615\"]");
  EXPECT_EQ(line_of(toml, "learning-rate-actor"), "learning-rate-actor = [0.001, 3e-04]");
  EXPECT_EQ(line_of(toml, "exploration"), "exploration = \"ornstein-uhlenbeck\"");
  EXPECT_EQ(line_of(toml, "actor-hidden"), "actor-hidden = 31");
  EXPECT_EQ(line_of(toml, "normalise-observations"), "normalise-observations = true");
  EXPECT_EQ(line_of(toml, "time-limit-terminal"), "time-limit-terminal = false");
}

TEST(ConfigText, JsonHasNumbersAsTheyWereMeant) {
  const nlohmann::ordered_json json = config_to_json(unusual_config());
  EXPECT_EQ(json["learning-rate-actor"].dump(), "[0.001,0.0003]");
  EXPECT_EQ(json["seed"].dump(), "[3,9,18446744073709551615]");
  EXPECT_EQ(json["noise-theta"].dump(), "0.15");
  EXPECT_EQ(json["exploration"], "ornstein-uhlenbeck");
  EXPECT_EQ(json["actor-hidden"].dump(), "[31]");
  EXPECT_EQ(json["normalise-observations"], true);
  EXPECT_EQ(json["environment-parameter"].dump(), "[\"gravity=9.81\"]");
}

}  // namespace
}  // namespace polyak
