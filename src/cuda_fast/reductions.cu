// One kernel reduces; where there are too few results to keep the device busy, it first reduces parts of each
// to a temporary array, and then that array's columns.
//
// A block of 256 threads is `lanes` threads for each of 256 / lanes results. A thread adds up every lanes-th
// element of a part, several sums side by side, and then its lanes are combined pair by pair: in a warp by
// shuffles, between warps through shared memory.
//   by rows       a result's elements lie side by side: so do its lanes
//   by columns    the results lie side by side: so do the threads for different results
#include <algorithm>
#include <cmath>

#include "allocator.h"
#include "device.h"
#include "division.h"
#include "launch.h"
#include "reductions.h"

namespace needle::fast {

namespace {

constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr int kEnough = 4;  // elements that a lane should have, for the block to be worth it
constexpr int kRun = 32;    // so many are added to a sum that starts at 0: rounding stays small
constexpr int64_t kMostPlaces = INT32_MAX;

struct Sum {
  static constexpr const char *kName = "Sum";
  static constexpr float kStart = 0.0f;
  __device__ static float Combine(float a, float b) { return a + b; }
};

struct Max {
  static constexpr const char *kName = "Max";
  static constexpr float kStart = -INFINITY;
  __device__ static float Combine(float a, float b) { return a > b || a != a ? a : b; }
};

// Axes as a kernel takes them: the innermost first.
struct Axes {
  int axes;
  Divider shape[kMaxAxes];
  int64_t strides[kMaxAxes];
};

struct Plan {
  Axes kept, reduced;
  int64_t results, length;  // length: elements of each result, in pieces of kWidth
  int64_t part;             // elements of each part, likewise; parts follow each other in blockIdx.y
  int32_t rest;             // elements after the last piece
  int32_t lanes;            // a power of two
};

// Find where the n-th elements lie, for several n at a time. One axis alone is not divided by.
template <int kCount>
__device__ inline void FindPlaces(const Axes &axes, int64_t (&n)[kCount], int64_t (&places)[kCount]) {
  int axis = 0;
#pragma unroll 1
  for (; axis + 1 < axes.axes; ++axis)
#pragma unroll
    for (int k = 0; k < kCount; ++k) {
      uint32_t quotient = static_cast<uint32_t>(n[k]);
      places[k] += SplitOff(axes.shape[axis], &quotient) * axes.strides[axis];
      n[k] = quotient;
    }
  if (axis >= axes.axes) return;
#pragma unroll
  for (int k = 0; k < kCount; ++k) places[k] += n[k] * axes.strides[axis];
}

// Read the n-th element, the one `apart` after it, and so on.
template <class Op, int kWidth, int kCount>
__device__ inline void ReadPieces(const float *a, const Axes &axes, int64_t n, int apart,
                                  float (&values)[kCount]) {
  int64_t numbers[kCount], places[kCount] = {};
#pragma unroll
  for (int k = 0; k < kCount; ++k) numbers[k] = n + k * apart;
  FindPlaces(axes, numbers, places);
  if constexpr (kWidth == 1) {
#pragma unroll
    for (int k = 0; k < kCount; ++k) values[k] = a[places[k]];
  } else {
    float4 fours[kCount];
#pragma unroll
    for (int k = 0; k < kCount; ++k) fours[k] = *reinterpret_cast<const float4 *>(a + places[k]);
#pragma unroll
    for (int k = 0; k < kCount; ++k)
      values[k] = Op::Combine(Op::Combine(fours[k].x, fours[k].y), Op::Combine(fours[k].z, fours[k].w));
  }
}

template <class Op, int kCount>
__device__ inline float CombineAll(float (&values)[kCount]) {
#pragma unroll
  for (int count = kCount / 2; count > 0; count /= 2)
#pragma unroll
    for (int k = 0; k < count; ++k) values[k] = Op::Combine(values[k], values[k + count]);
  return values[0];
}

// Reduce the pieces n, n + lanes, ... before `end`.
template <class Op, int kWidth>
__device__ float ReduceInThread(const float *a, const Axes &axes, int64_t n, int64_t end, int lanes) {
  constexpr int kUnroll = kWidth == 4 ? 4 : 8;  // so many are read before the first is added
  const int64_t reach = int64_t{kUnroll - 1} * lanes;
  float total = Op::kStart;
  while (n + reach < end) {
    float sums[kUnroll];
    ReadPieces<Op, kWidth>(a, axes, n, lanes, sums);
    n += reach + lanes;
    for (int run = 1; run < kRun && n + reach < end; ++run, n += reach + lanes) {
      float values[kUnroll];
      ReadPieces<Op, kWidth>(a, axes, n, lanes, values);
#pragma unroll
      for (int k = 0; k < kUnroll; ++k) sums[k] = Op::Combine(sums[k], values[k]);
    }
    total = Op::Combine(total, CombineAll<Op>(sums));
  }
#pragma unroll 1
  for (; n < end; n += lanes) {
    float value[1];
    ReadPieces<Op, kWidth>(a, axes, n, lanes, value);
    total = Op::Combine(total, value[0]);
  }
  return total;
}

// Combine the lanes' values, which lie `apart` threads apart. Lane 0 gets the result. Called by all threads.
template <class Op>
__device__ float CombineLanes(float value, float *shared, int lane, int lanes, int apart) {
  int left = lanes;
  if (apart == 1) {  // lanes that follow each other in a warp
    for (int step = min(lanes, kWarp) / 2; step > 0; step /= 2)
      value = Op::Combine(value, __shfl_down_sync(0xffffffffu, value, step));
    if (lanes <= kWarp) return value;
    left = lanes / kWarp;
  }
  const int spread = lanes / left;  // lanes from one that still counts to the next
  const int thread = threadIdx.x;
  for (int step = left / 2; step > 0; step /= 2) {
    shared[thread] = value;
    __syncthreads();
    if (lane % spread == 0 && lane / spread < step)
      value = Op::Combine(value, shared[thread + step * spread * apart]);
    __syncthreads();
  }
  return value;
}

template <class Op, int kWidth, bool kByRows>
__global__ void __launch_bounds__(kThreads) ReduceKernel(const float *a, float *out, Plan plan) {
  __shared__ float shared[kThreads];
  const int thread = threadIdx.x, lanes = plan.lanes, results = kThreads / lanes;
  const int lane = kByRows ? thread % lanes : thread / results;
  const int64_t result =
      static_cast<int64_t>(blockIdx.x) * results + (kByRows ? thread / lanes : thread % results);
  float value = Op::kStart;
  if (result < plan.results) {
    int64_t number[1] = {result}, place[1] = {0};
    FindPlaces(plan.kept, number, place);
    const float *first = a + place[0];
    const int64_t begin = blockIdx.y * plan.part, end = min(begin + plan.part, plan.length);
    value = ReduceInThread<Op, kWidth>(first, plan.reduced, begin + lane, end, lanes);
    if (kWidth == 4 && blockIdx.y == 0)
#pragma unroll 1
      for (int k = lane; k < plan.rest; k += lanes) value = Op::Combine(value, first[plan.length * 4 + k]);
  }
  value = CombineLanes<Op>(value, shared, lane, lanes, kByRows ? 1 : results);
  if (lane == 0 && result < plan.results) out[blockIdx.y * plan.results + result] = value;
}

int64_t FloorPowerOfTwo(int64_t n) {
  int64_t power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
}

Axes LayOut(const Views<1> &views) {
  Axes axes = {};
  axes.axes = views.axes;
  for (int axis = 0; axis < views.axes; ++axis) {
    const int from = views.axes - 1 - axis;
    // One axis alone is not divided by, and may be longer than a divider can be.
    axes.shape[axis] = Divider(views.axes == 1 ? 1 : static_cast<uint32_t>(views.shape[from]));
    axes.strides[axis] = views.strides[0][from];
  }
  return axes;
}

// Return the stride of the innermost axis of more than one element; huge if there is none.
int64_t InnerStride(const Views<1> &views) {
  if (views.axes == 0) return INT64_MAX;
  const int64_t stride = views.strides[0][views.axes - 1];
  return stride < 0 ? -stride : stride;
}

bool GoesByFour(const ReductionCall &call) {
  bool aligned = reinterpret_cast<uintptr_t>(call.a) % 16 == 0;
  for (int axis = 0; axis < call.kept.axes; ++axis) aligned &= call.kept.strides[0][axis] % 4 == 0;
  return aligned && call.reduced.axes == 1 && call.reduced.strides[0][0] == 1;
}

// How many threads share a result: by rows enough for some pieces each, by columns as many as are left beside
// a warp for 32 results.
int64_t ChooseLanes(bool by_rows, int64_t results, int64_t length) {
  if (by_rows && length <= kWarp) return FloorPowerOfTwo(std::max<int64_t>(length, 1));
  if (by_rows)
    return std::min<int64_t>(kThreads, std::max<int64_t>(kWarp, FloorPowerOfTwo(length / kEnough)));
  const int64_t side_by_side = results >= kWarp ? kWarp : FloorPowerOfTwo(2 * results - 1);
  return std::min<int64_t>(kThreads / side_by_side, FloorPowerOfTwo(std::max<int64_t>(length, 1)));
}

template <class Op>
void RunKernel(const ReductionCall &call, bool by_rows, bool by_four, const Plan &plan, int64_t parts,
               float *out) {
  const int64_t results = kThreads / plan.lanes;
  const dim3 grid(static_cast<unsigned>((plan.results + results - 1) / results),
                  static_cast<unsigned>(parts));
  const auto kernel = !by_rows  ? ReduceKernel<Op, 1, false>
                      : by_four ? ReduceKernel<Op, 4, true>
                                : ReduceKernel<Op, 1, true>;
  Launch(Op::kName, kernel, grid, dim3(kThreads), 0, call.a, out, plan);
}

template <class Op>
void ReduceOnDevice(const ReductionCall &call) {
  const bool by_rows = InnerStride(call.reduced) <= InnerStride(call.kept);
  const bool by_four = by_rows && GoesByFour(call);
  const int64_t width = by_four ? 4 : 1, count = call.reduced.Count();
  Plan plan = {LayOut(call.kept), LayOut(call.reduced), call.kept.Count(), count / width, 0, 0, 0};
  if (by_four) plan.reduced.strides[0] = width;  // from piece to piece
  plan.rest = static_cast<int32_t>(count % width);
  plan.lanes = static_cast<int32_t>(ChooseLanes(by_rows, plan.results, plan.length));
  const int64_t blocks = (plan.results * plan.lanes + kThreads - 1) / kThreads;
  const int64_t most_parts = plan.length / (plan.lanes * kEnough * 4);  // so that a part is worth a block
  const int64_t parts =
      std::max<int64_t>(1, std::min({int64_t{8} * ProcessorCount() / blocks, most_parts, int64_t{65535}}));
  plan.part = (plan.length + parts - 1) / parts;
  if (parts == 1) return RunKernel<Op>(call, by_rows, by_four, plan, 1, call.out);
  const Temporary partial(static_cast<size_t>(parts * plan.results) * sizeof(float));
  RunKernel<Op>(call, by_rows, by_four, plan, parts, partial.Floats());
  ReductionCall rest = {{}, {}, partial.Floats(), call.out};
  rest.kept.Append(plan.results, {1});
  rest.reduced.Append(parts, {plan.results});
  rest.kept.Collapse();
  ReduceOnDevice<Op>(rest);
}

// Cut what has more places than 31 bits count: results one half after the other, elements one axis after the
// other.
template <class Op>
void ReduceInParts(const ReductionCall &call) {
  if (call.kept.Count() > kMostPlaces) {
    ReductionCall first = call, second = call;
    const int64_t length = call.kept.shape[0], half = length / 2;
    first.kept.shape[0] = half;
    second.kept.shape[0] = length - half;
    second.a += half * call.kept.strides[0][0];
    second.out += first.kept.Count();
    first.kept.Collapse();
    second.kept.Collapse();
    ReduceInParts<Op>(first);
    ReduceInParts<Op>(second);
  } else if (call.reduced.axes > 1 && call.reduced.Count() > kMostPlaces) {
    ReductionCall inner = call, outer = call;
    const int last = call.reduced.axes - 1;
    inner.reduced = {};
    inner.reduced.Append(call.reduced.shape[last], {call.reduced.strides[0][last]});
    for (int axis = 0; axis < last; ++axis)
      inner.kept.Append(call.reduced.shape[axis], {call.reduced.strides[0][axis]});
    const Temporary partial(static_cast<size_t>(inner.kept.Count()) * sizeof(float));
    inner.out = partial.Floats();
    outer.a = partial.Floats();
    outer.kept = outer.reduced = {};
    outer.kept.Append(call.kept.Count(), {inner.kept.Count() / call.kept.Count()});
    outer.reduced.Append(inner.kept.Count() / call.kept.Count(), {1});
    outer.kept.Collapse();
    ReduceInParts<Op>(inner);
    ReduceInParts<Op>(outer);
  } else {
    ReduceOnDevice<Op>(call);
  }
}

Views<1> NoPlaces() {
  Views<1> views;
  views.Append(0, {0});
  return views;
}

}  // namespace

void Reduce(Reduction reduction, ReductionCall call) {
  if (call.kept.Count() == 0) return;
  call.kept.Collapse();
  if (call.reduced.Count() == 0) call.reduced = NoPlaces();
  call.reduced.SortBy(0);
  call.reduced.Collapse();
  if (reduction == Reduction::kSum)
    ReduceInParts<Sum>(call);
  else
    ReduceInParts<Max>(call);
}

}  // namespace needle::fast
