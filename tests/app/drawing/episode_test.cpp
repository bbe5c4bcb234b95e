// Episodes as pictures that move.
#include "app/drawing/episode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/drawing/raster.hpp"
#include "app/drawing/svg.hpp"
#include "io/gif_decoder.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

using testing::HasSubstr;
using testing::Not;

/// An episode of so many steps from states theta and actions, one each.
Trajectories trajectories_of(const std::vector<float>& theta, const std::vector<float>& actions) {
  Trajectories result;
  result.lengths = {static_cast<std::int32_t>(actions.size())};
  for (const float angle : theta) result.states.insert(result.states.end(), {angle, 0.0f});
  result.actions = actions;
  result.rewards.assign(actions.size(), -1.5f);
  result.terminated = {0};
  return result;
}

Episode pendulum_episode(const std::vector<float>& theta, const std::vector<float>& actions) {
  return take_episode(trajectories_of(theta, actions), 0, find_environment("Pendulum-v1"),
                      static_cast<int>(actions.size()));
}

/// The part that turns, or whose frames differ most: the mark of the action is the last one.
const Part& rod_of(const Scene& scene) {
  return *std::find_if(scene.parts.begin(), scene.parts.end(),
                       [](const Part& part) { return part.frames.size() > 1; });
}

TEST(DrawnEpisode, APendulumIsWhereItsStatesAre) {
  const float quarter = 1.57079633f;
  const Scene scene = scene_of(pendulum_episode({0, quarter, quarter / 2, 0}, {2, -2, 1}));
  EXPECT_EQ(scene.frames, 3u);
  EXPECT_DOUBLE_EQ(scene.seconds, 0.1);
  EXPECT_EQ(scene.title, "An episode of Pendulum-v1: 3 steps, return -4.5");
  const std::vector<Placement>& rod = rod_of(scene).frames;
  ASSERT_EQ(rod.size(), 3u);
  EXPECT_EQ(rod[0].degrees, 0.0);
  EXPECT_NEAR(rod[1].degrees, -90.0, 1e-4) << "theta grows counter-clockwise";
  EXPECT_NEAR(rod[2].degrees, -45.0, 1e-4);
  const std::vector<Placement>& mark = scene.parts.back().frames;
  EXPECT_EQ(mark[0].x, 60.0) << "a positive torque turns to the left";
  EXPECT_EQ(mark[1].x, 180.0);
  EXPECT_EQ(mark[2].x, 90.0);
}

TEST(DrawnEpisode, APendulumTurnsTheShortWay) {
  // Beyond 84 rad a step takes whole turns off.
  const Scene scene = scene_of(pendulum_episode({83.9f, 83.9f - 75.398224f, 3, -3}, {0, 0, 0, 0}));
  const std::vector<Placement>& rod = rod_of(scene).frames;
  for (std::size_t i = 1; i < rod.size(); ++i) {
    EXPECT_LE(std::abs(rod[i].degrees - rod[i - 1].degrees), 180.0) << i;
  }
  EXPECT_NEAR(rod[1].degrees, rod[0].degrees, 0.01);
}

TEST(DrawnEpisode, OfALongOneSomeMomentsAreShownInTheSameTime) {
  const std::vector<float> actions(999, 0.5f);
  const Episode episode = pendulum_episode(std::vector<float>(1000, 1.0f), actions);
  EXPECT_EQ(episode.steps, 999u);
  EXPECT_EQ(episode.moments.size(), 250u);
  EXPECT_EQ(episode.moments[249], 996);
  EXPECT_DOUBLE_EQ(episode.seconds, 996 * 0.05);
  EXPECT_FLOAT_EQ(static_cast<float>(episode.total_reward), 999 * -1.5f);
}

TEST(DrawnEpisode, AnEpisodeOfOneStepIsAPicture) {
  const Scene scene = scene_of(pendulum_episode({1, 1}, {2}));
  EXPECT_EQ(scene.frames, 1u);
  EXPECT_THAT(animated_svg(scene, "a"), testing::EndsWith("</svg>\n"));
  EXPECT_EQ(test::decode_gif(animated_gif(scene)).frames.size(), 1u);
}

TEST(DrawnEpisode, AnEnvironmentThatNobodyHasDrawnShowsItsStates) {
  EnvironmentInfo unknown = find_environment("Pendulum-v1");
  unknown.name = "Boat<&>";
  const Episode episode = take_episode(trajectories_of({0, 4, 2}, {0, 2}), 0, unknown, 2);
  const Scene scene = scene_of(episode);
  const std::string svg = animated_svg(scene, "a");
  EXPECT_THAT(svg, HasSubstr(">theta</text>"));
  EXPECT_THAT(svg, HasSubstr(">theta_dot</text>"));
  EXPECT_THAT(svg, HasSubstr("<title>An episode of Boat&lt;&amp;&gt;: 2 steps"));
  EXPECT_EQ(scene.parts.back().frames[1].x, 180.0) << "its action is drawn to the right";
}

TEST(DrawnEpisode, AnSvgMovesWhatMoves) {
  const Scene scene = scene_of(pendulum_episode({0, 0.5f, 0.5f, 0.5f, 1, 1}, {2, 2, 2, 2, 2}));
  const std::string svg = animated_svg(scene, "moves");
  EXPECT_THAT(svg, HasSubstr(".moves0{animation:moves0 0.2s linear infinite}"));
  EXPECT_THAT(svg, HasSubstr("<g class=\"moves0\">"));
  EXPECT_THAT(svg, HasSubstr("\n25%{transform:translate(120px,108px) rotate(-28.6deg)}"));
  EXPECT_THAT(svg, Not(HasSubstr("\n50%{transform:translate(120px,108px) rotate"))) << "it rests";
  EXPECT_THAT(svg, HasSubstr("prefers-reduced-motion"));
  EXPECT_THAT(svg, Not(HasSubstr("script")));
}

TEST(DrawnEpisode, AGifHasTheColoursWhereTheShapesAre) {
  const Scene scene = scene_of(pendulum_episode({0, 3.14159265f, 0}, {2, -2}));
  const test::DecodedGif gif = test::decode_gif(animated_gif(scene));
  ASSERT_EQ(gif.frames.size(), 2u);
  EXPECT_EQ(gif.hundredths[0], 5);
  const auto pixel = [&](std::size_t frame, int x, int y) {
    return gif.frames[frame][static_cast<std::size_t>(y * gif.width + x)];
  };
  const RgbColour white{255, 255, 255};
  EXPECT_EQ(pixel(0, 120, 36), red) << "upright";
  EXPECT_EQ(pixel(0, 120, 180), white);
  EXPECT_EQ(pixel(1, 120, 36), white);
  EXPECT_EQ(pixel(1, 120, 180), red) << "hanging";
  EXPECT_EQ(pixel(0, 120, 80), blue);
  EXPECT_EQ(pixel(1, 120, 140), blue);
  EXPECT_EQ(pixel(0, 60, 228), orange);
  EXPECT_EQ(pixel(1, 180, 228), orange);
}

}  // namespace
}  // namespace polyak
