#include "trainer/trajectory_csv.hpp"

#include <gtest/gtest.h>

#include "io/temporary_directory.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using test::TemporaryDirectory;
using test::write_text;

TEST(TrajectoryCsv, ReadsTransitions) {
  const TemporaryDirectory directory;
  write_text(directory / "in.csv", "theta,theta_dot,action\n1,2,3\n4,5,6\n");
  const TransitionInputs inputs =
      read_transitions(directory / "in.csv", find_environment("Pendulum-v1"));
  EXPECT_EQ(inputs.states, (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(inputs.actions, (std::vector<float>{3, 6}));
  EXPECT_THROW(read_transitions(directory / "in.csv", find_environment("MountainCarContinuous-v0")),
               UsageError);
}

TEST(TrajectoryCsv, WritesTransitions) {
  const TransitionResult result{{1, 2, 3, 4}, {-0.5f, 0.1f}, {0, 1}, {7, 8, 9, 10, 11, 12}};
  EXPECT_EQ(transitions_csv(result, find_environment("Pendulum-v1")),
            "next_theta,next_theta_dot,reward,terminated,observation_0,observation_1,"
            "observation_2\n"
            "1,2,-0.5,0,7,8,9\n"
            "3,4,0.1,1,10,11,12\n");
}

TEST(TrajectoryCsv, WritesEpisodesOfDifferentLengths) {
  // Two episodes of one and two steps, padded to a limit of two; the second terminates.
  const Trajectories trajectories{{1, 2},
                                  {-0.5f, 0.25f, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6},
                                  {0.5f, 9, 0.1f, 0.2f},
                                  {-1, 9, -2, 100},
                                  {0, 1}};
  EXPECT_EQ(trajectories_csv(trajectories, "MountainCarContinuous-v0", 2),
            "episode,step,position,velocity,observation_0,observation_1,action,reward,terminated\n"
            "0,0,-0.5,0.25,-0.5,0.25,0.5,-1,0\n"
            "1,0,1,2,1,2,0.1,-2,0\n"
            "1,1,3,4,3,4,0.2,100,1\n");
}

}  // namespace
}  // namespace polyak
