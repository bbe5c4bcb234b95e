// NVIDIA's run-time compiler, found when the program runs: it is a part of the CUDA toolkit, which
// who trains need not have.
#pragma once

#include <string>
#include <vector>

namespace polyak::cuda {

/// What came of a compilation: machine code, or none and the compiler's messages.
struct Compilation {
  std::string cubin, messages;
};

class Nvrtc {
 public:
  virtual ~Nvrtc() = default;

  /// The compiler of this machine; null if there is none, and then why, in a few words.
  static const Nvrtc* find(std::string* why_not);

  /// Machine code of `source` for `architecture` ("sm_90"), with the arithmetic of the kernels that
  /// the program has.
  ///   more_options  further options of NVRTC
  virtual Compilation compile(const std::string& source, const std::string& architecture,
                              const std::vector<std::string>& more_options = {}) const = 0;

  /// "NVRTC 13.0".
  virtual std::string version() const = 0;
};

}  // namespace polyak::cuda
