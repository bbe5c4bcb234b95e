#include "app/drawing/svg.hpp"

#include <algorithm>
#include <cstdio>

#include "app/drawing/markup.hpp"

namespace polyak {
namespace {

std::string shape_svg(const Shape& shape) {
  const std::string colour = colour_text(shape.colour);
  if (shape.points.size() == 1) {
    return element("circle", {{"cx", coordinate(shape.points[0].x)},
                              {"cy", coordinate(shape.points[0].y)},
                              {"r", coordinate(shape.width / 2.0)},
                              {"fill", colour}});
  }
  std::string points;
  for (const Point& point : shape.points) {
    points += (points.empty() ? "" : " ") + coordinate(point.x) + "," + coordinate(point.y);
  }
  return element("polyline", {{"points", points},
                              {"fill", "none"},
                              {"stroke", colour},
                              {"stroke-width", coordinate(shape.width)},
                              {"stroke-linecap", "round"},
                              {"stroke-linejoin", "round"}});
}

std::string shapes_svg(const Part& part) {
  std::string text = "\n";
  for (const Shape& shape : part.shapes) text += shape_svg(shape);
  return text;
}

bool turns(const Part& part) {
  return std::any_of(part.frames.begin(), part.frames.end(),
                     [](const Placement& place) { return place.degrees != 0.0; });
}

std::string transform(const Placement& place, bool turning) {
  std::string text = "translate(" + coordinate(place.x) + "px," + coordinate(place.y) + "px)";
  if (turning) text += " rotate(" + with_decimals(place.degrees, 1) + "deg)";
  return text;
}

/// CSS: where the part is at each share of the time, as far as it changes.
std::string keyframes(const Part& part, const std::string& name) {
  const bool turning = turns(part);
  std::vector<std::string> places;
  for (const Placement& place : part.frames) places.push_back(transform(place, turning));
  const std::size_t last = places.size() - 1;
  std::string text = "@keyframes " + name + "{\n";
  for (std::size_t i = 0; i <= last; ++i) {
    const bool rests =
        i > 0 && i < last && places[i] == places[i - 1] && places[i] == places[i + 1];
    if (rests) continue;
    const double share = 100.0 * static_cast<double>(i) / static_cast<double>(last);
    text += with_decimals(share, 2) + "%{transform:" + places[i] + "}\n";
  }
  return text + "}\n";
}

}  // namespace

std::string colour_text(const RgbColour& colour) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
  return text;
}

MovingPart moving_part(const Part& part, const std::string& name, double seconds) {
  const std::string rule =
      "." + name + "{animation:" + name + " " + with_decimals(seconds, 3) + "s linear infinite}\n";
  return {rule + keyframes(part, name), element("g", {{"class", name}}, shapes_svg(part))};
}

std::string animated_svg(const Scene& scene, const std::string& name) {
  std::string style, body;
  int animations = 0;
  for (const Part& part : scene.parts) {
    if (part.frames.size() > 1) {
      const MovingPart moving =
          moving_part(part, name + std::to_string(animations++), scene.seconds);
      style += moving.style;
      body += moving.element;
    } else if (part.frames.front() == Placement{}) {
      body += shapes_svg(part);
    } else {
      const std::string place = "transform:" + transform(part.frames.front(), turns(part));
      body += element("g", {{"style", place}}, shapes_svg(part));
    }
  }
  for (const Label& label : scene.labels) {
    body += element("text",
                    {{"x", coordinate(label.left.x)},
                     {"y", coordinate(label.left.y)},
                     {"fill", colour_text(grey)},
                     {"font-family", "sans-serif"},
                     {"font-size", "11"}},
                    escape_markup(label.text));
  }
  style += "@media (prefers-reduced-motion:reduce){g{animation-play-state:paused!important}}\n";
  const std::string width = std::to_string(scene.width), height = std::to_string(scene.height);
  return element("svg",
                 {{"xmlns", "http://www.w3.org/2000/svg"},
                  {"viewBox", "0 0 " + width + " " + height},
                  {"width", width},
                  {"height", height},
                  {"role", "img"}},
                 "\n" + element("title", {}, escape_markup(scene.title)) +
                     element("style", {}, "\n" + style) + body);
}

}  // namespace polyak
