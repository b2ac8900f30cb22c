// The gradients, from scores computed again: one kernel for those of queries and one for those of keys and
// values, so that each sum belongs to one thread. attention_tiles.cuh says how a block goes through the
// tiles.
#include "allocator.h"
#include "attention_tiles.cuh"

namespace needle::fast {

using namespace attention;

namespace {

// means[head, query] = the sum of out * out_grad, which is that of probabilities times their gradients.
__global__ void __launch_bounds__(kThreads)
    MeansKernel(HeadSizes s, int64_t count, const float *out, const float *out_grad, float *means) {
  const int64_t number = static_cast<int64_t>(blockIdx.x) * (kThreads / kLanes) + threadIdx.x / kLanes;
  if (number >= count) return;  // with its whole warp
  const int head = static_cast<int>(number / s.T), query = static_cast<int>(number % s.T);
  const int64_t first = FirstOf(head, s.heads, s.T, s.E) + static_cast<int64_t>(query) * s.heads * s.E;
  float sum = 0;
  for (int f = threadIdx.x % kLanes; f < s.E; f += kLanes) sum += out[first + f] * out_grad[first + f];
  sum = SumOfLanes(sum);
  if (threadIdx.x % kLanes == 0) means[number] = sum;
}

// Turn a score into its probability, and the probability's gradient into the product's.
__device__ inline void PullBack(const HeadSizes &s, int query, int key, float scale, float log_sum,
                                float mean, float *score, float *grad) {
  const bool counts = query < s.T && key < s.S && s.Sees(query, key);
  *score = counts ? expf(*score * scale - log_sum) : 0.0f;
  *grad = counts ? *score * (*grad - mean) * scale : 0.0f;
}

// What both kernels of the gradients read.
struct Backward {
  const float *q, *k, *v, *out_grad, *log_sums, *means;
};

template <int kQuads>
__global__ void __launch_bounds__(kThreads)
    QueriesGradientKernel(HeadSizes s, float scale, Backward of, float *q_grad) {
  __shared__ __align__(16) Stage stages[2];
  __shared__ __align__(16) Tile tile;
  __shared__ __align__(16) float rows[kDepth][kQuads * kTile];
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const Place place(s.T);
  const int feature = blockIdx.y * kQuads * kTile;
  const Head queries = HeadOf(of.q, place.head, s.heads, s.T, s.D);
  const Head keys = HeadOf(of.k, place.head, s.heads, s.S, s.D);
  const Head values = HeadOf(of.v, place.head, s.heads, s.S, s.E);
  const Head grads = HeadOf(of.out_grad, place.head, s.heads, s.T, s.E);
  float log_sums[4], means[4];
  for (int i = 0; i < 4; ++i) {
    const int query = min(place.first + 4 * y + i, s.T - 1);
    log_sums[i] = of.log_sums[static_cast<int64_t>(place.head) * s.T + query];
    means[i] = of.means[static_cast<int64_t>(place.head) * s.T + query];
  }
  Sums<kQuads> sums;
  const int end = s.Seen(min(place.first + kTile, s.T));
  for (int key = 0; key < end; key += kTile) {
    float part[4][4], grad[4][4];
    Scores(queries, place.first, keys, key, stages, part);
    Scores(grads, place.first, values, key, stages, grad);
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int j = 0; j < 4; ++j)
        PullBack(s, place.first + 4 * y + i, key + 4 * x + j, scale, log_sums[i], means[i], &part[i][j],
                 &grad[i][j]);
    KeepTurned(grad, tile);
    sums.Add(tile, min(kTile, end - key), keys, key, feature, rows);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) sums.Write(queries, place.first, feature, i, 1, q_grad + (queries.at - of.q));
}

template <int kQuads>
__global__ void __launch_bounds__(kThreads)
    KeysGradientKernel(HeadSizes s, float scale, Backward of, float *k_grad, float *v_grad) {
  __shared__ __align__(16) Stage stages[2];
  __shared__ __align__(16) Tile tile;
  __shared__ __align__(16) float rows[kDepth][kQuads * kTile];
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const Place place(s.S);
  const int feature = blockIdx.y * kQuads * kTile;
  const Head queries = HeadOf(of.q, place.head, s.heads, s.T, s.D);
  const Head keys = HeadOf(of.k, place.head, s.heads, s.S, s.D);
  const Head values = HeadOf(of.v, place.head, s.heads, s.S, s.E);
  const Head grads = HeadOf(of.out_grad, place.head, s.heads, s.T, s.E);
  Sums<kQuads> k_sums, v_sums;
  // the first query that sees the first of these keys, in whole tiles
  const int begin = s.causal ? max(0, place.first - (s.S - s.T)) / kTile * kTile : 0;
  for (int query = begin; query < s.T; query += kTile) {
    float part[4][4], grad[4][4];  // rows are keys here
    Scores(keys, place.first, queries, query, stages, part);
    Scores(values, place.first, grads, query, stages, grad);
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int at = query + 4 * x + j;
      const int64_t number = static_cast<int64_t>(place.head) * s.T + min(at, s.T - 1);
      const float log_sum = of.log_sums[number], mean = of.means[number];
#pragma unroll
      for (int i = 0; i < 4; ++i)
        PullBack(s, at, place.first + 4 * y + i, scale, log_sum, mean, &part[i][j], &grad[i][j]);
    }
    const int count = min(kTile, s.T - query);
    KeepTurned(part, tile);
    v_sums.Add(tile, count, grads, query, feature, rows);
    KeepTurned(grad, tile);
    k_sums.Add(tile, count, queries, query, feature, rows);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    k_sums.Write(keys, place.first, feature, i, 1, k_grad + (keys.at - of.k));
    v_sums.Write(values, place.first, feature, i, 1, v_grad + (values.at - of.v));
  }
}

template <int kQuads>
void RunBackward(const AttentionSizes &s, const Backward &given, const AttentionGradients &of) {
  Launch("AttentionGradient of q", QueriesGradientKernel<kQuads>, Grid(s, s.T, s.D, kQuads), dim3(kThreads),
         0, Checked(s), ScaleOf(s), given, of.q_grad);
  Launch("AttentionGradient of k and v", KeysGradientKernel<kQuads>,
         Grid(s, s.S, s.D > s.E ? s.D : s.E, kQuads), dim3(kThreads), 0, Checked(s), ScaleOf(s), given,
         of.k_grad, of.v_grad);
}

}  // namespace

void AttentionBackward(const AttentionSizes &s, const AttentionGradients &of) {
  const int64_t count = s.B * s.heads * s.T, each = kThreads / kLanes;
  const Temporary means(static_cast<size_t>(count) * sizeof(float));
  Launch("AttentionGradient's means", MeansKernel, dim3(BlocksFor(count, each)), dim3(kThreads), 0,
         Checked(s), count, of.out, of.out_grad, means.Floats());
  const Backward given = {of.q, of.k, of.v, of.out_grad, of.log_sums, means.Floats()};
  if (s.D > kTile || s.E > kTile)
    RunBackward<kMostQuads>(s, given, of);
  else
    RunBackward<1>(s, given, of);
}

}  // namespace needle::fast
