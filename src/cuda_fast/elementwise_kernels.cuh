// The element-wise kernels, each for any operation, and the choice among them.
//   WalkKernel    threads side by side walk along the innermost axis, one number or four at a time
//   TurnKernel    for an operand whose neighbours in memory lie along another axis than out's: tiles of it go
//                 through shared memory, so that reads and writes are both coalesced
// Places are counted in 32 bits: a larger call is cut in two until they fit.
#pragma once

#include <cstdint>

#include "division.h"
#include "elementwise.h"
#include "launch.h"

namespace needle::fast {

constexpr int kThreads = 256;
constexpr int kTurnTile = 32, kTurnRows = kThreads / kTurnTile;

// Views as a kernel takes them: the innermost axis first, strides of out, a and b.
struct Layout {
  int axes;
  Divider shape[kMaxAxes];
  int32_t strides[3][kMaxAxes];
};

struct Places {
  int32_t out, a, b;
};

__device__ inline void Advance(const Layout &layout, int axis, uint32_t steps, Places *places) {
  const int32_t i = static_cast<int32_t>(steps);
  places->out += i * layout.strides[0][axis];
  places->a += i * layout.strides[1][axis];
  places->b += i * layout.strides[2][axis];
}

// Find where the n-th elements of the axes from `first` on lie, for several n at a time.
template <int kCount>
__device__ inline void FindPlaces(const Layout &layout, int first, uint32_t (&n)[kCount],
                                  Places (&places)[kCount]) {
  int axis = first;
#pragma unroll 1
  for (; axis + 1 < layout.axes; ++axis)
#pragma unroll
    for (int k = 0; k < kCount; ++k) Advance(layout, axis, SplitOff(layout.shape[axis], &n[k]), &places[k]);
  if (axis >= layout.axes) return;
#pragma unroll
  for (int k = 0; k < kCount; ++k) Advance(layout, axis, n[k], &places[k]);  // the last axis takes the rest
}

// Read kWidth neighbours, or one number kWidth times if `stride` is 0.
template <int kWidth>
__device__ inline void Read(const Source &source, int32_t place, int32_t stride, float (&values)[kWidth]) {
  if (kWidth == 4 && source.memory && stride != 0) {
    const float4 four = *reinterpret_cast<const float4 *>(source.memory + place);
    values[0] = four.x, values[1 % kWidth] = four.y, values[2 % kWidth] = four.z, values[3 % kWidth] = four.w;
  } else {
    const float value = source.memory ? source.memory[place] : source.number;
#pragma unroll
    for (int e = 0; e < kWidth; ++e) values[e] = value;
  }
}

template <int kWidth>
__device__ inline void Write(float *out, const float (&values)[kWidth]) {
  if (kWidth == 4)
    *reinterpret_cast<float4 *>(out) =
        make_float4(values[0], values[1 % kWidth], values[2 % kWidth], values[3 % kWidth]);
  else
    out[0] = values[0];
}

// One thread computes some pieces of kWidth elements each, kThreads pieces apart. With kWidth 4 the innermost
// axis is counted in pieces; `rest` elements after the last piece (of views with one axis) are computed too.
template <class Op, int kWidth>
__global__ void __launch_bounds__(kThreads)
    WalkKernel(float *out, Source a, Source b, Layout layout, uint32_t pieces, uint32_t rest) {
  constexpr int kPieces = kWidth == 4 ? 2 : 4;
  const uint32_t first = blockIdx.x * (kThreads * kPieces) + threadIdx.x;
  float x[kPieces][kWidth], y[kPieces][kWidth];
  uint32_t piece[kPieces];
#pragma unroll
  for (int k = 0; k < kPieces; ++k) piece[k] = first + k * kThreads;
  Places places[kPieces] = {};
  FindPlaces(layout, 0, piece, places);
#pragma unroll
  for (int k = 0; k < kPieces; ++k) {
    if (first + k * kThreads >= pieces) continue;
    Read<kWidth>(a, places[k].a, layout.strides[1][0], x[k]);
    if (Op::kBinary) Read<kWidth>(b, places[k].b, layout.strides[2][0], y[k]);
  }
#pragma unroll
  for (int k = 0; k < kPieces; ++k) {
    if (first + k * kThreads >= pieces) continue;
#pragma unroll
    for (int e = 0; e < kWidth; ++e) x[k][e] = Op::Apply(x[k][e], Op::kBinary ? y[k][e] : 0.0f);
    Write<kWidth>(out + places[k].out, x[k]);
  }
  if (kWidth == 4 && blockIdx.x == 0 && threadIdx.x < rest) {
    const int32_t i = static_cast<int32_t>(pieces * 4 + threadIdx.x);
    const float p = a.memory ? a.memory[layout.strides[1][0] ? i : 0] : a.number;
    const float q = !Op::kBinary ? 0.0f : b.memory ? b.memory[layout.strides[2][0] ? i : 0] : b.number;
    out[i] = Op::Apply(p, q);
  }
}

// Which operands' neighbours lie along axis 1, while out's lie along axis 0; and how many tiles each has.
struct Turn {
  bool a, b;
  Divider across, down;
};

// Copy a tile of `source`, whose neighbours lie along axis 1, to tile[along axis 1][along axis 0].
__device__ inline void ReadTurned(const Source &source, int32_t place, const int32_t (*strides)[kMaxAxes],
                                  uint32_t x0, uint32_t y0, uint32_t width, uint32_t height,
                                  float (*tile)[kTurnTile + 1]) {
  const uint32_t y = y0 + threadIdx.x;
  for (uint32_t r = threadIdx.y; r < kTurnTile; r += kTurnRows)
    if (x0 + r < width && y < height)
      tile[threadIdx.x][r] = source.memory[place + static_cast<int32_t>(x0 + r) * (*strides)[0] +
                                           static_cast<int32_t>(y) * (*strides)[1]];
}

template <class Op>
__global__ void __launch_bounds__(kThreads)
    TurnKernel(float *out, Source a, Source b, Layout layout, Turn turn) {
  __shared__ float tile_a[kTurnTile][kTurnTile + 1];  // one column more: threads side by side in y meet no
  __shared__ float tile_b[kTurnTile][kTurnTile + 1];  // common bank
  uint32_t batch[1] = {blockIdx.x};
  const uint32_t x0 = SplitOff(turn.across, batch) * kTurnTile, y0 = SplitOff(turn.down, batch) * kTurnTile;
  const uint32_t width = layout.shape[0].divisor, height = layout.shape[1].divisor;
  Places places[1] = {};
  FindPlaces(layout, 2, batch, places);
  const Places &start = places[0];
  if (turn.a) ReadTurned(a, start.a, &layout.strides[1], x0, y0, width, height, tile_a);
  if (Op::kBinary && turn.b) ReadTurned(b, start.b, &layout.strides[2], x0, y0, width, height, tile_b);
  __syncthreads();
  const int32_t x = static_cast<int32_t>(x0 + threadIdx.x);
  if (x >= static_cast<int32_t>(width)) return;
#pragma unroll
  for (uint32_t r = 0; r < kTurnTile; r += kTurnRows) {
    const uint32_t row = threadIdx.y + r;
    const int32_t y = static_cast<int32_t>(y0 + row);
    if (y >= static_cast<int32_t>(height)) break;
    float p[1], q[1] = {0.0f};
    if (turn.a)
      p[0] = tile_a[row][threadIdx.x];
    else
      Read<1>(a, start.a + x * layout.strides[1][0] + y * layout.strides[1][1], 0, p);
    if (Op::kBinary && turn.b)
      q[0] = tile_b[row][threadIdx.x];
    else if (Op::kBinary)
      Read<1>(b, start.b + x * layout.strides[2][0] + y * layout.strides[2][1], 0, q);
    out[start.out + x * layout.strides[0][0] + y * layout.strides[0][1]] = Op::Apply(p[0], q[0]);
  }
}

// The launches, in elementwise.cu, know kernels by their address only, so that they are compiled once.
struct Kernels {
  const char *name;
  void (*walk)(float *, Source, Source, Layout, uint32_t, uint32_t);
  void (*walk_by_four)(float *, Source, Source, Layout, uint32_t, uint32_t);
  void (*turn)(float *, Source, Source, Layout, Turn);
};

template <class Op>
Kernels KernelsOf() {
  return {Op::kName, WalkKernel<Op, 1>, WalkKernel<Op, 4>, TurnKernel<Op>};
}

}  // namespace needle::fast
