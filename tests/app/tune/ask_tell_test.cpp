// `polyak tune --ask-tell`: questions and answers.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using Json = nlohmann::json;

std::vector<Json> answers(const std::vector<std::string>& questions,
                          const std::vector<std::string>& more = {},
                          std::string* errors = nullptr) {
  const test::TemporaryDirectory directory;
  std::string text;
  for (std::string question : questions) {
    std::replace(question.begin(), question.end(), '\n', ' ');  // one line each
    text += question + "\n";
  }
  test::write_text(directory / "questions", text);
  std::vector<std::string> arguments = test::small_training(more);
  arguments.front() = "tune";
  arguments.insert(arguments.end(), {"--ask-tell"});
  if (std::find(more.begin(), more.end(), "--seeds") == more.end()) {
    arguments.insert(arguments.end(), {"--seeds", "2"});
  }
  const std::string file = (directory / "questions").string();
  const test::ProgramResult result = test::run_program(arguments, directory.path(), [file] {
    ::dup2(::open(file.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  });
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  if (errors != nullptr) *errors = result.errors;
  std::vector<Json> found;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) found.push_back(Json::parse(line));
  EXPECT_EQ(found.size(), questions.size()) << result.output;
  return found;
}

TEST(AskTell, AnswersWithScoresInTheOrderOfTheQuestion) {
  const auto found =
      answers({R"({"trials": [{"id": "b", "setting": {"tau": 0.1, "actor-hidden": [9]}},
                      {"id": 7, "setting": {"tau": 0.02}}]})",
               R"({"trials": [{"id": 7, "setting": {"tau": 0.02}}]})"});
  const Json& first = found[0].at("results");
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].at("id"), "b");
  EXPECT_EQ(first[0].at("status"), "ok");
  EXPECT_EQ(first[0].at("environment_steps"), 600);
  EXPECT_LT(first[0].at("worst"), first[0].at("score"));
  EXPECT_EQ(found[1].at("results")[0], first[1]);  // whoever is trained beside it
}

TEST(AskTell, TrialsGoOn) {
  const auto found = answers(
      {R"({"trials": [{"id": 1, "setting": {"tau": 0.1}}, {"id": 2, "setting": {"tau": 0.2}},
                      {"id": 3, "setting": {"tau": 0.3}}], "until": 200})",
       R"({"continue": [3, 1], "until": 400})", R"({"continue": [3]})", R"({"continue": [1]})",
       R"({"continue": []})", R"({"continue": [3, 3]})",
       R"({"trials": [{"id": 3, "setting": {"tau": 0.3}}]})"});
  EXPECT_EQ(found[0].at("results")[2].at("environment_steps"), 200);
  EXPECT_EQ(found[1].at("results")[0].at("id"), 3);
  EXPECT_EQ(found[1].at("results")[0].at("environment_steps"), 400);
  EXPECT_EQ(found[3].at("error"), "there is no trial 1 to continue");
  EXPECT_EQ(answers({R"({"trials": [{"id": 1, "setting": {}}], "until": 200})",
                     R"({"continue": [1], "until": 199})"})[1]
                .at("error"),
            "\"until\" is at least 200, which the trials already have, not 199");
  EXPECT_EQ(found[4].at("error"), "\"continue\" is a list of ids, of one at least, not []");
  EXPECT_EQ(found[5].at("error"), "\"continue\" has 3 twice");
  EXPECT_EQ(found[6].at("results"), found[2].at("results"));
}

TEST(AskTell, AQuestionThatIsRefusedChangesNothing) {
  std::string many = R"({"id": 0, "setting": {}})";
  for (int id = 1; id < 66; ++id)
    many += R"(, {"id": )" + std::to_string(id) + R"(, "setting": {}})";
  const auto found = answers(
      {R"({"trials": [{"id": 1, "setting": {"tau": 0.1}}, {"id": 2, "setting": {}}],
                  "until": 8})",
       R"({"continue": [1], "until": 0})",
       R"({"trials": [{"id": 3, "setting": {}}], "until": "soon"})",
       R"({"trials": [)" + many + R"(], "until": 8})", R"({"continue": [1, 2], "until": 8})"},
      {"--seeds", "1000"});
  EXPECT_EQ(found[3].at("error"),
            "a population has at most 65535 agents, not 66000 (66 trials of 1000 seeds); ask for "
            "fewer at once");
  ASSERT_TRUE(found[4].contains("results")) << found[4];
  EXPECT_EQ(found[4].at("results"), found[0].at("results"));
}

// What the configuration lacks a setting may have.
TEST(AskTell, SettingsAreWhatMustBePossible) {
  const auto found =
      answers({R"({"trials": [{"id": 1, "setting": {"batch-size": 8}}], "until": 100})",
               R"({"trials": [{"id": 1, "setting": {}}]})",
               R"({"trials": [{"id": 1, "setting": {"tau": 0.1}}]})"},
              {"--learning-starts", "9"});
  EXPECT_EQ(found[0].at("results")[0].at("status"), "ok");
  for (const std::size_t i : {1u, 2u}) {
    EXPECT_THAT(found[i].at("error").get<std::string>(),
                testing::StartsWith("--learning-starts: 9 environment steps"));
  }
}

// What an option needs the settings may have: only at the end it is known that none has.
TEST(AskTell, AnOptionOfWhichNoTrialMakesUseIsToldOf) {
  const auto errors = [](const std::string& setting) {
    std::string told;
    answers({R"({"trials": [{"id": 1, "setting": )" + setting + R"(}], "until": 8})"},
            {"--decoupled-weight-decay"}, &told);
    return told;
  };
  EXPECT_EQ(errors(R"({"critic-weight-decay": 0.1})"), "");
  EXPECT_THAT(errors("{}"),
              testing::AllOf(testing::StartsWith("polyak: warning: --decoupled-weight-decay: "),
                             testing::EndsWith("; no trial had that\n")));
}

TEST(AskTell, AnOptionThatEveryTrialReplacesIsToldOf) {
  const auto errors = [](const std::string& second) {
    std::string told;
    answers({R"({"trials": [{"id": 1, "setting": {"tau": 0.1}}, {"id": 2, "setting": )" + second +
             R"(}], "until": 8})"},
            {"--tau", "0.3"}, &told);
    return told;
  };
  EXPECT_EQ(errors("{}"), "");
  EXPECT_EQ(errors(R"({"tau": 0.2})"),
            "polyak: warning: --tau: has had no effect, for every trial's setting has its own\n");
}

// Nobody may ever ask again.
TEST(AskTell, ASignalEndsItWhileItWaits) {
  const test::TemporaryDirectory directory;
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const std::string question = R"({"trials": [{"id": 1, "setting": {}}], "until": 8})"
                               "\n";
  ASSERT_EQ(::write(ends[1], question.data(), question.size()), std::ssize(question));
  std::vector<std::string> arguments = test::small_training({"--ask-tell", "--seeds", "1"});
  arguments.front() = "tune";
  const std::filesystem::path answers = directory / "answers";
  test::Program program(arguments, directory.path(), 0, answers,
                        [input = ends[0]] { ::dup2(input, STDIN_FILENO); });
  test::wait_for_text(answers, "results");
  program.send(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 128 + SIGTERM);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(AskTell, ADirectoryAsksNothing) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path().string();
  const test::ProgramResult result = test::run_program(
      {"tune", "--ask-tell"}, directory.path(),
      [path] { ::dup2(::open(path.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO); });
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, testing::HasSubstr("--ask-tell: the standard input is a directory"));
}

TEST(AskTell, AnswersWhatItCannotDoByAnError) {
  const auto found =
      answers({"no json", R"({"trials": [{"setting": {}}]})",
               R"({"trials": [{"id": 1, "setting": {"tau": 9}}]})",
               R"({"trials": [{"id": 1, "setting": {"tua": 0.1}}]})", R"({"trials": []})",
               R"({"trials": [{"id": 1, "setting": {}}], "until": "soon"})",
               R"({"trials": [{"id": 1, "setting": {"learning-rate-critic": 10}}]})"},
              {"--activation", "elu", "--critic-hidden", "256,256,256,256", "--tau", "1",
               "--adam-beta1", "0", "--adam-beta2", "0"});
  const std::vector<std::string> expected = {"the question is no JSON",
                                             "\"id\" is missing",
                                             "--tau",
                                             "tua",
                                             "is a list of trials, of one at least, not []",
                                             "\"until\""};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(found[i].at("error").get<std::string>(), testing::HasSubstr(expected[i]));
  }
  for (const char* const field : {"seed", "agents", "environment", "total-steps", "threads"}) {
    const auto refused =
        answers({R"({"trials": [{"id": 1, "setting": {")" + std::string(field) + R"(": "3"}}]})"});
    EXPECT_THAT(refused[0].at("error").get<std::string>(),
                testing::AllOf(testing::HasSubstr("cannot be searched"),
                               testing::Not(testing::HasSubstr("--trials"))))
        << field;
  }
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"trials": [{"id": 1, "id": 2, "setting": {}}]})", "has the key 'id' twice"},
      {R"({"trials": [{"id": 1, "setting": {}}], "until": 601})",
       "\"until\" is at most --total-steps, 600, not 601"},
      {R"({"trials": [{"id": 1, "setting": {"tau": null}}]})",
       "trial 1: \"tau\" is a number, a word, true, false or a list, not null"},
      {R"({"trials": [{"id": 1, "setting": {"tau": [0.1, 0.2]}}]})",
       "--tau: 2 values for a trial, which has one"},
      {R"({"trials": [{"id": 1, "setting": {}}], "untill": 300})", "unknown \"untill\""},
      {R"({"trials": [{"id": 1, "settings": {}, "setting": {}}]})", "unknown \"settings\""},
      {R"({"continue": [1], "trials": []})", "unknown \"trials\""},
      {R"({"trials": [{"id": 1, "setting": {}}, {"id": 1, "setting": {}}]})", "two trials have"},
      {R"({"trials": [{"id": null, "setting": {}}]})", "a whole number or a word, not null"},
      {R"({"trials": [{"id": 1, "setting": {"noise-dt": 0.1}}]})",
       "trial 1: noise-dt has no effect in gaussian noise"},
      {R"({"trials": [{"id": 1, "setting": null}]})", "\"setting\" is an object, not null"}};
  std::vector<std::string> questions;
  for (const auto& [question, expectation] : wrong) questions.push_back(question);
  const auto refusals = answers(questions);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_THAT(refusals[i].at("error").get<std::string>(), testing::HasSubstr(wrong[i].second));
  }
  const auto more = answers({std::string(100'000, '[') + std::string(100'000, ']'),
                             R"({"trials": [{"id": 1, "setting": {}}], "until": 0})"});
  EXPECT_EQ(more[0].at("error"), "the question is nested more than 16 levels deep");
  EXPECT_EQ(more[1].at("error"), "\"until\" is at least 1, not 0");
  EXPECT_EQ(found.back().at("results")[0].at("status"), "failed");
  EXPECT_TRUE(found.back().at("results")[0].at("score").is_null());
}

}  // namespace
}  // namespace polyak
