// Whole episodes of recurrent policies (episodes_kernel.cuh).
#include "kernels/episodes_kernel.cuh"

namespace polyak::kernels {

cudaError_t launch_recurrent_episodes(const EvaluateEpisodes& arguments, cudaStream_t stream) {
  return launch_episodes<true>(arguments, stream);
}

}  // namespace polyak::kernels
