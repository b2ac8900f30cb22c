// The float32 kernel. A block of 256 threads computes a tile of 128 x 128 numbers of out, a thread 8 x 8 of
// them, in four pieces of 4 x 4. For each 16 columns of a and rows of b, a tile of both goes to shared
// memory, by copies that go on while the tiles before are multiplied.
//
//   shared memory   tile of a: [16][132], of b: [16][132]; both k first, so that a thread reads its 4 rows of
//   a,
//                   and its 4 columns of b, as one float4. 132: threads that write along k meet no common
//                   bank.
//   a warp          64 x 32 of the block's tile: its threads lie 8 x 4, each with 4 x 4 numbers in each of
//   the
//                   four quarters. Threads that differ in bit 0 of their number share rows, in bit 1 columns:
//                   shared memory then serves sixteen threads at once.

#include "copy_async.cuh"
#include "gemm_tiles.h"
#include "launch.h"

namespace needle::fast {

namespace {

constexpr int kTile = 128, kDepth = 16, kPitch = kTile + 4, kThreads = 256;
using Tile = float[kDepth][kPitch];

// A batch's axes, the innermost first.
struct Batch {
  int axes;
  int64_t shape[kMaxAxes];
  int64_t a_strides[kMaxAxes], b_strides[kMaxAxes];
};

// Operand a as (i, k), operand b as (j, k): rows and columns of out alike are counted by i.
struct Operand {
  const float *memory;
  int64_t i_stride, k_stride;
  int32_t length;  // of i
  bool by_four;    // i_stride is 1, and every address of an i that 4 divides is a multiple of 16
};

// Copies tiles of an operand, the next one of 16 k's at each call. Along k: its k_stride is 1, and eight
// threads side by side read eight k's.
template <bool kAlongK>
class TileReader {
 public:
  __device__ TileReader(const Operand &operand, const float *matrix, int first, int thread)
      : i_(thread / 8), k_(thread % 8), step_(32 * operand.i_stride), exist_(0) {
#pragma unroll
    for (int s = 0; s < 4; ++s) exist_ |= (first + i_ + 32 * s < operand.length) << s;
    from_ = matrix + (first + i_) * operand.i_stride + k_;
  }

  __device__ void Copy(Tile &tile, int k_left) {
#pragma unroll
    for (int s = 0; s < 4; ++s)
#pragma unroll
      for (int k = 0; k < kDepth; k += 8)
        CopyOneAsync(&tile[k_ + k][i_ + 32 * s], from_ + s * step_ + k, (exist_ >> s & 1) && k_ + k < k_left);
    from_ += kDepth;
  }

 private:
  int i_, k_;
  int64_t step_;
  unsigned exist_;
  const float *from_;
};

// Along i, for any strides: a thread copies four i's of two k's.
template <>
class TileReader<false> {
 public:
  __device__ TileReader(const Operand &operand, const float *matrix, int first, int thread)
      : i_(thread % 32 * 4),
        k_(thread / 32),
        count_(max(0, min(4, operand.length - first - i_))),
        i_stride_(operand.i_stride),
        k_stride_(operand.k_stride),
        by_four_(operand.by_four),
        from_(matrix + (first + i_) * operand.i_stride + k_ * operand.k_stride) {}

  __device__ void Copy(Tile &tile, int k_left) {
#pragma unroll
    for (int k = 0; k < kDepth; k += 8) {
      const int count = k_ + k < k_left ? count_ : 0;
      const float *from = from_ + k * k_stride_;
      if (by_four_) {
        CopyFourAsync(&tile[k_ + k][i_], from, count);
      } else {
#pragma unroll
        for (int e = 0; e < 4; ++e) CopyOneAsync(&tile[k_ + k][i_ + e], from + e * i_stride_, e < count);
      }
    }
    from_ += kDepth * k_stride_;
  }

 private:
  int i_, k_, count_;
  int64_t i_stride_, k_stride_;
  bool by_four_;
  const float *from_;
};

// Read rows (or columns) at, ..., at + 3 and at + apart, ..., at + apart + 3 of one k.
__device__ inline void ReadEight(const float *tile_row, int at, int apart, float (&values)[8]) {
  const float4 low = *reinterpret_cast<const float4 *>(tile_row + at);
  const float4 high = *reinterpret_cast<const float4 *>(tile_row + at + apart);
  values[0] = low.x, values[1] = low.y, values[2] = low.z, values[3] = low.w;
  values[4] = high.x, values[5] = high.y, values[6] = high.z, values[7] = high.w;
}

__device__ inline void MultiplyTiles(const Tile &a, const Tile &b, int row, int column, float (&sums)[8][8]) {
#pragma unroll
  for (int k = 0; k < kDepth; ++k) {
    float x[8], y[8];
    ReadEight(a[k], row, 32, x);
    ReadEight(b[k], column, 16, y);
#pragma unroll
    for (int i = 0; i < 8; ++i)
#pragma unroll
      for (int j = 0; j < 8; ++j) sums[i][j] += x[i] * y[j];
  }
}

// Write the thread's 8 x 8 sums, where out has such rows and columns.
__device__ inline void WriteSums(const float (&sums)[8][8], float *out, int row, int column, int m, int p,
                                 bool by_four) {
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const int r = row + i % 4 + i / 4 * 32;
    if (r >= m) continue;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int c = column + half * 16;
      float *to = out + static_cast<int64_t>(r) * p + c;
      const float *from = &sums[i][half * 4];
      if (by_four && c < p) {
        *reinterpret_cast<float4 *>(to) = make_float4(from[0], from[1], from[2], from[3]);
      } else {
#pragma unroll
        for (int e = 0; e < 4; ++e)
          if (c + e < p) to[e] = from[e];
      }
    }
  }
}

template <bool kAAlongK, bool kBAlongK>
__global__ void __launch_bounds__(kThreads, 2)
    GemmKernel(Operand a, Operand b, float *out, int n, bool out_by_four, TileGrid grid, Batch batch) {
  __shared__ __align__(16) Tile tiles[2][2];  // [stage][a, b]
  const TilePlace place = PlaceOfBlock(grid);
  int64_t rest = place.matrix, a_place = 0, b_place = 0;
  for (int axis = 0; axis < batch.axes; ++axis) {
    a_place += rest % batch.shape[axis] * batch.a_strides[axis];
    b_place += rest % batch.shape[axis] * batch.b_strides[axis];
    rest /= batch.shape[axis];
  }
  const int64_t k_first = place.part * grid.part_length;
  int k_left = static_cast<int>(min(grid.part_length, n - k_first));
  const int first_row = place.row * kTile, first_column = place.column * kTile;
  const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  TileReader<kAAlongK> read_a(a, a.memory + a_place + k_first * a.k_stride, first_row, thread);
  TileReader<kBAlongK> read_b(b, b.memory + b_place + k_first * b.k_stride, first_column, thread);
  const int row = warp % 2 * 64 + ((lane >> 1 & 1) | (lane >> 2 & 6)) * 4;
  const int column = warp / 2 * 32 + ((lane & 1) | (lane >> 1 & 2)) * 4;

  float sums[8][8] = {};
  read_a.Copy(tiles[0][0], k_left);
  read_b.Copy(tiles[0][1], k_left);
  EndCopies();
  for (int stage = 0; k_left > 0; stage ^= 1) {
    WaitForCopies<0>();
    __syncthreads();  // this stage's tiles are there, and nobody reads the other stage's any more
    k_left -= kDepth;
    if (k_left > 0) {
      read_a.Copy(tiles[stage ^ 1][0], k_left);
      read_b.Copy(tiles[stage ^ 1][1], k_left);
      EndCopies();
    }
    MultiplyTiles(tiles[stage][0], tiles[stage][1], row, column, sums);
  }
  out += (place.part * grid.batches + place.matrix) * (static_cast<int64_t>(a.length) * b.length);
  WriteSums(sums, out, first_row + row, first_column + column, a.length, b.length, out_by_four);
}

Batch LayOut(const Views<2> &views) {
  Batch batch = {};
  batch.axes = views.axes;
  for (int axis = 0; axis < views.axes; ++axis) {
    batch.shape[axis] = views.shape[views.axes - 1 - axis];
    batch.a_strides[axis] = views.strides[0][views.axes - 1 - axis];
    batch.b_strides[axis] = views.strides[1][views.axes - 1 - axis];
  }
  return batch;
}

bool IsAligned(const float *memory) {
  return reinterpret_cast<uintptr_t>(memory) % 16 == 0;
}

Operand OperandOf(const GemmCall &call, int k, const float *memory, int64_t i_stride, int64_t k_stride,
                  int64_t length) {
  bool by_four = i_stride == 1 && k_stride % 4 == 0 && IsAligned(memory);
  for (int axis = 0; axis < call.batch.axes; ++axis) by_four &= call.batch.strides[k][axis] % 4 == 0;
  return {memory, i_stride, k_stride, static_cast<int32_t>(length), by_four};
}

}  // namespace

void GemmInFloat32(const GemmCall &call) {
  const Operand a = OperandOf(call, 0, call.a, call.a_strides[0], call.a_strides[1], call.m);
  const Operand b = OperandOf(call, 1, call.b, call.b_strides[1], call.b_strides[0], call.p);
  const bool a_along_k = a.k_stride == 1, b_along_k = b.k_stride == 1;
  const auto kernel = a_along_k   ? b_along_k ? GemmKernel<true, true> : GemmKernel<true, false>
                      : b_along_k ? GemmKernel<false, true>
                                  : GemmKernel<false, false>;
  const TileGrid grid(call, kTile, kTile, kDepth);
  const PartialSums sums(call, grid);
  const bool out_by_four = call.p % 4 == 0 && IsAligned(sums.Floats());
  Launch("Gemm", kernel, dim3(grid.Blocks()), dim3(kThreads), 0, a, b, sums.Floats(),
         static_cast<int>(call.n), out_by_four, grid, LayOut(call.batch));
  sums.Finish();
}

}  // namespace needle::fast
