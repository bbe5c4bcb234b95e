#include "app/bad_input.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>

#include "app/program.hpp"
#include "io/policy_samples.hpp"

namespace polyak::test {

void fill(const TemporaryDirectory& directory) {
  sample_policy().save(directory / "policy.safetensors");
  const std::string bytes = read_text(directory / "policy.safetensors");
  write_text(directory / "truncated.safetensors", bytes.substr(0, bytes.size() - 10));
  std::string corrupted = bytes;
  corrupted[20] = '\x01';
  write_text(directory / "corrupted.safetensors", corrupted);
  write_text(directory / "foreign.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
  write_text(directory / "text", "some text, long enough for a header\n");
  write_text(directory / "config.toml", "agents = 2\nagens = 3\n");
  write_text(directory / "twice.toml", "agents = 2\ntau = 0.1\nagents = 3\n");
  write_text(directory / "section.toml", "[Learning]\nagents = 2\n");
  write_text(directory / "foreign.toml", "gamma = 0.9\n");
  write_text(directory / "steps_in.csv", "theta,theta_dot,action\n1,0,0\n");
  write_text(directory / "starts.json", R"({"theta": [0], "theta_dot": [0]})");
  write_text(directory / "s", "tau = [0.1, 0.2]\n");
  write_text(directory / "td3.toml", "algorithm = \"td3\"\ntau = [0.1, 0.2]\n");
  write_text(directory / "scale.toml", "noise-scale = [0.2, 0.3]\n");
  std::filesystem::create_symlink("policy.safetensors", directory / "link");
  write_text(directory / "short.toml", "agents = 2\n=3\n");
  write_text(directory / "open.toml", "actor-hidden = [4,5\n");
  write_text(directory / "deep.json", "{\"meta\": " + std::string(100'000, '['));
  const std::string deep = "{\"a\": " + std::string(100'000, '[');
  const std::uint64_t length = deep.size();
  write_text(directory / "deep.safetensors",
             std::string(reinterpret_cast<const char*>(&length), sizeof length) + deep);
  write_text(directory / "range.toml", "agents = 0\n");
  write_text(directory / "nan.toml", "agents = 1\ndiscount = nan\n");
  Policy wide = sample_policy();
  wide.action_scale[0] *= 2.0f;
  wide.save(directory / "wide.safetensors");
  write_text(directory / "steps.csv", "theta,action\n1,2\n");
  write_text(directory / "nan.csv", "theta,theta_dot,action\n1,nan,0\n");
  write_text(directory / "car.json", R"({"position": [0], "velocity": [0]})");
  std::filesystem::create_directories(directory.path() / "remains" / ".polyak-staging");
  write_text(directory.path() / "remains" / ".polyak-staging" / "notes", "");
  std::filesystem::create_directory(directory / "empty");
  std::filesystem::create_directory(directory / "full");
  write_text(directory / "full" / "file", "");
}

void expect_refusal(const BadInput& input) {
  const TemporaryDirectory directory;
  fill(directory);
  const std::vector<std::string> before = directory.listing();
  const ProgramResult result = run_program(input.arguments, directory.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_TRUE(result.errors.ends_with('\n'));
  EXPECT_LT(result.errors.size(), 500u);
  EXPECT_THAT(result.errors, testing::StartsWith("polyak: "));
  EXPECT_THAT(result.errors, testing::HasSubstr(input.expected));
  EXPECT_EQ(directory.listing(), before);
}

}  // namespace polyak::test
