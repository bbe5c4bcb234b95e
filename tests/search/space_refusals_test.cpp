// Spaces that mean nothing: each is refused in one line with its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/spaces.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct WrongSpace {
  const char* text;
  const char* place;    // behind "space.toml: "
  const char* refusal;  // a part of what follows
};

constexpr WrongSpace wrong_spaces[] = {
    // Names
    {"\ntua = [0.1, 0.2]", "line 2, column 1", "unknown name 'tua'; did you mean 'tau'?"},
    {"[Learnin]\ntau = 0.1", "line 2, column 1",
     "'tau' is in the table [Learnin]; it belongs into [Learning]"},
    {"[Learnin]", "line 1, column 2", "unknown table 'Learnin'; did you mean 'Learning'?"},
    {"[Networks]\ntau = 0.1", "line 2, column 1",
     "it belongs into [Learning], or before all tables"},
    {"tau = 0.1\n[Learning]\ntau = 0.2", "line 3, column 1", "'tau' is there twice"},
    {"[tau]\nlog = [0.1, 0.2]", "line 2, column 1",
     "'tau' is an option; write tau = { ... } in one line"},
    {"tau.log = [0.1, 0.2]", "line 1, column 5", "write tau = { ... } in one line"},
    {"tau = [0.1, 0.2", "line 1", "lists in brackets"},
    // Fields of the command
    {"seed = [1, 2]", "line 1, column 1",
     "'seed' cannot be searched: every setting is trained with the same seeds; use --seeds and "
     "--seed"},
    {"agents = 4", "line 1, column 1",
     "'agents' cannot be searched: a trial has an agent for each of --seeds"},
    {"total-steps = [1000, 2000]", "line 1, column 1",
     "cannot be searched: all trials are given as much"},
    {"environment = 'Pendulum-P'", "line 1, column 1",
     "'environment' cannot be searched: returns of different tasks"},
    {"time-limit = 10", "line 1, column 1", "cannot be searched: returns of different tasks"},
    {"preset = ['fast', 'paper']", "line 1, column 1",
     "cannot be searched: it says what all trials start from"},
    {"device = 'cpu'", "line 1, column 1", "cannot be searched: it says who computes"},
    {"threads = [1, 2]", "line 1, column 1", "cannot be searched: it says who computes"},
    // Values
    {"tau = '0.1'", "line 1, column 7", "'tau' takes a number, without quotes, not '0.1'"},
    {"tau = [0.1, true]", "line 1, column 13", "'tau' takes a number"},
    {"activation = 1", "line 1, column 14", "'activation' takes a word in quotes, not 1"},
    {"layer-norm = 'yes'", "line 1, column 14", "'layer-norm' takes true or false"},
    {"activation = ['tanh', 'sin']", "line 1, column 23",
     "unknown activation 'sin'; use one of relu"},
    {"activation = 'tanh,relu'", "line 1, column 14", "--activation: 2 values given; it takes one"},
    {"tau = [0.1, 1.5]", "line 1, column 13",
     "--tau: 1.5 is out of range; it must be between 0 and 1"},
    {"tau = nan", "line 1, column 7", "--tau: nan is not a finite number"},
    {"batch-size = [64, 64.5]", "line 1, column 19", "--batch-size: '64.5' is not a whole number"},
    {"tau = 1979-05-27", "line 1, column 7", "'tau' is a date or a time"},
    {"tau = []", "line 1, column 7", "'tau' has an empty list; name values to choose from"},
    {"tau = [0.1, 0.10]", "line 1, column 13", "'tau' has 0.1 twice; each choice is there once"},
    {"tau = [[0.1, 0.2]]", "line 1, column 8", "'tau' has a list where one of its values belongs"},
    {"tau = [{ log = [0.1, 0.2] }]", "line 1, column 8", "'tau' has a table in a list"},
    {"actor-hidden = []", "line 1, column 16", "'actor-hidden' has an empty list"},
    {"actor-hidden = [[64], []]", "line 1, column 23", "'actor-hidden' has an empty list"},
    {"actor-hidden = [[64], 64]", "line 1, column 23", "'actor-hidden' has a value beside lists"},
    {"actor-hidden = [[64, [64]]]", "line 1, column 22",
     "has a list where one of its values belongs"},
    {"actor-hidden = [64, 4096]", "line 1, column 16", "--actor-hidden: 4096 is out of range"},
    {"actor-hidden = [[64, 64], [64, 64]]", "line 1, column 27", "'actor-hidden' has 64,64 twice"},
    // Ranges
    {"tau = {}", "line 1, column 7", "'tau' has no values; use one of log, uniform, choice"},
    {"tau = { grid = 3 }", "line 1, column 7", "'tau' has no values"},
    {"tau = { uniforn = [0, 1] }", "line 1, column 19",
     "'tau' has an unknown 'uniforn'; did you mean 'uniform'?; it takes log"},
    {"tau = { log = [0.1, 0.2], uniform = [0, 1] }", "line 1, column 37",
     "'tau' has two kinds of values"},
    {"tau = { choice = [0.1], log = [0.1, 0.2] }", "line 1, column 31",
     "'tau' has two kinds of values"},
    {"tau = { choice = [] }", "line 1, column 18", "'tau' has an empty list"},
    {"tau = { log = 0.1 }", "line 1, column 15", "'tau' has a range that is not [lowest, highest]"},
    {"tau = { uniform = [0, 0.5, 1] }", "line 1, column 19",
     "a range that is not [lowest, highest], two numbers"},
    {"tau = { uniform = [0.2, 0.1] }", "line 1, column 19",
     "'tau' has a range from 0.2 to 0.1; the first must be below the second"},
    {"tau = { uniform = [0.1, 0.1] }", "line 1, column 19", "the first must be below the second"},
    {"tau = { uniform = [0.1, 1.5] }", "line 1, column 25", "--tau: 1.5 is out of range"},
    {"tau = { log = [0, 0.1] }", "line 1, column 16",
     "'tau' has a logarithmic range from 0; it must begin above 0, or be a uniform one"},
    {"batch-size = { uniform = [1.5, 8] }", "line 1, column 27",
     "--batch-size: '1.5' is not a whole number"},
    {"activation = { uniform = [0, 1] }", "line 1, column 26",
     "'activation' takes no number; use a choice"},
    {"layer-norm = { uniform = [0, 1] }", "line 1, column 26", "'layer-norm' takes no number"},
    {"actor-hidden = { log = [16, 64] }", "line 1, column 24",
     "'actor-hidden' takes lists, which no range has"},
    {"tau = { choice = [0.1, 0.2], grid = 3 }", "line 1, column 37",
     "'tau' has a grid beside choices, which are one"},
    {"tau = { log = [0.1, 0.2], grid = 1 }", "line 1, column 34",
     "'tau' has a grid of other than 2 to 1000 points"},
    {"tau = { log = [0.1, 0.2], grid = 2.5 }", "line 1, column 34",
     "a grid of other than 2 to 1000 points"},
    // Conditions
    {"tau = { log = [0.1, 0.2], when = 'td3' }", "line 1, column 34",
     "'tau' has a condition that is not { name = value }"},
    {"tau = { log = [0.1, 0.2], when = {} }", "line 1, column 34",
     "'tau' has a condition that is not { name = value }"},
    {"tau = { log = [0.1, 0.2], when = { algoritm = 'td3' } }", "line 1, column 47",
     "unknown name 'algoritm'; did you mean 'algorithm'?"},
    {"tau = { log = [0.1, 0.2], when = { algorithm = 'tdd3' } }", "line 1, column 48",
     "unknown algorithm 'tdd3'; use one of ddpg, td3"},
    {"tau = { log = [0.1, 0.2], when = { seed = 1 } }", "line 1, column 43",
     "'tau' depends on 'seed', which no trial has of its own: every setting is trained with the "
     "same seeds"},
    {"tau = { log = [0.1, 0.2], when = { agents = 1 } }", "line 1, column 45",
     "depends on 'agents', which no trial has of its own"},
    {"tau = { log = [0.1, 0.2], when = { environment = 'Pendulum-v1' } }", "line 1, column 50",
     "depends on 'environment', which no trial has of its own"},
    {"tau = { log = [0.1, 0.2], when = { threads = 1 } }", "line 1, column 46",
     "depends on 'threads', which no trial has of its own"},
    {"tau = { log = [0.1, 0.2], when = { algorithm = [] } }", "line 1, column 48",
     "'algorithm' has an empty list"},
    {"tau = { log = [0.1, 0.2], when = { algorithm = 'td3' } }\nalgorithm = ['ddpg', 'td3']",
     "line 1, column 48", "'tau' depends on 'algorithm', which must be in a line before it"},
    {"tau = { log = [0.1, 0.2], when = { tau = 0.1 } }", "line 1, column 42",
     "'tau' depends on 'tau', which must be in a line before it"},
    {"discount = { uniform = [0.9, 1] }\ntau = { log = [0.1, 0.2], when = { discount = 0.95 } }",
     "line 2, column 47",
     "'tau' depends on 'discount', a range; a condition needs an option with choices"},
    {"tau = { log = [0.1, 0.2], when = { algorithm = 'td3' } }", "line 1, column 48",
     "'tau' can never apply: 'algorithm' is ddpg in every trial, and not in this file"},
    {"algorithm = ['ddpg', 'td3']\ntau = { log = [0.1, 0.2], when = { twin-critics = true } }",
     "line 2, column 51", "'twin-critics', which follows from 'algorithm'; name that one instead"},
    {"activation = ['relu', 'tanh']\ntau = { log = [0.1, 0.2], when = { activation = 'elu' } }",
     "line 2, column 1",
     "'tau' can never apply: its conditions leave no value of 'activation', which is relu or tanh"},
    {"algorithm = ['ddpg', 'td3']\n"
     "activation = { choice = ['relu', 'tanh'], when = { algorithm = 'td3' } }\n"
     "tau = { log = [0.1, 0.2], when = { activation = 'relu', algorithm = 'ddpg' } }",
     "line 3, column 1", "'tau' can never apply: its conditions leave no value of 'algorithm'"},
};

TEST(SpaceRefusals, SayWhatIsWrongAndWhere) {
  for (const WrongSpace& wrong : wrong_spaces) {
    const std::string refusal = test::space_refusal(wrong.text);
    EXPECT_THAT(refusal, StartsWith("space.toml: " + std::string(wrong.place))) << wrong.text;
    EXPECT_THAT(refusal, HasSubstr(wrong.refusal)) << wrong.text;
    EXPECT_EQ(refusal.find('\n'), std::string::npos) << wrong.text;
  }
}

TEST(SpaceRefusals, ASearchNeedsSomethingToSearch) {
  for (const char* const text : {"", "# nothing", "tau = 0.1", "tau = [0.1]\n[Networks]\n"}) {
    EXPECT_THAT(test::space_refusal(text),
                StartsWith("space.toml: no option has more than one value; a list is a choice"));
  }
}

}  // namespace
}  // namespace polyak
