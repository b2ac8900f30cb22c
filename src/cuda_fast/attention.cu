// The output: queries keep a running maximum and sum of their scores, and shrink what they have when a larger
// score comes. attention_tiles.cuh says how a block takes them through the keys.
#include "attention_tiles.cuh"

namespace needle::fast {

using namespace attention;

namespace {

template <int kQuads>
__global__ void __launch_bounds__(kThreads)
    AttendKernel(HeadSizes s, float scale, const float *q, const float *k, const float *v, float *out,
                 float *log_sums) {
  __shared__ __align__(16) Stage stages[2];
  __shared__ __align__(16) Tile probs;
  __shared__ __align__(16) float rows[kDepth][kQuads * kTile];
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const Place place(s.T);
  const int feature = blockIdx.y * kQuads * kTile;
  const Head queries = HeadOf(q, place.head, s.heads, s.T, s.D),
             keys = HeadOf(k, place.head, s.heads, s.S, s.D);
  const Head values = HeadOf(v, place.head, s.heads, s.S, s.E);
  float largest[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY}, totals[4] = {};
  Sums<kQuads> sums;
  const int end = s.Seen(min(place.first + kTile, s.T));
  for (int key = 0; key < end; key += kTile) {
    float part[4][4];
    Scores(queries, place.first, keys, key, stages, part);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int query = place.first + 4 * y + i;
      float most = -INFINITY;
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const int at = key + 4 * x + j;
        part[i][j] = at < s.S && s.Sees(query, at) ? part[i][j] * scale : -INFINITY;
        most = fmaxf(most, part[i][j]);
      }
      most = fmaxf(largest[i], MaxOfLanes<kSide>(most));
      const float shrink = key == 0 ? 0.0f : expf(largest[i] - most);
      largest[i] = most;
      totals[i] *= shrink;
      sums.ScaleRow(i, shrink);
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        part[i][j] = expf(part[i][j] - most);
        totals[i] += part[i][j];
      }
    }
    KeepTurned(part, probs);
    sums.Add(probs, min(kTile, end - key), values, key, feature, rows);
  }
  const Head made = HeadOf(out, place.head, s.heads, s.T, s.E);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float total = SumOfLanes<kSide>(totals[i]);
    const int query = place.first + 4 * y + i;
    sums.Write(made, place.first, feature, i, 1 / total, const_cast<float *>(made.at));
    if (x == 0 && feature == 0 && query < s.T)
      log_sums[static_cast<int64_t>(place.head) * s.T + query] = largest[i] + logf(total);
  }
}

template <int kQuads>
void RunForward(const AttentionSizes &s, const float *q, const float *k, const float *v, float *out,
                float *log_sums) {
  Launch("Attention", AttendKernel<kQuads>, Grid(s, s.T, s.E, kQuads), dim3(kThreads), 0, Checked(s),
         ScaleOf(s), q, k, v, out, log_sums);
}

}  // namespace

void Attention(const AttentionSizes &s, const float *q, const float *k, const float *v, float *out,
               float *log_sums) {
  if (s.E > kTile)
    RunForward<kMostQuads>(s, q, k, v, out, log_sums);
  else
    RunForward<1>(s, q, k, v, out, log_sums);
}

}  // namespace needle::fast
