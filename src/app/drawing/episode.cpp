#include "app/drawing/episode.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>

namespace polyak {
namespace {

constexpr int picture_size = 240;
constexpr double action_y = 228.0, action_reach = 60.0;

/// An environment's own drawing, and how fast it plays.
struct Drawing {
  std::string_view beginning;  // of the environment's name
  double seconds_per_step;
  std::string_view action_name;
  double side;  // to which a positive action pushes: -1 left, 1 right
  Scene (*scene)(const Episode& episode);
};

Scene pendulum_scene(const Episode& episode);
Scene mountain_car_scene(const Episode& episode);

constexpr std::array drawings = {Drawing{"Pendulum", 0.05, "torque", -1.0, pendulum_scene},
                                 Drawing{"MountainCar", 0.02, "force", 1.0, mountain_car_scene}};

const Drawing* drawing_of(const EnvironmentInfo& environment) {
  const auto* const found = std::find_if(
      drawings.begin(), drawings.end(),
      [&](const Drawing& drawing) { return environment.name.starts_with(drawing.beginning); });
  return found == drawings.end() ? nullptr : found;
}

Scene empty_scene(const Episode& episode) {
  char reward[32];
  std::snprintf(reward, sizeof reward, "%.1f", episode.total_reward);
  return {"An episode of " + std::string(episode.environment.name) + ": " +
              std::to_string(episode.steps) + " steps, return " + reward,
          picture_size,
          picture_size,
          episode.moments.size(),
          episode.seconds,
          {}};
}

/// The action: a line and, on it, a mark.
void add_action(const Episode& episode, Scene& scene) {
  constexpr double middle = picture_size / 2.0;
  const auto mark_at = [](double push) { return middle + action_reach * push; };
  scene.parts.insert(scene.parts.begin(),
                     {{{{{mark_at(-1.0), action_y}, {mark_at(1.0), action_y}}, 2.0, grey},
                       {{{middle, action_y}}, 5.0, grey}}});
  Part mark{{{{{0.0, 0.0}}, 11.0, orange}}, {}};
  for (std::size_t i = 0; i < scene.frames; ++i) {
    mark.frames.push_back({mark_at(episode.push(i)), action_y, 0.0});
  }
  scene.parts.push_back(std::move(mark));
}

/// Upright is up; theta grows counter-clockwise, and so does a positive torque, to the left.
Scene pendulum_scene(const Episode& episode) {
  constexpr double centre = 108.0, length = 80.0;
  Scene scene = empty_scene(episode);
  Shape circle{{}, 1.0, grey};
  constexpr int corners = 72;
  for (int i = 0; i <= corners; ++i) {
    const double angle = 2.0 * std::numbers::pi * i / corners;
    circle.points.push_back(
        {picture_size / 2.0 + length * std::sin(angle), centre - length * std::cos(angle)});
  }
  scene.parts.push_back({{circle}});
  Part rod{{{{{0.0, 0.0}, {0.0, -length}}, 13.0, blue}, {{{0.0, -length}}, 28.0, red}}, {}};
  double degrees = 0.0;  // without jumps by whole turns: between two frames it goes the short way
  for (std::size_t i = 0; i < scene.frames; ++i) {
    const double wanted = -episode.state(i, 0) * 180.0 / std::numbers::pi;
    degrees = i == 0 ? wanted : degrees + std::remainder(wanted - degrees, 360.0);
    rod.frames.push_back({picture_size / 2.0, centre, degrees});
  }
  scene.parts.push_back(std::move(rod));
  scene.parts.push_back({{{{{0.0, 0.0}}, 6.0, grey}}, {{picture_size / 2.0, centre, 0.0}}});
  add_action(episode, scene);
  return scene;
}

/// The height of the road is sin(3 position), as gravity has it.
Scene mountain_car_scene(const Episode& episode) {
  constexpr double lowest = -1.2, highest = 0.6, goal = 0.45, scale = 220.0 / (highest - lowest);
  const auto on_road = [](double position) {
    return Point{10.0 + scale * (position - lowest), 130.0 - 60.0 * std::sin(3.0 * position)};
  };
  Scene scene = empty_scene(episode);
  Shape road{{}, 3.0, grey};
  constexpr int pieces = 60;
  for (int i = 0; i <= pieces; ++i) {
    road.points.push_back(on_road(lowest + (highest - lowest) * i / pieces));
  }
  const Point foot = on_road(goal);
  scene.parts.push_back(
      {{road,
        {{foot, {foot.x, foot.y - 34.0}}, 2.0, grey},
        {{{foot.x, foot.y - 32.0}, {foot.x + 12.0, foot.y - 28.0}}, 6.0, green}}});
  // Its origin is where it touches the road.
  Part car{{{{{-9.0, -11.0}, {9.0, -11.0}}, 10.0, blue},
            {{{-8.0, -5.0}}, 8.0, red},
            {{{8.0, -5.0}}, 8.0, red}},
           {}};
  for (std::size_t i = 0; i < scene.frames; ++i) {
    const double position = episode.state(i, 0);
    const double slope = 60.0 * 3.0 * std::cos(3.0 * position) / scale;
    const Point at = on_road(position);
    car.frames.push_back({at.x, at.y, -std::atan(slope) * 180.0 / std::numbers::pi});
  }
  scene.parts.push_back(std::move(car));
  add_action(episode, scene);
  return scene;
}

/// Each state over time in a band of its own, and where the episode is.
Scene states_scene(const Episode& episode) {
  Scene scene = empty_scene(episode);
  const auto names = episode.environment.state_names;
  const double left = 10.0, width = picture_size - 20.0;
  const double band = 208.0 / static_cast<double>(std::max<std::size_t>(1, names.size()));
  const auto last = static_cast<double>(std::max<std::size_t>(2, scene.frames) - 1);
  const auto x = [&](std::size_t i) { return left + width * static_cast<double>(i) / last; };
  for (std::size_t state = 0; state < names.size(); ++state) {
    const double top = band * static_cast<double>(state);
    double lowest = episode.state(0, state), highest = lowest;
    for (std::size_t i = 0; i < scene.frames; ++i) {
      lowest = std::min<double>(lowest, episode.state(i, state));
      highest = std::max<double>(highest, episode.state(i, state));
    }
    const double range = highest > lowest ? highest - lowest : 1.0;
    Shape line{{}, 2.0, blue};
    for (std::size_t i = 0; i < scene.frames; ++i) {
      const double share = (episode.state(i, state) - lowest) / range;
      line.points.push_back({x(i), top + band - 4.0 - share * (band - 22.0)});
    }
    scene.parts.push_back({{line}});
    scene.labels.push_back({{left, top + 12.0}, std::string(names[state])});
  }
  Part cursor{{{{{0.0, 2.0}, {0.0, 206.0}}, 1.5, red}}, {}};
  for (std::size_t i = 0; i < scene.frames; ++i) cursor.frames.push_back({x(i), 0.0, 0.0});
  scene.parts.push_back(std::move(cursor));
  add_action(episode, scene);
  return scene;
}

}  // namespace

double Episode::push(std::size_t moment) const {
  const double low = environment.action_low(0), high = environment.action_high(0);
  const double action = actions[moment * static_cast<std::size_t>(environment.action_size)];
  const double share = (2.0 * action - low - high) / (high - low);
  const Drawing* const drawing = drawing_of(environment);
  return (drawing != nullptr ? drawing->side : 1.0) * std::clamp(share, -1.0, 1.0);
}

Episode take_episode(const Trajectories& trajectories, std::size_t index,
                     const EnvironmentInfo& environment, int time_limit) {
  const auto limit = static_cast<std::size_t>(time_limit);
  const auto state_size = static_cast<std::size_t>(environment.state_size);
  const auto action_size = static_cast<std::size_t>(environment.action_size);
  const auto length = static_cast<std::size_t>(trajectories.lengths[index]);
  const Drawing* const drawing = drawing_of(environment);
  const double seconds_per_step = drawing != nullptr ? drawing->seconds_per_step : 0.05;
  Episode episode{environment, length, 0.0, 0.0, {}, {}, {}};
  for (std::size_t step = 0; step < length; ++step) {
    episode.total_reward += trajectories.rewards[index * limit + step];
  }
  const std::size_t stride = (length + max_moments - 1) / max_moments;
  for (std::size_t step = 0; step < length; step += stride) {
    const auto state = trajectories.states.begin() +
                       static_cast<std::ptrdiff_t>((index * (limit + 1) + step) * state_size);
    const auto action = trajectories.actions.begin() +
                        static_cast<std::ptrdiff_t>((index * limit + step) * action_size);
    episode.moments.push_back(static_cast<int>(step));
    episode.states.insert(episode.states.end(), state, state + environment.state_size);
    episode.actions.insert(episode.actions.end(), action, action + environment.action_size);
  }
  // A single moment has no motion, but still some time.
  episode.seconds = seconds_per_step * std::max(1, episode.moments.back());
  return episode;
}

std::string_view action_name(const EnvironmentInfo& environment) {
  const Drawing* const drawing = drawing_of(environment);
  return drawing != nullptr ? drawing->action_name : "action";
}

Scene scene_of(const Episode& episode) {
  const Drawing* const drawing = drawing_of(episode.environment);
  return drawing != nullptr ? drawing->scene(episode) : states_scene(episode);
}

}  // namespace polyak
