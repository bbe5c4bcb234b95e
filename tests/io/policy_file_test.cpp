// Policies as safetensors files: what is written can be read, and nothing else is taken for one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "io/policy_file_parts.hpp"
#include "io/policy_samples.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::FileParts;
using test::read_text;
using test::refusal;
using test::sample_policy;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

std::string saved_bytes() { return test::saved_bytes(sample_policy()); }

std::string refusal_of(const std::function<void(FileParts&)>& change) {
  FileParts parts(saved_bytes());
  change(parts);
  return refusal(parts.bytes());
}

TEST(PolicyFile, ReadsBackExactly) {
  const TemporaryDirectory directory;
  const Policy policy = sample_policy();
  policy.save(directory / "policy.safetensors");
  const Policy read = Policy::load(directory / "policy.safetensors");
  EXPECT_EQ(read.environment, policy.environment);
  EXPECT_EQ(read.environment_parameters, policy.environment_parameters);
  EXPECT_EQ(read.action_scale, policy.action_scale);
  EXPECT_EQ(read.action_offset, policy.action_offset);
  EXPECT_EQ(read.training, policy.training);
  ASSERT_EQ(read.layers.size(), policy.layers.size());
  for (std::size_t i = 0; i < policy.layers.size(); ++i) {
    EXPECT_EQ(read.layers[i].inputs, policy.layers[i].inputs);
    EXPECT_EQ(read.layers[i].outputs, policy.layers[i].outputs);
    EXPECT_EQ(read.layers[i].activation, policy.layers[i].activation);
    EXPECT_EQ(read.layers[i].weight, policy.layers[i].weight);
    EXPECT_EQ(read.layers[i].bias, policy.layers[i].bias);
  }
}

TEST(PolicyFile, KeepsTheNormalisationOfHiddenLayers) {
  const TemporaryDirectory directory;
  const Policy policy = test::normalised_policy();
  policy.save(directory / "policy.safetensors");
  const FileParts parts(read_text(directory / "policy.safetensors"));
  EXPECT_EQ(parts.header["actor.0.norm.weight"]["shape"], json({5}));
  EXPECT_EQ(parts.header["actor.0.norm.bias"]["shape"], json({5}));
  const Policy read = Policy::load(directory / "policy.safetensors");
  EXPECT_EQ(read.layers[0].norm_weight, policy.layers[0].norm_weight);
  EXPECT_EQ(read.layers[0].norm_bias, policy.layers[0].norm_bias);
  EXPECT_TRUE(read.layers[1].norm_weight.empty());
}

TEST(PolicyFile, RefusesHalfANormalisation) {
  const TemporaryDirectory directory;
  test::normalised_policy().save(directory / "policy.safetensors");
  const std::string bytes = read_text(directory / "policy.safetensors");
  const auto refusal_with = [&](const std::string& from, const std::string& to) {
    FileParts parts(bytes);
    parts.header[to] = parts.header[from];
    parts.header.erase(from);
    return refusal(parts.bytes());
  };
  EXPECT_THAT(refusal_with("actor.0.norm.bias", "actor.0.norm.other"),
              HasSubstr("'actor.0.norm.bias' is missing"));
  EXPECT_THAT(refusal_with("actor.0.norm.weight", "actor.0.norm.other"),
              HasSubstr("6 tensors for 2 layers"));
  EXPECT_THAT(refusal_with("actor.1.bias", "actor.1.norm.bias"), HasSubstr("actor.1.bias"));
}

TEST(PolicyFile, HasTheNormaliserIfThereIsOne) {
  const TemporaryDirectory directory;
  test::normalising_policy().save(directory / "policy.safetensors");
  const Policy read = Policy::load(directory / "policy.safetensors");
  EXPECT_EQ(read.observation_mean, test::normalising_policy().observation_mean);
  EXPECT_EQ(read.observation_scale, test::normalising_policy().observation_scale);
  FileParts parts(read_text(directory / "policy.safetensors"));
  json& metadata = parts.header["__metadata__"];
  EXPECT_EQ(metadata["format_version"], "2") << "older programs must not act with such a policy";
  EXPECT_EQ(metadata["observation_mean"], "0.1,-0.25,3");
  EXPECT_EQ(metadata["observation_scale"], "1.5,2,0.3");
  metadata["observation_scale"] = "1.5,2";
  EXPECT_THAT(refusal(parts.bytes()), HasSubstr("2 values for 3 observation dimensions"));
}

TEST(PolicyFile, WithoutANormaliserIsThatOfOlderPrograms) {
  const FileParts parts(saved_bytes());
  EXPECT_EQ(parts.header["__metadata__"]["format_version"], "1");
  EXPECT_FALSE(parts.header["__metadata__"].contains("observation_mean"));
  const TemporaryDirectory directory;
  write_text(directory / "p.safetensors", parts.bytes());
  EXPECT_TRUE(Policy::load(directory / "p.safetensors").observation_mean.empty());
}

TEST(PolicyFile, IsWhatOtherReadersExpect) {
  const std::string bytes = saved_bytes();
  const FileParts parts(bytes);
  EXPECT_EQ((bytes.size() - parts.values.size()) % 8, 0u) << "values are not aligned";
  EXPECT_EQ(parts.header["actor.0.weight"]["shape"], json({5, 3}));
  EXPECT_EQ(parts.header["actor.0.bias"]["shape"], json({5}));
  EXPECT_EQ(parts.header["actor.1.weight"]["shape"], json({1, 5}));
  const json& metadata = parts.header["__metadata__"];
  EXPECT_EQ(metadata["environment"], "Pendulum-v1");
  EXPECT_EQ(metadata["environment_parameters"], "gravity=9.81");
  EXPECT_EQ(metadata["observation_size"], "3");
  EXPECT_EQ(metadata["action_size"], "1");
  EXPECT_EQ(metadata["activations"], "elu,tanh");
  EXPECT_EQ(metadata["action_scale"], "2");
  EXPECT_EQ(metadata["action_offset"], "0");
  EXPECT_EQ(metadata["training.seed"], "3");
  const std::size_t begin = parts.header["actor.1.weight"]["data_offsets"][0];
  const std::vector<float> weight = sample_policy().layers[1].weight;
  EXPECT_EQ(std::memcmp(&parts.values[begin], weight.data(), weight.size() * sizeof(float)), 0);
}

TEST(PolicyFile, EveryTruncationIsRefused) {
  const std::string bytes = saved_bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_NE(refusal(bytes.substr(0, length)), "") << "cut to " << length << " bytes";
  }
}

TEST(PolicyFile, ForeignFilesAreRefused) {
  EXPECT_THAT(refusal("theta,theta_dot\n1,2\n"), HasSubstr("not a safetensors file"));
  EXPECT_THAT(refusal(std::string("\x08\0\0\0\0\0\0\0[1,2,3] ", 16)), HasSubstr("no JSON header"));
  EXPECT_THAT(refusal(std::string("\x02\0\0\0\0\0\0\0{}", 10)), HasSubstr("not a policy"));
  EXPECT_THAT(refusal_of([](FileParts& file) {
                file.header["__metadata__"] = {{"format", "pt"}};
              }),
              HasSubstr("not a policy"));
}

TEST(PolicyFile, CorruptedHeadersAreRefused) {
  const auto refused = [](const char* name, const char* key, const json& value) {
    return refusal_of([&](FileParts& file) { file.header[name][key] = value; });
  };
  EXPECT_THAT(refused("actor.0.bias", "dtype", "F16"), HasSubstr("F16"));
  EXPECT_THAT(refused("actor.0.bias", "shape", json({6})), HasSubstr("do not fit its shape"));
  EXPECT_THAT(refused("actor.0.bias", "shape", json({-5})), HasSubstr("shape"));
  EXPECT_THAT(refused("actor.0.bias", "shape", "5"), HasSubstr("shape"));
  EXPECT_THAT(refused("actor.0.bias", "shape", json({1ull << 62, 1ull << 62})),
              HasSubstr("too large"));
  EXPECT_THAT(refused("actor.0.bias", "data_offsets", json({0, 20})), HasSubstr("overlap"));
  EXPECT_THAT(refused("actor.0.bias", "data_offsets", json({80, 60})), HasSubstr("data_offsets"));
  EXPECT_THAT(refused("actor.1.bias", "data_offsets", json({1000000, 1000004})), HasSubstr("gap"));
  EXPECT_THAT(refused("__metadata__", "environment", 3), HasSubstr("not a string"));
  EXPECT_THAT(refusal_of([](FileParts& file) { file.header["actor.0.bias"].erase("dtype"); }),
              HasSubstr("lacks dtype"));
  EXPECT_THAT(refusal_of([](FileParts& file) { file.values += "more"; }),
              HasSubstr("no tensor names"));
  EXPECT_THAT(refusal_of([](FileParts& file) { file.values.resize(file.values.size() - 4); }),
              HasSubstr("truncated"));
}

TEST(PolicyFile, ValuesMustBeFinite) {
  const FileParts parts(saved_bytes());
  for (const char* const name :
       {"actor.0.weight", "actor.0.bias", "actor.1.weight", "actor.1.bias"}) {
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
      const std::size_t end = parts.header[name]["data_offsets"][1];
      EXPECT_THAT(refusal_of([&](FileParts& file) { std::memcpy(&file.values[end - 4], &bad, 4); }),
                  HasSubstr(std::string("tensor '") + name + "' has a value that is not finite"));
    }
  }
}

// What does not fit would be read beyond its end.
TEST(PolicyFile, BiasesAndNormsMustFitTheirLayers) {
  for (const std::string name : {"actor.0.bias", "actor.0.norm.weight", "actor.0.norm.bias"}) {
    FileParts parts(test::saved_bytes(test::normalised_policy()));
    EXPECT_EQ(refusal(parts.bytes()), "");
    test::shorten(parts, name);
    EXPECT_THAT(refusal(parts.bytes()), HasSubstr("do not fit")) << name;
  }
}

TEST(PolicyFile, RefusesAHeaderThatNamesSomethingTwice) {
  const auto with = [](const std::string& from, const std::string& to) {
    const FileParts parts(saved_bytes());
    std::string text = parts.header.dump();
    text.replace(text.find(from), from.size(), to);
    const std::uint64_t length = text.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return refusal(bytes + text + parts.values);
  };
  EXPECT_THAT(with("actor.1.bias", "actor.0.bias"), HasSubstr("key 'actor.0.bias' twice"));
  EXPECT_THAT(with("\"action_size\"", "\"activations\""), HasSubstr("key 'activations' twice"));
  EXPECT_THAT(with("\"environment\"", "\"environment\":" + std::string(100'000, '[')),
              HasSubstr("nested more than"));
}

TEST(Policy, ActsOnManyObservationsAsOnEach) {
  const Policy policy = sample_policy();
  const std::vector<float> observations = {0.5f, -1.0f, 2.0f, 0.1f, 0.2f, 0.3f};
  std::vector<float> expected = policy.act(std::span(observations).first(3));
  expected.push_back(policy.act(std::span(observations).last(3))[0]);
  EXPECT_EQ(policy.act_batch(observations), expected);
  EXPECT_TRUE(policy.act_batch({}).empty());
  EXPECT_THROW(policy.act_batch(std::span(observations).first(5)), UsageError);
}

TEST(PolicyFile, MetadataMustFitTheNetworkAndTheEnvironment) {
  const auto refused = [](const char* key, const char* value) {
    return refusal_of([&](FileParts& file) { file.header["__metadata__"][key] = value; });
  };
  EXPECT_THAT(refused("environment", "MountainCarContinuous-v0"), HasSubstr("gravity"));
  EXPECT_THAT(refused("environment_parameters", "gravity=heavy"), HasSubstr("gravity=heavy"));
  EXPECT_THAT(refused("observation_size", "4"), HasSubstr("observation_size"));
  EXPECT_THAT(refused("action_size", "2"), HasSubstr("action_size"));
  EXPECT_THAT(refused("activations", "elu,step"), HasSubstr("step"));
  EXPECT_THAT(refused("activations", "elu"), HasSubstr("4 tensors for 1 layers"));
  EXPECT_THAT(refused("activations", "elu,elu,elu,elu,elu,tanh"), HasSubstr("6 layers"));
  EXPECT_THAT(refused("action_scale", "2,2"), HasSubstr("action_scale"));
  EXPECT_THAT(refused("action_scale", "nan"), HasSubstr("action_scale"));
  EXPECT_THAT(refused("action_offset", ""), HasSubstr("action_offset"));
  EXPECT_THAT(refused("format_version", "2"), HasSubstr("lacks 'observation_mean'"));
  EXPECT_THAT(refused("format_version", "3"), HasSubstr("lacks 'cell'"));
  EXPECT_THAT(refused("format_version", "4"), HasSubstr("version '4'"));
  EXPECT_THAT(refusal_of([](FileParts& file) { file.header["__metadata__"].erase("activations"); }),
              HasSubstr("lacks 'activations'"));
}

TEST(PolicyFile, AnotherEnvironmentsPolicyIsRefused) {
  const std::string message = refusal_of([](FileParts& file) {
    json& metadata = file.header["__metadata__"];
    metadata["environment"] = "MountainCarContinuous-v0";
    metadata["environment_parameters"] = "goal_velocity=0";
  });
  EXPECT_THAT(message, HasSubstr("3 observation values"));
  EXPECT_THAT(message, HasSubstr("MountainCarContinuous-v0 has 2"));
}

TEST(PolicyFile, LayersMustFitEachOther) {
  EXPECT_THAT(refusal_of([](FileParts& file) {
                file.header["actor.1.weight"]["shape"] = {5, 1};
              }),
              HasSubstr("do not fit their neighbours"));
  EXPECT_THAT(refusal_of([](FileParts& file) {
                file.header["actor.2.weight"] = file.header["actor.1.weight"];
                file.header.erase("actor.1.weight");
              }),
              HasSubstr("'actor.1.weight' is missing"));
  EXPECT_THAT(refusal_of([](FileParts& file) { file.header["actor.0.weight"]["shape"] = {15}; }),
              HasSubstr("1 dimensions instead of 2"));
}

}  // namespace
}  // namespace polyak
