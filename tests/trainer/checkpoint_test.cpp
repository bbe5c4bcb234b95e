#include "trainer/checkpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "config/fields.hpp"
#include "io/atomic_file.hpp"
#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/trainer.hpp"
#include "support/configs.hpp"
#include "support/resumption.hpp"
#include "trainer/resumable_config.hpp"
#include "trainer/trainer_access.hpp"
#include "trainer/trainer_config.hpp"

namespace polyak {
namespace {

using test::read_text;
using test::TemporaryDirectory;
using test::write_text;
using testing::HasSubstr;

/// Runs to the end with a checkpoint after so many steps.
void train_and_save(Trainer& trainer, std::int64_t steps, const std::filesystem::path& path) {
  TrainerOptions options;
  options.checkpoint_steps = steps;
  options.on_checkpoint = [&] {
    if (trainer.environment_steps() == steps) trainer.save(path);
  };
  EXPECT_EQ(trainer.run(options), StopReason::finished);
}

TrainingState state_of(Trainer& trainer) { return TrainerAccess::backend(trainer).export_state(); }

std::string refusal(const std::function<void()>& action) {
  try {
    action();
    return {};
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
}

TEST(Checkpoint, EveryTrainingGoesOnAsIfItHadNotBeenInterrupted) {
  for (const SignatureCase& training : signature_cases()) {
    test::expect_same_when_resumed(training, {DeviceKind::cpu, Engine::automatic, 1},
                                   {DeviceKind::cpu, Engine::automatic, 3});
  }
}

TEST(Checkpoint, OfATrainingThatWasStoppedInTheMiddleOfAReport) {
  const TemporaryDirectory directory;
  const auto rows_of = [](Trainer& trainer, const std::atomic<bool>& stop,
                          const std::function<void()>& after_report = {}) {
    std::vector<std::pair<std::int64_t, std::int64_t>> rows;
    TrainerOptions options;
    options.stop = &stop;
    options.report_steps = 150;
    options.on_report = [&](const Report& report) {
      rows.emplace_back(report.environment_steps, report.agents[0].updates);
      if (after_report) after_report();
    };
    trainer.run(options);
    return rows;
  };
  std::atomic<bool> stop{false};
  Trainer whole(test::trainer_config());
  const auto expected = rows_of(whole, stop);
  ASSERT_EQ(expected.size(), 4u);
  Trainer first(test::trainer_config());
  TrainerOptions until_200;
  until_200.stop = &stop;
  until_200.report_steps = 150;
  std::vector<std::int64_t> reported;
  until_200.on_report = [&](const Report& report) { reported.push_back(report.environment_steps); };
  until_200.checkpoint_steps = 200;
  until_200.on_checkpoint = [&] { stop = true; };
  EXPECT_EQ(first.run(until_200), StopReason::interrupted);
  EXPECT_EQ(reported, (std::vector<std::int64_t>{150, 200}));
  first.save(directory / "checkpoint");
  stop = false;
  Trainer second = Trainer::resume(directory / "checkpoint");
  EXPECT_EQ(second.environment_steps(), 200);
  const auto rest = rows_of(second, stop);
  EXPECT_EQ(rest, (decltype(rest){expected[1], expected[2], expected[3]}));
  test::expect_same_bits(state_of(whole), state_of(second));
}

TEST(Checkpoint, MoreStepsGiveTheLongerTraining) {
  const TemporaryDirectory directory;
  const Config config = test::trainer_config();
  Trainer first(config);
  first.run({});
  first.save(directory / "checkpoint");
  Trainer second =
      Trainer::resume(directory / "checkpoint", [](Config& c) { c.total_steps = 900; });
  second.run({});
  EXPECT_EQ(second.environment_steps(), 900);
  Config longer = config;
  longer.total_steps = 900;
  Trainer whole(longer);
  whole.run({});
  test::expect_same_bits(state_of(whole), state_of(second));
}

// With many early endings, each of which takes a row more, a replay that has room for the whole
// training may overwrite rows that a longer training's would have kept.
TEST(Checkpoint, StepsThatTheReplayHasForgottenCannotBeAdded) {
  const TemporaryDirectory directory;
  Config config = test::trainer_config();
  Trainer trainer(config);
  trainer.run({});
  TrainingState state = state_of(trainer);
  state.rows_written[1] += 1000;
  TrainerAccess::backend(trainer).import_state(state);
  trainer.save(directory / "checkpoint");
  const auto resume_with = [&](std::int64_t steps) {
    return refusal([&] {
      Trainer::resume(directory / "checkpoint", [&](Config& c) { c.total_steps = steps; });
    });
  };
  EXPECT_EQ(resume_with(600), "");
  EXPECT_THAT(resume_with(900), HasSubstr("--total-steps"));
}

TEST(Checkpoint, AReplayThatWasFullBeforeMayGoOn) {
  const TemporaryDirectory directory;
  Config config = test::trainer_config();
  config.replay_capacity = 70;
  Trainer first(config);
  train_and_save(first, 500, directory / "checkpoint");
  config.total_steps = 900;
  Trainer whole(config);
  whole.run({});
  Trainer second =
      Trainer::resume(directory / "checkpoint", [](Config& c) { c.total_steps = 900; });
  second.run({});
  test::expect_same_bits(state_of(whole), state_of(second));
}

TEST(Checkpoint, OnlyWhatCannotTouchThePastMayChange) {
  const Config saved = test::trainer_config();
  visit_field_members(saved, [&]<class T>(const FieldInfo& field, T Config::*member) {
    Config wanted = saved;
    if constexpr (std::is_same_v<T, bool>) {
      wanted.*member = !(wanted.*member);
    } else if constexpr (std::is_arithmetic_v<T>) {
      wanted.*member = static_cast<T>(wanted.*member + 1);
    } else if constexpr (requires { (wanted.*member).values; }) {
      (wanted.*member).values.push_back({});
    } else if constexpr (std::is_enum_v<T>) {
      wanted.*member = static_cast<T>(static_cast<int>(wanted.*member) == 0 ? 1 : 0);
    } else if constexpr (requires { (wanted.*member).push_back({}); }) {
      (wanted.*member).push_back({});
    } else {
      wanted.device = DeviceKind::cuda;
    }
    // Own products are what `auto` takes.
    if (field.name == "matrix-product") wanted.matrix_product = MatrixProduct::cublas;
    const std::string why = refusal([&] { require_resumable(saved, wanted); });
    const bool free = field.name == "device" || field.name == "engine" || field.name == "threads" ||
                      field.name == "total-steps";
    EXPECT_EQ(why.starts_with("--" + std::string(field.name) + ":"), !free) << why;
  });
}

TEST(Checkpoint, SchedulesThatEndWithTheTrainingKeepItsLength) {
  Config saved = test::trainer_config(), wanted = saved;
  wanted.total_steps = 700;
  EXPECT_EQ(refusal([&] { require_resumable(saved, wanted); }), "");
  EXPECT_THAT(refusal([&] { require_resumable(wanted, saved); }), HasSubstr("--total-steps 600"));
  saved.learning_rate_decay = wanted.learning_rate_decay = LearningRateDecay::linear;
  EXPECT_THAT(refusal([&] { require_resumable(saved, wanted); }),
              HasSubstr("--learning-rate-decay"));
  saved.learning_rate_decay = wanted.learning_rate_decay = LearningRateDecay::constant;
  saved.noise_scale_final = wanted.noise_scale_final = std::vector<float>{-1.0f, 0.1f};
  EXPECT_THAT(refusal([&] { require_resumable(saved, wanted); }), HasSubstr("--noise-scale-final"));
  saved.noise_decay_steps = wanted.noise_decay_steps = std::int64_t{500};
  EXPECT_EQ(refusal([&] { require_resumable(saved, wanted); }), "");
}

TEST(Checkpoint, WhatIsNoneIsRefusedInOneLine) {
  const TemporaryDirectory directory;
  Trainer trainer(test::trainer_config());
  train_and_save(trainer, 300, directory / "good");
  const std::string good = read_text(directory / "good");
  const auto refusal_of = [&](const std::string& content) {
    write_text(directory / "bad", content);
    return refusal([&] { Trainer::resume(directory / "bad"); });
  };
  for (std::size_t i = 0; i < good.size(); i += good.size() / 40) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_NE(refusal_of(damaged), "") << i;
  }
  EXPECT_THAT(refusal_of(good.substr(0, good.size() - 1)), HasSubstr("truncated"));
  EXPECT_THAT(refusal_of(""), HasSubstr("truncated"));
  trainer.policy(0).save(directory / "policy");
  EXPECT_THAT(refusal_of(read_text(directory / "policy")), HasSubstr("no checkpoint of polyak's"));
  std::string newer = good;
  const std::string mark = "\"format_version\":\"";
  newer[newer.find(mark) + mark.size()] = '7';
  EXPECT_THAT(refusal_of(newer), HasSubstr("of format 7, written by polyak 0."));
  EXPECT_THAT(refusal([&] { Trainer::resume(directory / "missing"); }), HasSubstr("no such file"));
  EXPECT_EQ(refusal([&] { Trainer::resume(directory / "good"); }), "");
}

TEST(Checkpoint, HasOnlyTheRowsOfTheReplayThatHaveBeenWritten) {
  const TemporaryDirectory directory;
  Config config = test::trainer_config();
  config.total_steps = 100'000;
  Trainer trainer(config);
  trainer.save(directory / "first");
  const auto bytes = std::filesystem::file_size(directory / "first");
  // In memory 100,000 rows of six floats for each agent.
  EXPECT_LT(bytes, 50'000u);
  const TensorFileReader file(directory / "first");
  EXPECT_EQ(file.find("replay_rows")->shape, (std::vector<std::int64_t>{4, 6}));
}

/// In a process of its own: saves a training and goes on from there with half as much memory
/// besides as its networks take.
void exit_after_saving(const std::filesystem::path& path) {
  Config config = test::trainer_config();
  config.agents = 6;
  config.actor_hidden = config.critic_hidden = {256, 256};
  Trainer trainer(config);
  Backend& backend = TrainerAccess::backend(trainer);
  // Actors and critics, as large, with targets and two moments.
  const std::size_t networks = 2 * 4 * sizeof(float) * backend.actor_parameters().size();
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const auto most = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE)) + networks / 2;
  const rlimit limit{most, most};
  if (::setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(3);
  try {
    trainer.save(path);
    Checkpoint(path).load(config, backend);
    std::_Exit(0);
  } catch (const std::bad_alloc&) {
    std::_Exit(1);
  }
}

TEST(Checkpoint, NeedsNoSecondPopulationInMemory) {
  const TemporaryDirectory directory;
  EXPECT_EXIT(exit_after_saving(directory / "checkpoint"), testing::ExitedWithCode(0), "");
}

TEST(Checkpoint, KeepsTheFilesOfWhoeverSavesIt) {
  const TemporaryDirectory directory;
  Trainer trainer(test::trainer_config());
  const auto kept = [&](const std::vector<std::string>& files) {
    const std::filesystem::path path = directory / "checkpoint";
    write_file_atomically(path, [&](const FileDescriptor& file) {
      TrainerAccess::save(trainer, file, path, {{{"note", "a text"}}, files});
    });
    const Checkpoint checkpoint(path);
    EXPECT_EQ(checkpoint.note("note"), "a text");
    TrainerAccess::resume(checkpoint, checkpoint.config());
    return checkpoint.kept_files();
  };
  using Files = std::vector<std::string>;
  EXPECT_EQ(kept({}), Files{});
  const Files files = {"odd", "", std::string("\0\n\xff", 3), std::string(3'000'000, 'x')};
  EXPECT_TRUE(kept(files) == files);
}

TEST(Checkpoint, IsTakenByStepsAndAtTheEnd) {
  const auto taken = [](std::int64_t steps, double interval) {
    std::vector<std::int64_t> at;
    Trainer trainer(test::trainer_config());
    TrainerOptions options;
    options.checkpoint_steps = steps;
    options.checkpoint_interval = interval;
    options.on_checkpoint = [&] { at.push_back(trainer.environment_steps()); };
    trainer.run(options);
    return at;
  };
  using Steps = std::vector<std::int64_t>;
  EXPECT_EQ(taken(250, 0.0), (Steps{250, 500, 600}));
  EXPECT_EQ(taken(300, 0.0), (Steps{300, 600})) << "one at the end, not two";
  EXPECT_EQ(taken(0, 1e6), (Steps{600}));
  EXPECT_GT(taken(0, 1e-9).size(), 3u);
}

}  // namespace
}  // namespace polyak
