#include "backend/mpi/launch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

Launch launch_with(const std::map<std::string, std::string>& variables) {
  return launch_of([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Launch, IsByWhoeverSetsItsVariables) {
  for (const auto& [launcher, processes, rank] :
       {std::array{"mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
        std::array{"mpirun", "PMI_SIZE", "PMI_RANK"},
        std::array{"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"}}) {
    const Launch launch = launch_with({{processes, "4"}, {rank, "3"}});
    EXPECT_EQ(launch.launcher, launcher);
    EXPECT_EQ(launch.processes, 4);
    EXPECT_EQ(launch.rank, 3);
    EXPECT_FALSE(launch.is_alone());
  }
}

TEST(Launch, OfOneOrByNobodyIsAlone) {
  EXPECT_TRUE(launch_with({}).is_alone());
  EXPECT_TRUE(
      launch_with({{"OMPI_COMM_WORLD_SIZE", "1"}, {"OMPI_COMM_WORLD_RANK", "0"}}).is_alone());
  EXPECT_TRUE(launch_with({{"OMPI_COMM_WORLD_SIZE", "4"}}).is_alone());
  EXPECT_TRUE(launch_with({{"PMI_SIZE", "x"}, {"PMI_RANK", "0"}}).is_alone());
  // A job's script is no step of it, whatever the job has asked for.
  EXPECT_TRUE(launch_with({{"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}}).is_alone());
}

TEST(Launch, OfAnMpirunInAStepIsTheMpiruns) {
  const Launch launch = launch_with({{"SLURM_STEP_NUM_TASKS", "2"},
                                     {"SLURM_PROCID", "1"},
                                     {"OMPI_COMM_WORLD_SIZE", "8"},
                                     {"OMPI_COMM_WORLD_RANK", "5"}});
  EXPECT_EQ(launch.processes, 8);
  EXPECT_EQ(launch.rank, 5);
}

TEST(Launch, MayBeOfProcessesThatAreSeparate) {
  const std::pair<const std::string, std::string> size{"PMI_SIZE", "4"}, rank{"PMI_RANK", "1"};
  EXPECT_TRUE(launch_with({size, rank, {"POLYAK_RANKS", "off"}}).is_alone());
  EXPECT_FALSE(launch_with({size, rank, {"POLYAK_RANKS", ""}}).is_alone());
  EXPECT_THAT(
      [&] {
        launch_with({size, rank, {"POLYAK_RANKS", "3"}});
      },
      testing::ThrowsMessage<UsageError>(testing::HasSubstr("POLYAK_RANKS: '3'")));
}

}  // namespace
}  // namespace polyak
