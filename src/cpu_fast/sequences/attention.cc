#include "../../fast/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "../../ndarray_backend_cpu.h"
#include "../gemm/gemm.h"
#include "../machine/threads.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kQueries = 32, kKeys = 128;  // of a tile: with its gradient 32 KiB

// One head's matrix in an array of all heads'.
struct Head {
  float *at;
  int64_t pitch;  // from one row to the next
  float *Row(int64_t i) const { return at + i * pitch; }
};

Head HeadOf(const float *array, int64_t rows, int64_t heads, int64_t features, int64_t number) {
  float *first = const_cast<float *>(array);
  const int64_t batch = number / heads, head = number % heads;
  return {first + batch * rows * heads * features + head * features, heads * features};
}

// Some queries of one head by some keys: those that the last of these queries sees.
struct Tile {
  Tile(const AttentionSizes &s, int64_t query, int64_t key)
      : query(query),
        key(key),
        queries(std::min(kQueries, s.T - query)),
        first_sees(s.causal ? query + s.S - s.T + 1 - key : s.S),
        keys(std::clamp<int64_t>(first_sees + queries - 1, 0, std::min(kKeys, s.S - key))) {}

  // How many of the keys query i sees: they are the first ones.
  int64_t Seen(int64_t i) const { return std::clamp<int64_t>(first_sees + i, 0, keys); }

  const int64_t query, key, queries, first_sees, keys;
};

// out = a @ b, or out += a @ b. a (m x n) may be turned in memory.
class Accumulated {
 public:
  Accumulated(const SequenceKernels &kernels, int64_t most_columns)
      : kernels_(kernels), product_(static_cast<size_t>(std::max(kQueries, kKeys) * most_columns)) {}

  void Multiply(bool add, int64_t m, int64_t n, int64_t p, const float *a, int64_t a_rs, int64_t a_cs,
                const Head &b, int64_t b_row, const Head &out, int64_t out_row) const {
    if (!add) return Gemm(m, n, p, a, a_rs, a_cs, b.Row(b_row), b.pitch, 1, out.Row(out_row), out.pitch);
    Gemm(m, n, p, a, a_rs, a_cs, b.Row(b_row), b.pitch, 1, product_.ptr, p);
    for (int64_t i = 0; i < m; ++i) kernels_.scale_and_add(out.Row(out_row + i), 1, product_.ptr + i * p, p);
  }

 private:
  const SequenceKernels &kernels_;
  const cpu::AlignedArray product_;
};

// scores (queries x keys, kKeys apart) = a @ b^T
void Scores(const Tile &tile, int64_t features, const Head &a, const Head &b, float *scores) {
  Gemm(tile.queries, features, tile.keys, a.Row(tile.query), a.pitch, 1, b.Row(tile.key), 1, b.pitch, scores,
       kKeys);
}

float ScaleOf(const AttentionSizes &s) {
  return 1 / std::sqrt(static_cast<float>(s.D));
}

void AttendQueries(const AttentionSizes &s, int64_t first, const Head &q, const Head &k, const Head &v,
                   const Head &out, float *log_sums, float *scores, float *product) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t queries = std::min(kQueries, s.T - first);
  float largest[kQueries], sums[kQueries] = {};
  std::fill_n(largest, queries, -std::numeric_limits<float>::infinity());
  for (int64_t key = 0; key < s.S; key += kKeys) {
    const Tile tile(s, first, key);
    if (tile.keys == 0) break;
    Scores(tile, s.D, q, k, scores);
    float shrink[kQueries];
    for (int64_t i = 0; i < queries; ++i) {
      float *row = scores + i * kKeys;
      const int64_t seen = tile.Seen(i);
      const float before = largest[i];
      const float sum = seen ? kernels.exp_of_scaled(row, ScaleOf(s), largest + i, seen) : 0;
      std::fill(row + seen, row + tile.keys, 0.0f);
      shrink[i] = key == 0 ? 0 : std::exp(before - largest[i]);
      sums[i] = sums[i] * shrink[i] + sum;
    }
    if (key == 0) {
      Gemm(queries, tile.keys, s.E, scores, kKeys, 1, v.Row(0), v.pitch, 1, out.Row(first), out.pitch);
      continue;
    }
    Gemm(queries, tile.keys, s.E, scores, kKeys, 1, v.Row(key), v.pitch, 1, product, s.E);
    for (int64_t i = 0; i < queries; ++i)
      kernels.scale_and_add(out.Row(first + i), shrink[i], product + i * s.E, s.E);
  }
  for (int64_t i = 0; i < queries; ++i) {
    kernels.scale(out.Row(first + i), 1 / sums[i], s.E);
    log_sums[first + i] = largest[i] + std::log(sums[i]);
  }
}

void HeadBackward(const AttentionSizes &s, const Head &q, const Head &k, const Head &v, const Head &out,
                  const Head &out_grad, const float *log_sums, const Head &q_grad, const Head &k_grad,
                  const Head &v_grad) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const Accumulated accumulated(kernels, std::max(s.D, s.E));
  const cpu::AlignedArray means(static_cast<size_t>(s.T)), tiles(2 * kQueries * kKeys);
  float *probs = tiles.ptr, *grads = tiles.ptr + kQueries * kKeys;
  for (int64_t i = 0; i < s.T; ++i) means.ptr[i] = kernels.dot(out.Row(i), out_grad.Row(i), s.E);
  for (int64_t key = 0; key < s.S; key += kKeys) {
    const int64_t last = (s.T - 1) / kQueries * kQueries;
    for (int64_t query = last; query >= 0; query -= kQueries) {  // the last ones see all of these keys
      const Tile tile(s, query, key);
      if (tile.keys == 0) break;
      Scores(tile, s.D, q, k, probs);
      Scores(tile, s.E, out_grad, v, grads);
      for (int64_t i = 0; i < tile.queries; ++i) {
        float *p = probs + i * kKeys, *g = grads + i * kKeys;
        const int64_t seen = tile.Seen(i);
        kernels.softmax_backward(p, ScaleOf(s), log_sums[query + i], g, means.ptr[query + i], seen);
        std::fill(p + seen, p + tile.keys, 0.0f);
        std::fill(g + seen, g + tile.keys, 0.0f);
      }
      const int64_t m = tile.queries, n = tile.keys;
      accumulated.Multiply(query < last, n, m, s.E, probs, 1, kKeys, out_grad, query, v_grad, key);
      accumulated.Multiply(query < last, n, m, s.D, grads, 1, kKeys, q, query, k_grad, key);
      accumulated.Multiply(key > 0, m, n, s.D, grads, kKeys, 1, k, key, q_grad, query);
    }
  }
}

}  // namespace

void Attention(const AttentionSizes &s, const float *q, const float *k, const float *v, float *out,
               float *log_sums) {
  const int64_t parts = (s.T + kQueries - 1) / kQueries;
  ParallelFor(s.B * s.heads * parts, 1, [&](int64_t begin, int64_t end) {
    const cpu::AlignedArray scores(kQueries * kKeys), product(static_cast<size_t>(kQueries * s.E));
    for (int64_t part = begin; part < end; ++part) {
      const int64_t head = part / parts;
      AttendQueries(s, part % parts * kQueries, HeadOf(q, s.T, s.heads, s.D, head),
                    HeadOf(k, s.S, s.heads, s.D, head), HeadOf(v, s.S, s.heads, s.E, head),
                    HeadOf(out, s.T, s.heads, s.E, head), log_sums + head * s.T, scores.ptr, product.ptr);
    }
  });
}

void AttentionBackward(const AttentionSizes &s, const AttentionGradients &of) {
  ParallelFor(s.B * s.heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin; head < end; ++head)
      HeadBackward(s, HeadOf(of.q, s.T, s.heads, s.D, head), HeadOf(of.k, s.S, s.heads, s.D, head),
                   HeadOf(of.v, s.S, s.heads, s.E, head), HeadOf(of.out, s.T, s.heads, s.E, head),
                   HeadOf(of.out_grad, s.T, s.heads, s.E, head), of.log_sums + head * s.T,
                   HeadOf(of.q_grad, s.T, s.heads, s.D, head), HeadOf(of.k_grad, s.S, s.heads, s.D, head),
                   HeadOf(of.v_grad, s.S, s.heads, s.E, head));
  });
}

}  // namespace needle::fast
