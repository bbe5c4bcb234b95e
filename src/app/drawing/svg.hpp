// Scenes as SVG, which CSS moves: no script, so that it plays wherever a picture may be.
#pragma once

#include <string>

#include "app/drawing/scene.hpp"

namespace polyak {

/// A part of an SVG that moves, and the CSS that moves it.
struct MovingPart {
  std::string style, element;
};

/// Goes through its frames in so many seconds, over and over. `name`: of its class and animation;
/// of several on a page each has its own.
MovingPart moving_part(const Part& part, const std::string& name, double seconds);

/// An <svg> element. Its parts' animations are named `name` and a number. They stand still for
/// readers who want that.
std::string animated_svg(const Scene& scene, const std::string& name);

}  // namespace polyak
