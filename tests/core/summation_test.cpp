#include "polyak/core/summation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

namespace polyak {

static std::string name_of(const RowOrder& order) {
  return "Sequences" + std::to_string(order.sequences) + "Steps" + std::to_string(order.steps);
}

/// Beside RowOrder, where GoogleTest finds it.
static void PrintTo(const RowOrder& order, std::ostream* out) { *out << name_of(order); }

namespace {

TEST(LayerSum, OfManyResultsAddsInRisingOrderAndTheBiasLast) {
  const float weights[] = {1e8f, 1.0f, -1e8f, 1.0f};
  const auto sum = [&](std::int64_t results) {
    return layer_sum(
        results, 4, 0.25f, [&](int k) { return weights[k]; }, [](int) { return 1.0f; });
  };
  EXPECT_EQ(sum(thin_outputs + 1), 1.25f) << "((1e8 + 1) - 1e8) + 1, the first 1 being lost";
  EXPECT_EQ(sum(thin_outputs), 0.25f) << "(1e8 + 1) + (-1e8 + 1), each 1 being lost";
}

TEST(LayerSum, RoundsEachProductAndSumOnce) {
  const float almost_one = 1.0f + 0x1p-12f;
  const float sum = layer_sum(
      9, 2, 0.0f, [&](int k) { return k == 0 ? -1.0f : almost_one; },
      [&](int k) { return k == 0 ? 1.0f : almost_one; });
  EXPECT_EQ(sum, 0x1p-11f + 0x1p-24f);
}

TEST(SumOfLanes, IsATreeOfHalves) {
  float lanes[4] = {1e8f, 1.0f, -1e8f, 2.0f};
  EXPECT_EQ(sum_of_lanes(lanes), 3.0f) << "(1e8 - 1e8) + (1 + 2)";
}

class RowOrders : public testing::TestWithParam<RowOrder> {};
INSTANTIATE_TEST_SUITE_P(Sizes, RowOrders,
                         testing::Values(RowOrder{1}, RowOrder{15}, RowOrder{16}, RowOrder{100},
                                         RowOrder{128}, RowOrder{129}, RowOrder{32768},
                                         RowOrder{1, 5}, RowOrder{20, 3}, RowOrder{300, 2}),
                         [](const auto& instance) { return name_of(instance.param); });

TEST_P(RowOrders, HaveEveryRowOnce) {
  const RowOrder order = GetParam();
  std::vector<int> rows;
  for (int place = 0; place < order.places(); ++place) {
    if (const int row = order.row(place); row >= 0) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end());
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(order.sequences * order.steps));
  for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i], static_cast<int>(i));
}

TEST_P(RowOrders, HaveUpToEightGroupsOfWholeSequencesBySixteen) {
  const RowOrder order = GetParam();
  EXPECT_LE(order.groups(), max_row_groups);
  EXPECT_GE(order.groups() * order.group_places(), order.places());
  EXPECT_EQ(order.group_places() % (row_lanes * order.steps), 0);
}

TEST_P(RowOrders, SumsAreOverAllRows) {
  const RowOrder order = GetParam();
  const double rows = order.sequences * order.steps;
  const auto number = [](int row) { return row; };
  EXPECT_EQ(double_sum_over_rows(order, number), rows * (rows - 1.0) / 2.0);
  EXPECT_EQ(sum_over_rows(order, [](int) { return 1.0f; }), static_cast<float>(rows));
}

TEST(SumOverRows, AddsGroupsOfSixteenFirst) {
  const auto value = [](int row) {
    return row == 0 ? 1e8f : row == 16 ? 5.0f : row == 17 ? -1e8f : 0.0f;
  };
  EXPECT_EQ(sum_over_rows({18}, value), 8.0f) << "1e8 + (5 - 1e8), where float32 keeps 8";
}

TEST(DoubleSumOverRows, HasSixteenLanesAndThenATree) {
  const auto value = [](int row) {
    return row == 0 ? 1e17 : row == 1 ? 1.0 : row == 8 ? -1e17 : 0.0;
  };
  EXPECT_EQ(double_sum_over_rows({16}, value), 1.0) << "(1e17 - 1e17) + (1 + 0)";
}

TEST(RowOrderOfSequences, TakesStepAfterStepOfSixteenSequences) {
  const RowOrder order{20, 2};
  EXPECT_EQ(order.row(0), 0);
  EXPECT_EQ(order.row(15), 15);
  EXPECT_EQ(order.row(16), 20) << "the second step of the first sequence";
  EXPECT_EQ(order.row(32), 16) << "the seventeenth sequence";
  EXPECT_EQ(order.row(36), -1);
  EXPECT_EQ(order.row(48), 36);
}

TEST(SumOverFeatures, HasThirtyTwoLanesAndThenATree) {
  std::vector<float> values(40, 0.0f);
  values[0] = 1e8f;
  values[16] = -1e8f;
  values[33] = 3.0f;
  const auto value = [&](int feature) { return values[static_cast<std::size_t>(feature)]; };
  EXPECT_EQ(sum_over_features<float>(40, value), 3.0f);
  values[32] = 1.0f;
  EXPECT_EQ(sum_over_features<float>(40, value), 3.0f) << "lost beside 1e8, in its lane";
}

TEST(TileOrder, CountsTilesOfEveryMatrix) {
  EXPECT_EQ(TileOrder::tiles(16, 8), 1);
  EXPECT_EQ(TileOrder::tiles(17, 8), 2);
  EXPECT_EQ(TileOrder::tiles(64, 3), 4);
  EXPECT_EQ(TileOrder::tiles(33, 17), 9);
}

TEST(TileOrder, SumsATilesRowsByATree) {
  // Beside 2^60 doubles are 256 apart: 144 + 144 first is one step, one after the other is two.
  const auto value = [](int row, int column) {
    return column > 0 ? 0.0f : row == 0 ? 0x1p30f : row == 4 || row == 12 ? 12.0f : 0.0f;
  };
  EXPECT_EQ(TileOrder::sum_of_squares(16, 8, value), 0x1p60 + 256.0);
}

TEST(TileOrder, SumsItsColumnsByATreeToo) {
  const auto value = [](int row, int column) {
    return row > 0 ? 0.0f : column == 0 ? 0x1p30f : column == 2 || column == 6 ? 12.0f : 0.0f;
  };
  EXPECT_EQ(TileOrder::sum_of_squares(1, 7, value), 0x1p60 + 256.0);
}

TEST(TileOrder, AddsTilesByThirtyTwoLanes) {
  const auto value = [](std::int64_t tile) {
    return tile == 0 ? 1e17 : tile == 16 ? -1e17 : tile == 33 ? 1.0 : 0.0;
  };
  EXPECT_EQ(TileOrder::sum_over_tiles(40, value), 1.0);
}

}  // namespace
}  // namespace polyak
