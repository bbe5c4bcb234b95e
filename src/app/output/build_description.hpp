#pragma once

#include <string_view>

namespace polyak {

/// What this program was built from and how.
struct BuildDescription {
  std::string_view version, commit, type, compiler;
  std::string_view cuda_architectures;  ///< separated by spaces; empty: built without CUDA
};

BuildDescription build_description();

}  // namespace polyak
