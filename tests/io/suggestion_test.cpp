// Whoever types what another trainer calls something is led to what it is called here.
#include "io/suggestion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/fields.hpp"
#include "io/synonyms.hpp"
#include "io/text_value.hpp"
#include "polyak/config.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;

/// The options of `polyak train`.
std::vector<std::string> option_names(const std::string& dashes) {
  std::vector<std::string> names;
  for (const char* const name : {"config", "output", "overwrite", "quiet", "report-steps",
                                 "evaluation-episodes", "starts", "json", "help"}) {
    names.push_back(dashes + name);
  }
  Config config;
  visit_fields(config, [&](const FieldInfo& field, const auto&) {
    names.push_back(dashes + std::string(field.name));
  });
  return names;
}

struct Word {
  std::string word, suggestion;
};

TEST(Suggestion, LeadsFromOtherTrainersWords) {
  const std::vector<std::string> known = option_names("--");
  for (const auto& [word, suggestion] :
       {Word{"--lr", "'--learning-rate-actor' or '--learning-rate-critic'"},
        Word{"--gamma", "'--discount'"}, Word{"--num-envs", "'--environments'"},
        Word{"--num_envs", "'--environments'"}, Word{"--n-envs", "'--environments'"},
        Word{"--env", "'--environment'"}, Word{"--buffer-size", "'--replay-capacity'"},
        Word{"--algo", "'--algorithm'"}, Word{"--batch", "'--batch-size'"},
        Word{"--timesteps", "'--total-steps'"}, Word{"--total-timesteps", "'--total-steps'"},
        Word{"--hidden", "'--actor-hidden' or '--critic-hidden'"}, Word{"--gpu", "'--device cuda'"},
        Word{"--lr-actor", "'--learning-rate-actor'"},
        Word{"--log", "'--output' or '--report-steps'"},
        Word{"--episodes", "'--total-steps' or '--evaluation-episodes'? (a training is as long"},
        Word{"--polyak", "'--tau'? (tau is 1 - polyak)"},
        // What is near by its letters, as ever.
        Word{"--learning-rat-actor", "'--learning-rate-actor'"},
        Word{"--replay", "'--replay-capacity'"}}) {
    const std::string text = did_you_mean(word, known);
    EXPECT_THAT(text, HasSubstr("did you mean " + suggestion)) << word;
  }
}

TEST(Suggestion, IsWrittenAsTheFileWritesIt) {
  const std::vector<std::string> known = option_names("");
  EXPECT_EQ(did_you_mean("learning_rate", known),
            "; did you mean 'learning-rate-actor' or 'learning-rate-critic'?");
  EXPECT_EQ(did_you_mean("gpu", known), "; did you mean 'device=cuda'?");
}

TEST(Suggestion, SaysWhatThereIsInsteadOfResumption) {
  for (const char* const word : {"--load", "--resume", "--checkpoint"}) {
    const std::string text = did_you_mean(word, option_names("--"));
    EXPECT_THAT(text, HasSubstr("`polyak evaluate POLICY`")) << word;
    EXPECT_THAT(text, HasSubstr("`polyak train --config")) << word;
  }
}

TEST(Suggestion, IsNotOfAWordThatIsFar) {
  EXPECT_EQ(did_you_mean("--nonsense", option_names("--")), "");
  EXPECT_EQ(did_you_mean("nope", std::vector<std::string>{"wide"}), "");
  // Two letters may differ, or one in three of a long word.
  EXPECT_EQ(did_you_mean("wips", std::vector<std::string>{"wide"}), "; did you mean 'wide'?");
  EXPECT_EQ(did_you_mean("learming-rtae", std::vector<std::string>{"learning-rate"}),
            "; did you mean 'learning-rate'?");
}

TEST(Suggestion, NeverLeadsToWhatACommandDoesNotHave) {
  const std::vector<std::string> known = {"--seed", "--device"};
  EXPECT_EQ(did_you_mean("--lr", known), "");
  EXPECT_EQ(did_you_mean("--gpu", known), "; did you mean '--device cuda'?");
  EXPECT_EQ(did_you_mean("--sed", known), "; did you mean '--seed'?");
}

// A word of the table that is an option would never be looked up; an option that it leads to and
// that is none would never be shown.
TEST(Suggestion, SynonymsAreOfOptionsThatExist) {
  std::vector<std::string> known = option_names("");
  for (const Synonym& synonym : all_synonyms()) {
    EXPECT_THAT(known, testing::Not(testing::Contains(synonym.word)));
  }
  known.emplace_back("episodes");  // of `polyak evaluate`
  for (const Synonym& synonym : all_synonyms()) {
    EXPECT_FALSE(synonym.options.empty() && synonym.remark.empty()) << synonym.word;
    if (synonym.options.empty()) continue;
    for (const std::string& option : split_text(synonym.options, ' ')) {
      EXPECT_THAT(known, testing::Contains(option.substr(0, option.find('='))));
    }
  }
}

}  // namespace
}  // namespace polyak
