// Scenes as SVG, which CSS moves: no script, so that it plays wherever a picture may be.
#pragma once

#include <string>
#include <string_view>

#include "app/drawing/scene.hpp"

namespace polyak {

/// `text` as HTML and XML want it between tags and in attributes; what is no UTF-8 and control
/// characters become question marks.
std::string escape_markup(std::string_view text);

/// A coordinate to two decimals, without what says nothing: "12.5".
std::string coordinate(double value);

/// An <svg> element. Its parts' animations are named `name` and a number: of several pictures on a
/// page each has its own. Goes round and round, and stands still for readers who want that.
std::string animated_svg(const Scene& scene, const std::string& name);

}  // namespace polyak
