// A kernel that does what a script says, for tests that draw scripts.
#include "programs.h"

enum Kind { READ, WRITE, ATOMIC, BLOCK_BARRIER, WARP_BARRIER };

// What the threads of all blocks do, in the order of their own steps.
struct Step {
  int kind, block, thread, element;
};

constexpr int ELEMENTS = 3;

__device__ void Follow(const Step *steps, int count, int *elements) {
  for (int i = 0; i < count; ++i) {
    const Step step = steps[i];
    const bool mine = step.block == blockIdx.x && step.thread == threadIdx.x;
    if (step.kind == BLOCK_BARRIER) __syncthreads();
    if (step.kind == WARP_BARRIER) __syncwarp();
    if (mine && step.kind == READ && elements[step.element] < 0) __trap();
    if (mine && step.kind == WRITE) elements[step.element] = 1;
    if (mine && step.kind == ATOMIC) atomicAdd(&elements[step.element], 1);
  }
}

__global__ void GlobalKernel(const Step *steps, int count, int *elements) {
  Follow(steps, count, elements);
}

__global__ void SharedKernel(const Step *steps, int count) {
  __shared__ int elements[ELEMENTS];
  if (threadIdx.x < ELEMENTS) elements[threadIdx.x] = 0;
  __syncthreads();
  Follow(steps, count, elements);
}

// Return whether there was a race. Throws what else there was.
static bool Races(const Step *steps, int count, bool shared) {
  DeviceArray<int> elements(ELEMENTS);
  Step *copy = nullptr;
  Check(cudaMalloc(&copy, count * sizeof(Step)));
  Check(cudaMemcpy(copy, steps, count * sizeof(Step), cudaMemcpyHostToDevice));
  bool races = false;
  try {
    if (shared)
      SharedKernel<<<1, 40>>>(copy, count);
    else
      GlobalKernel<<<2, 40>>>(copy, count, elements.Clear().ptr);
  } catch (const cudasim::Fault &fault) {
    races = fault.kind == cudasim::FaultKind::kRace;
    if (!races) throw;
  }
  cudaFree(copy);
  return races;
}

// Return 1 for a race, 0 for none, 2 for anything else.
extern "C" int run_script(const int *steps, int count, int shared) {
  try {
    return Races(reinterpret_cast<const Step *>(steps), count, shared);
  } catch (const std::exception &) {
    return 2;
  }
}
