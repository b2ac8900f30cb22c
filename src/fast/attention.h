// Attention of several heads, without the matrix of all queries by all keys: tiles of it are computed, used
// and forgotten, and computed again for the gradients. Each backend has its own.
//
// All arrays are compact and row-major: q (B, T, heads * D), k (B, S, heads * D), v (B, S, heads * E), with
// the first D (or E) features for the first head, and so on.
//
// Source: Dao, Fu, Ermon, Rudra and Re, FlashAttention (2022); the running maximum and sum: Milakov and
// Gimelshein, Online normalizer calculation for softmax (2018).
#pragma once

#include <cstdint>

namespace needle::fast {

struct AttentionSizes {
  int64_t B, heads, T, S, D, E;
  bool causal;  // then the last query sees all keys, the one before all but the last; T <= S
};

/// out (B, T, heads * E) = softmax(q @ k^T / sqrt(D)) @ v for each head.
///
/// Writes the logarithm of each softmax's sum (B, heads, T) too.
void Attention(const AttentionSizes &sizes, const float *q, const float *k, const float *v, float *out,
               float *log_sums);

struct AttentionGradients {
  const float *q, *k, *v, *out, *log_sums, *out_grad;
  float *q_grad, *k_grad, *v_grad;
};
void AttentionBackward(const AttentionSizes &sizes, const AttentionGradients &of);

}  // namespace needle::fast
