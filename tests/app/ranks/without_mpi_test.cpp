// A program without MPI, of which a launcher starts several.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak {
namespace {

using test::ProgramResult;
using test::run_program;
using test::small_training;

TEST(RanksWithoutMpi, AreRefusedByTheFirstOfThem) {
  const test::TemporaryDirectory directory;
  const auto started = [&](const char* rank) {
    return run_program(small_training({"--output", "run"}), directory.path(), [rank] {
      ::setenv("PMI_SIZE", "3", 1);
      ::setenv("PMI_RANK", rank, 1);
    });
  };
  const ProgramResult first = started("0"), second = started("1");
  EXPECT_EQ(first.exit_code, 2);
  EXPECT_THAT(first.errors, testing::StartsWith("polyak: mpirun started 3 processes, and this "
                                                "program was built without MPI: "));
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_EQ(second.errors, "");
  EXPECT_TRUE(directory.listing().empty());
}

TEST(RanksWithoutMpi, OfOneAreNone) {
  const test::TemporaryDirectory directory;
  const ProgramResult result =
      run_program(small_training({"--output", "run"}), directory.path(), [] {
        ::setenv("PMI_SIZE", "1", 1);
        ::setenv("PMI_RANK", "0", 1);
      });
  EXPECT_EQ(result.exit_code, 0) << result.errors;
}

}  // namespace
}  // namespace polyak
