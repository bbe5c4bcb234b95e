// Axes of charts.
#include "app/drawing/axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace polyak {
namespace {

using testing::ElementsAre;

std::vector<std::string> mark_texts(const std::vector<AxisMark>& marks) {
  std::vector<std::string> texts;
  for (const AxisMark& mark : marks) texts.push_back(mark.text);
  return texts;
}

TEST(Axis, TicksAreRoundNumbersInTheRange) {
  EXPECT_THAT(axis_ticks(0.0, 10.0, 5), ElementsAre(0.0, 2.0, 4.0, 6.0, 8.0, 10.0));
  EXPECT_THAT(axis_ticks(-1640.0, -110.0, 4), ElementsAre(-1500.0, -1000.0, -500.0));
  for (const double high : {1e-7, 3.0, 7e4, 2e9}) {
    const std::vector<double> ticks = axis_ticks(0.1 * high, high, 5);
    EXPECT_GE(ticks.size(), 2u) << high;
    EXPECT_LE(ticks.size(), 7u) << high;
    EXPECT_GE(ticks.front(), 0.0999 * high);
    EXPECT_LE(ticks.back(), 1.0001 * high);
  }
}

TEST(Axis, EqualFactorsAreEqualDistances) {
  const std::vector<double> values = {1e-4, 1e-2, 5.0e-4};
  const Axis axis = value_axis(values, true, 0.0);
  EXPECT_DOUBLE_EQ(place_on(axis, 1e-4), 0.0);
  EXPECT_DOUBLE_EQ(place_on(axis, 1e-3), 0.5);
  EXPECT_DOUBLE_EQ(place_on(axis, 1e-2), 1.0);
  EXPECT_THAT(mark_texts(axis_marks(axis, 3)), ElementsAre("1e-4", "0.001", "0.01"));
}

TEST(Axis, OfFewDecadesItHasAsManyMarksAsFit) {
  const std::vector<double> values = {1e-4, 1e-2};
  const Axis axis = value_axis(values, true, 0.0);
  EXPECT_THAT(mark_texts(axis_marks(axis, 4)),
              ElementsAre("1e-4", "3e-4", "0.001", "0.003", "0.01"));
  EXPECT_EQ(axis_marks(axis, 6).size(), 7u) << "1, 2 and 5 of each";
}

TEST(Axis, OneMarkAloneSaysLittle) {
  const std::vector<double> values = {0.06, 0.39};
  EXPECT_GE(axis_marks(value_axis(values, false, 0.0), 2).size(), 2u);
}

TEST(Axis, WithinADecadeThereAreMarksInBetween) {
  const std::vector<double> values = {2e-4, 3e-3};
  EXPECT_THAT(mark_texts(axis_marks(value_axis(values, true, 0.0), 4)),
              ElementsAre("2e-4", "5e-4", "0.001", "0.002"));
  const std::vector<double> near = {2.1, 2.9};
  EXPECT_GE(axis_marks(value_axis(near, true, 0.0), 4).size(), 2u);
}

TEST(Axis, ManyDecadesHaveEveryFewOfThem) {
  const std::vector<double> values = {1e-12, 1.0};
  EXPECT_THAT(mark_texts(axis_marks(value_axis(values, true, 0.0), 4)),
              ElementsAre("1e-12", "1e-9", "1e-6", "0.001", "1"));
}

TEST(Axis, ChoicesHaveAPlaceEach) {
  const Axis axis = choice_axis({"relu", "tanh"});
  EXPECT_DOUBLE_EQ(place_on(axis, 0.0), 0.25);
  EXPECT_DOUBLE_EQ(place_on(axis, 1.0), 0.75);
  EXPECT_THAT(mark_texts(axis_marks(axis, 1)), ElementsAre("relu", "tanh"));
}

TEST(Axis, WhatIsNoNumberDoesNotWidenIt) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> values = {3.0, -infinity, std::numeric_limits<double>::quiet_NaN(),
                                      5.0};
  const Axis axis = value_axis(values, false, 0.0);
  EXPECT_EQ(axis.low, 3.0);
  EXPECT_EQ(axis.high, 5.0);
  for (const bool is_logarithmic : {false, true}) {
    const Axis none = value_axis({}, is_logarithmic, 0.0);
    EXPECT_LT(none.low, none.high);
    const std::vector<double> same = {0.5, 0.5};
    EXPECT_LT(value_axis(same, is_logarithmic, 0.0).low, 0.5);
  }
}

}  // namespace
}  // namespace polyak
