// The files of recurrent policies: what is written can be read, and what does not fit is refused.
#include <functional>

#include "io/policy_file_parts.hpp"
#include "io/policy_samples.hpp"
#include "support/print_enums.hpp"

namespace polyak {
namespace {

using nlohmann::json;
using test::FileParts;
using test::recurrent_policy;
using test::refusal;
using testing::HasSubstr;

class RecurrentPolicyFile : public testing::TestWithParam<PolicyKind> {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentPolicyFile,
                         testing::Values(PolicyKind::lstm, PolicyKind::gru));

TEST_P(RecurrentPolicyFile, ReadsBackExactly) {
  const test::TemporaryDirectory directory;
  const Policy policy = recurrent_policy(GetParam());
  policy.save(directory / "p.safetensors");
  const Policy read = Policy::load(directory / "p.safetensors");
  ASSERT_TRUE(read.cell);
  EXPECT_EQ(read.cell->kind, GetParam());
  EXPECT_EQ(read.cell->inputs, 5);
  EXPECT_EQ(read.cell->units, 7);
  EXPECT_EQ(read.cell->input_weight, policy.cell->input_weight);
  EXPECT_EQ(read.cell->input_bias, policy.cell->input_bias);
  EXPECT_EQ(read.cell->recurrent_weight, policy.cell->recurrent_weight);
  EXPECT_EQ(read.cell->recurrent_bias, policy.cell->recurrent_bias);
  EXPECT_EQ(read.reward_scale, 0.3f);
  EXPECT_EQ(read.observation_size(), 3);
  EXPECT_EQ(read.observation_mean, policy.observation_mean);
  EXPECT_EQ(read.observation_scale, policy.observation_scale);
  EXPECT_EQ(read.layers[0].inputs, 10);
  EXPECT_EQ(read.layers[0].weight, policy.layers[0].weight);
  EXPECT_EQ(read.layers[0].norm_weight, policy.layers[0].norm_weight);
}

TEST_P(RecurrentPolicyFile, IsWhatOtherReadersExpect) {
  const FileParts parts(test::saved_bytes(recurrent_policy(GetParam())));
  const json& metadata = parts.header["__metadata__"];
  EXPECT_EQ(metadata["format_version"], "3") << "older programs must not act with such a policy";
  EXPECT_EQ(metadata["cell"], GetParam() == PolicyKind::lstm ? "lstm" : "gru");
  EXPECT_EQ(metadata["reward_scale"], "0.3");
  EXPECT_EQ(metadata["observation_size"], "3");
  const int sums = GetParam() == PolicyKind::lstm ? 28 : 21;
  EXPECT_EQ(parts.header["cell.input.weight"]["shape"], json({sums, 5}));
  EXPECT_EQ(parts.header["cell.input.bias"]["shape"], json({sums}));
  EXPECT_EQ(parts.header["cell.recurrent.weight"]["shape"], json({sums, 7}));
  EXPECT_EQ(parts.header["cell.recurrent.bias"]["shape"], json({sums}));
  EXPECT_EQ(parts.header["actor.0.weight"]["shape"], json({5, 10}));
}

TEST_P(RecurrentPolicyFile, MayDoWithoutANormaliserButNotWithHalfOfOne) {
  Policy policy = recurrent_policy(GetParam());
  FileParts parts(test::saved_bytes(policy));
  parts.header["__metadata__"].erase("observation_mean");
  EXPECT_THAT(refusal(parts.bytes()), HasSubstr("lacks 'observation_mean'"));
  policy.observation_mean.clear();
  policy.observation_scale.clear();
  parts = FileParts(test::saved_bytes(policy));
  EXPECT_FALSE(parts.header["__metadata__"].contains("observation_mean"));
  EXPECT_EQ(refusal(parts.bytes()), "");
}

std::string refusal_of(PolicyKind kind, const std::function<void(FileParts&)>& change) {
  FileParts parts(test::saved_bytes(recurrent_policy(kind)));
  change(parts);
  return refusal(parts.bytes());
}

TEST_P(RecurrentPolicyFile, MetadataIsChecked) {
  const auto with = [](const char* key, const char* value) {
    return refusal_of(GetParam(),
                      [&](FileParts& file) { file.header["__metadata__"][key] = value; });
  };
  const auto without = [](const char* key) {
    return refusal_of(GetParam(), [&](FileParts& file) { file.header["__metadata__"].erase(key); });
  };
  EXPECT_THAT(with("cell", "rnn"), HasSubstr("'rnn'; lstm and gru are possible"));
  EXPECT_THAT(with("cell", "feed-forward"), HasSubstr("'feed-forward'"));
  const char* const other = GetParam() == PolicyKind::lstm ? "gru" : "lstm";
  EXPECT_THAT(with("cell", other), HasSubstr("do not fit each other"));
  for (const char* const bad : {"nan", "inf", "much", ""}) {
    EXPECT_THAT(with("reward_scale", bad), HasSubstr("reward_scale")) << bad;
  }
  EXPECT_THAT(without("cell"), HasSubstr("lacks 'cell'"));
  EXPECT_THAT(without("reward_scale"), HasSubstr("lacks 'reward_scale'"));
  EXPECT_THAT(with("format_version", "1"), HasSubstr("10 tensors for 2 layers"));
  EXPECT_THAT(with("format_version", "2"), HasSubstr("10 tensors for 2 layers"));
  EXPECT_THAT(with("observation_size", "10"), HasSubstr("observation_size"));
}

TEST_P(RecurrentPolicyFile, EveryTensorIsNeeded) {
  for (const std::string name :
       {"cell.input.weight", "cell.input.bias", "cell.recurrent.weight", "cell.recurrent.bias"}) {
    EXPECT_THAT(refusal_of(GetParam(),
                           [&](FileParts& file) {
                             file.header["other"] = file.header[name];
                             file.header.erase(name);
                           }),
                HasSubstr("'" + name + "' is missing"));
  }
  EXPECT_THAT(refusal_of(GetParam(),
                         [](FileParts& file) {
                           const std::size_t end = file.values.size();
                           file.header["other"] = {
                               {"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {end, end + 4}}};
                           file.values += std::string(4, '\0');
                         }),
              HasSubstr("11 tensors for 2 layers"));
}

TEST_P(RecurrentPolicyFile, ShapesMustFitEachOther) {
  const auto refused = [](const char* name, const json& shape) {
    return refusal_of(GetParam(), [&](FileParts& file) { file.header[name]["shape"] = shape; });
  };
  const int sums = gate_count(GetParam()) * 7;
  EXPECT_THAT(refused("cell.input.weight", {5, sums}), HasSubstr("do not fit each other"));
  EXPECT_THAT(refused("cell.recurrent.weight", {7, sums}), HasSubstr("do not fit each other"));
  EXPECT_THAT(refused("cell.input.bias", {sums, 1}), HasSubstr("2 dimensions instead of 1"));
  EXPECT_THAT(refused("cell.recurrent.weight", {sums * 7}), HasSubstr("1 dimensions instead of 2"));
}

TEST_P(RecurrentPolicyFile, BiasesMustFitTheirWeights) {
  for (const char* const name : {"cell.input.bias", "cell.recurrent.bias"}) {
    EXPECT_THAT(refusal_of(GetParam(), [&](FileParts& file) { test::shorten(file, name); }),
                HasSubstr("do not fit each other"))
        << name;
  }
}

/// The refusal of a policy whose sizes need not fit each other.
std::string refusal_of_sizes(PolicyKind kind, int units, int inputs, int layer_inputs) {
  const auto zeros = [](int count) {
    return std::vector<float>(static_cast<std::size_t>(count), 0.0f);
  };
  const int sums = gate_count(kind) * units;
  Policy policy = test::sample_policy();
  policy.layers[0].inputs = layer_inputs;
  policy.layers[0].weight = zeros(5 * layer_inputs);
  policy.cell = PolicyCell{
      kind, inputs, units, zeros(sums * inputs), zeros(sums), zeros(sums * units), zeros(sums)};
  return refusal(test::saved_bytes(policy));
}

TEST_P(RecurrentPolicyFile, SizesMustFitEachOther) {
  EXPECT_EQ(refusal_of_sizes(GetParam(), 256, 5, 259), "");
  EXPECT_THAT(refusal_of_sizes(GetParam(), 257, 5, 260), HasSubstr("257 units wide; 1 to 256"));
  EXPECT_THAT(refusal_of_sizes(GetParam(), 4, 6, 7), HasSubstr("6 inputs instead of 5"));
  EXPECT_THAT(refusal_of_sizes(GetParam(), 4, 5, 6), HasSubstr("its network has 2 observation"));
}

TEST_P(RecurrentPolicyFile, EveryTruncationIsRefused) {
  const std::string bytes = test::saved_bytes(recurrent_policy(GetParam()));
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    EXPECT_NE(refusal(bytes.substr(0, length)), "") << "cut to " << length << " bytes";
  }
}

}  // namespace
}  // namespace polyak
