// A block of 16 x 16 threads takes 64 queries of one head (for the gradients of k and v: 64 keys) through all
// tiles of 64 keys (queries) that they meet. A thread has 4 x 4 numbers of a tile: its rows are 4 y + i, its
// columns 4 x + j. The threads of one row are 16 lanes of one warp.
//
//   scores    products of rows, 16 features at a time: both operands lie in shared memory with the feature
//             first, so that a thread reads its 4 rows, and its 4 columns, as one float4 each
//   sums      a tile of probabilities (or of their gradients) times rows of v (or of others), 16 rows at a
//             time: the tile lies with its columns first, so that a thread reads 4 rows as one float4
//
// What a thread sums has 4 rows and up to 128 columns shared by 16 threads; more features than 128 are left
// to further blocks (blockIdx.y), each of which computes the scores anew: D and E may be anything, and cost
// least up to 64, and from there up to 128. Sums are made in an order that the sizes alone decide.
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>

#include "../fast/attention.h"
#include "lanes.cuh"
#include "launch.h"

namespace needle::fast::attention {

constexpr int kSide = 16, kThreads = kSide * kSide;
constexpr int kTile = 64, kDepth = 16, kPitch = kTile + 4;
constexpr int kMostQuads = 2;  // groups of 64 columns in a thread's sums
constexpr int64_t kMostLength = int64_t{1} << 30;

using Stage = float[kDepth][kPitch];
using Tile = float[kTile][kPitch];

// One head's rows in an array of all heads'.
struct Head {
  const float *at;
  int64_t pitch;  // from one row to the next
  int rows, features;
};

struct HeadSizes {
  int heads, T, S, D, E;
  bool causal;

  // How many keys the queries before `end` see.
  __device__ int Seen(int end) const { return causal ? min(S, end + S - T) : S; }
  __device__ bool Sees(int query, int key) const { return !causal || key <= query + S - T; }
};

__device__ inline int64_t FirstOf(int head, int heads, int rows, int features) {
  return (static_cast<int64_t>(head / heads) * rows * heads + head % heads) * features;
}

__device__ inline Head HeadOf(const float *array, int head, int heads, int rows, int features) {
  return {array + FirstOf(head, heads, rows, features), static_cast<int64_t>(heads) * features, rows,
          features};
}

// Copy 64 rows of 16 features, turned; 0 where there are none.
__device__ inline void Turn(const Head &head, int row, int feature, Stage &stage) {
  const int thread = threadIdx.x, f = thread % kDepth;
  for (int r = thread / kDepth; r < kTile; r += kThreads / kDepth) {
    const bool exists = row + r < head.rows && feature + f < head.features;
    stage[f][r] = exists ? head.at[(row + r) * head.pitch + feature + f] : 0.0f;
  }
}

// Copy 16 rows of 64 kQuads features.
template <int kQuads>
__device__ inline void Copy(const Head &head, int row, int feature, float (&rows)[kDepth][kQuads * kTile]) {
  for (int n = threadIdx.x; n < kDepth * kQuads * kTile; n += kThreads) {
    const int r = n / (kQuads * kTile), f = n % (kQuads * kTile);
    const bool exists = row + r < head.rows && feature + f < head.features;
    rows[r][f] = exists ? head.at[(row + r) * head.pitch + feature + f] : 0.0f;
  }
}

__device__ inline void ReadFour(const float *from, float (&four)[4]) {
  const float4 numbers = *reinterpret_cast<const float4 *>(from);
  four[0] = numbers.x, four[1] = numbers.y, four[2] = numbers.z, four[3] = numbers.w;
}

// Add the outer product of 4 numbers and 4 more.
__device__ inline void AddProducts(const float (&left)[4], const float (&right)[4], float (&sums)[4][4]) {
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j) sums[i][j] = fmaf(left[i], right[j], sums[i][j]);
}

// Products of 64 rows of a with 64 rows of b: this thread's 4 x 4 of them.
__device__ inline void Scores(const Head &a, int a_row, const Head &b, int b_row, Stage (&stages)[2],
                              float (&scores)[4][4]) {
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j) scores[i][j] = 0;
  for (int feature = 0; feature < a.features; feature += kDepth) {
    __syncthreads();
    Turn(a, a_row, feature, stages[0]);
    Turn(b, b_row, feature, stages[1]);
    __syncthreads();
#pragma unroll
    for (int f = 0; f < kDepth; ++f) {
      float left[4], right[4];
      ReadFour(&stages[0][f][4 * y], left);
      ReadFour(&stages[1][f][4 * x], right);
      AddProducts(left, right, scores);
    }
  }
}

// Write this thread's part of a tile, turned, when no thread reads the one before any more.
__device__ inline void KeepTurned(const float (&part)[4][4], Tile &tile) {
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  __syncthreads();
#pragma unroll
  for (int j = 0; j < 4; ++j)
    *reinterpret_cast<float4 *>(&tile[4 * x + j][4 * y]) =
        make_float4(part[0][j], part[1][j], part[2][j], part[3][j]);
}

// The sums that a thread makes: 4 rows by 4 columns of each 64.
template <int kQuads>
struct Sums {
  float at[kQuads][4][4];

  __device__ Sums() {
    for (auto &quad : at)
      for (auto &row : quad)
        for (float &number : row) number = 0;
  }

  __device__ void ScaleRow(int i, float factor) {
#pragma unroll
    for (int quad = 0; quad < kQuads; ++quad)
#pragma unroll
      for (int j = 0; j < 4; ++j) at[quad][i][j] *= factor;
  }

  // Add the tile, which has `count` columns that count, times as many rows of the head.
  __device__ void Add(const Tile &tile, int count, const Head &head, int row, int feature,
                      float (&rows)[kDepth][kQuads * kTile]) {
    const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
    for (int first = 0; first < count; first += kDepth) {
      __syncthreads();
      Copy<kQuads>(head, row + first, feature, rows);
      __syncthreads();
#pragma unroll
      for (int r = 0; r < kDepth; ++r) {
        float left[4], right[4];
        ReadFour(&tile[first + r][4 * y], left);
#pragma unroll
        for (int quad = 0; quad < kQuads; ++quad) {
          ReadFour(&rows[r][quad * kTile + 4 * x], right);
          AddProducts(left, right, at[quad]);
        }
      }
    }
  }

  // Write row 4 y + i of those from `row` on.
  __device__ void Write(const Head &head, int row, int feature, int i, float factor, float *out) const {
    const int x = threadIdx.x % kSide, y = threadIdx.x / kSide, at_row = row + 4 * y + i;
    if (at_row >= head.rows) return;
#pragma unroll
    for (int quad = 0; quad < kQuads; ++quad)
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const int f = feature + quad * kTile + 4 * x + j;
        if (f < head.features) out[at_row * head.pitch + f] = at[quad][i][j] * factor;
      }
  }
};

// Which tile of which head a block takes. The last tiles, which see the most keys, come first.
struct Place {
  int head, first;
  __device__ explicit Place(int rows) {
    const int tiles = (rows + kTile - 1) / kTile;
    head = blockIdx.x / tiles;
    first = (tiles - 1 - static_cast<int>(blockIdx.x % tiles)) * kTile;
  }
};

inline void RequireLength(const char *name, int64_t length) {
  if (length > kMostLength)
    throw std::invalid_argument(std::string("attention: ") + name + " is " + std::to_string(length) +
                                ". Expected at most " + std::to_string(kMostLength) +
                                ". Attend to parts of the sequence.");
}

inline HeadSizes Checked(const AttentionSizes &s) {
  RequireLength("the number of queries", s.T);
  RequireLength("the number of keys", s.S);
  RequireLength("the number of heads of all batches", s.B * s.heads);
  RequireLength("the size of a head", s.D > s.E ? s.D : s.E);
  return {static_cast<int>(s.heads), static_cast<int>(s.T), static_cast<int>(s.S),
          static_cast<int>(s.D),     static_cast<int>(s.E), s.causal};
}

inline float ScaleOf(const AttentionSizes &s) {
  return 1 / std::sqrt(static_cast<float>(s.D));
}

// Blocks for tiles of `rows` rows of each head, and for each 64 kQuads of `features`.
inline dim3 Grid(const AttentionSizes &s, int64_t rows, int64_t features, int quads) {
  const int64_t tiles = (rows + kTile - 1) / kTile;
  return dim3(BlocksFor(s.B * s.heads * tiles, 1), BlocksFor(features, int64_t{quads} * kTile));
}

}  // namespace needle::fast::attention
