// Scenes as pixels.
#pragma once

#include <string>

#include "app/drawing/scene.hpp"

namespace polyak {

/// An animated GIF on white, without the scene's labels.
std::string animated_gif(const Scene& scene);

}  // namespace polyak
