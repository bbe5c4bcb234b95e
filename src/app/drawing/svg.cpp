#include "app/drawing/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/output/message.hpp"

namespace polyak {
namespace {

std::string with_digits(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string result(text);
  if (result.find('.') == std::string::npos) return result;
  result.erase(result.find_last_not_of('0') + 1);
  if (result.ends_with('.')) result.pop_back();
  return result == "-0" ? "0" : result;
}

std::string shape_svg(const Shape& shape) {
  const std::string colour = colour_text(shape.colour);
  if (shape.points.size() == 1) {
    return "<circle cx=\"" + coordinate(shape.points[0].x) + "\" cy=\"" +
           coordinate(shape.points[0].y) + "\" r=\"" + coordinate(shape.width / 2.0) +
           "\" fill=\"" + colour + "\"/>\n";
  }
  std::string points;
  for (const Point& point : shape.points) {
    points += (points.empty() ? "" : " ") + coordinate(point.x) + "," + coordinate(point.y);
  }
  return "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + colour +
         "\" stroke-width=\"" + coordinate(shape.width) +
         "\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\n";
}

std::string transform(const Placement& place, bool turns) {
  std::string text = "translate(" + coordinate(place.x) + "px," + coordinate(place.y) + "px)";
  if (turns) text += " rotate(" + with_digits(place.degrees, 1) + "deg)";
  return text;
}

/// CSS: where the part is at each share of the time, as far as it changes.
std::string keyframes(const Part& part, const std::string& name, bool turns) {
  std::vector<std::string> places;
  for (const Placement& place : part.frames) places.push_back(transform(place, turns));
  const std::size_t last = places.size() - 1;
  std::string text = "@keyframes " + name + "{\n";
  for (std::size_t i = 0; i <= last; ++i) {
    const bool rests =
        i > 0 && i < last && places[i] == places[i - 1] && places[i] == places[i + 1];
    if (rests) continue;
    const double share = 100.0 * static_cast<double>(i) / static_cast<double>(last);
    text += with_digits(share, 2) + "%{transform:" + places[i] + "}\n";
  }
  return text + "}\n";
}

}  // namespace

std::string colour_text(const RgbColour& colour) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
  return text;
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string coordinate(double value) { return with_digits(value, 2); }

std::string animated_svg(const Scene& scene, const std::string& name) {
  std::string style, body;
  int animations = 0;
  for (const Part& part : scene.parts) {
    std::string shapes;
    for (const Shape& shape : part.shapes) shapes += shape_svg(shape);
    const bool turns = std::any_of(part.frames.begin(), part.frames.end(),
                                   [](const Placement& place) { return place.degrees != 0.0; });
    if (part.frames.size() > 1) {
      const std::string animation = name + std::to_string(animations++);
      style += "." + animation + "{animation:" + animation + " " + with_digits(scene.seconds, 3) +
               "s linear infinite}\n" + keyframes(part, animation, turns);
      body += "<g class=\"" + animation + "\">\n" + shapes + "</g>\n";
    } else if (part.frames.front() == Placement{}) {
      body += shapes;
    } else {
      body += "<g style=\"transform:" + transform(part.frames.front(), turns) + "\">\n" + shapes +
              "</g>\n";
    }
  }
  for (const Label& label : scene.labels) {
    body += "<text x=\"" + coordinate(label.left.x) + "\" y=\"" + coordinate(label.left.y) +
            "\" fill=\"" + colour_text(grey) + "\" font-family=\"sans-serif\" font-size=\"11\">" +
            escape_markup(label.text) + "</text>\n";
  }
  const std::string width = std::to_string(scene.width), height = std::to_string(scene.height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + height +
         "\" width=\"" + width + "\" height=\"" + height + "\" role=\"img\">\n<title>" +
         escape_markup(scene.title) + "</title>\n<style>\n" + style +
         "@media (prefers-reduced-motion:reduce){g{animation-play-state:paused!important}}\n" +
         "</style>\n" + body + "</svg>\n";
}

}  // namespace polyak
