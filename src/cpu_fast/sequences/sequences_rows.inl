// Rows of losses, normalization, recurrent cells and attention, for functions.inl's vectors.

#include "../elementwise/functions.inl"

// How the numbers at some place of a row are read and written: all lanes of a vector, or the first few.
struct AllLanes {
  inline V Read(const float *p) const { return Load(p); }
  inline void Write(float *p, V v) const { Store(p, v); }
  inline V Or(V v, float) const { return v; }
};
struct SomeLanes {
  int64_t n;
  inline V Read(const float *p) const { return LoadPart(p, n); }
  inline void Write(float *p, V v) const { StorePart(p, v, n); }
  inline V Or(V v, float other) const { return FirstLanes(n) ? v : Splat(other); }  // in the lanes not read
};

// Call body(i, lanes) for the vectors of a row, the last of which may have fewer lanes.
template <class Body>
static inline void AlongRow(int64_t n, Body body) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) body(i, AllLanes{});
  if (i < n) body(i, SomeLanes{n - i});
}

static inline V LargerOf(V a, V b) {  // b, unless a is larger
  return a > b ? a : b;
}

static inline float SumOfLanes(V v) {
  Four parts[kWidth / 4];
  __builtin_memcpy(parts, &v, sizeof v);
  for (int some = kWidth / 8; some > 0; some /= 2)
    for (int i = 0; i < some; ++i) parts[i] += parts[i + some];
  return (parts[0][0] + parts[0][2]) + (parts[0][1] + parts[0][3]);
}

static inline float LargestLane(V v) {
  Four parts[kWidth / 4];
  __builtin_memcpy(parts, &v, sizeof v);
  for (int some = kWidth / 8; some > 0; some /= 2)
    for (int i = 0; i < some; ++i) parts[i] = parts[i] > parts[i + some] ? parts[i] : parts[i + some];
  const Four four = parts[0];
  const float even = four[0] > four[2] ? four[0] : four[2], odd = four[1] > four[3] ? four[1] : four[3];
  return even > odd ? even : odd;
}

constexpr int64_t kBlock = 4 * kWidth;  // of four vectors, so that what waits overlaps

// The largest of those that are numbers, or minus infinity: a NaN shows in what becomes of the others.
static float LargestOf(const float *x, int64_t n) {
  V v[4];
  for (V &one : v) one = Splat(-__builtin_inff());
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock)
    for (int k = 0; k < 4; ++k) v[k] = LargerOf(Load(x + i + k * kWidth), v[k]);
  AlongRow(n - i, [&](int64_t j, auto lanes) {
    v[0] = LargerOf(lanes.Or(lanes.Read(x + i + j), -__builtin_inff()), v[0]);
  });
  return LargestLane(LargerOf(LargerOf(v[0], v[1]), LargerOf(v[2], v[3])));
}

static float SumOfExps(const float *x, float shift, int64_t n) {
  V v[4] = {};
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock)
    for (int k = 0; k < 4; ++k) v[k] += Exp(Load(x + i + k * kWidth) - shift);
  AlongRow(n - i, [&](int64_t j, auto lanes) { v[0] += lanes.Or(Exp(lanes.Read(x + i + j) - shift), 0); });
  return SumOfLanes((v[0] + v[1]) + (v[2] + v[3]));
}

// In pieces that stay in the first cache, so that the row is read from memory once.
static float LogSumExpOf(const float *x, int64_t n) {
  constexpr int64_t kPiece = 2048;
  float largest = -__builtin_inff(), shift = 0, total = 0;
  for (int64_t i = 0; i < n; i += kPiece) {
    const int64_t some = n - i < kPiece ? n - i : kPiece;
    const float found = LargestOf(x + i, some);
    if (found > largest) {
      total *= Exp(Splat(largest - found))[0];
      largest = shift = found;
    }
    total += SumOfExps(x + i, shift, some);
  }
  return shift + Log(Splat(total))[0];
}

static void ShiftedExpOf(const float *x, float shift, float scale, float *out, int64_t n) {
  AlongRow(n, [=](int64_t i, auto lanes) { lanes.Write(out + i, Exp(lanes.Read(x + i) - shift) * scale); });
}

static float ExpOfScaledOf(float *x, float scale, float *largest, int64_t n) {
  const float found = LargestOf(x, n) * scale;
  const float m = found > *largest ? found : *largest;
  V total = {};
  AlongRow(n, [&](int64_t i, auto lanes) {
    V y = Exp(lanes.Read(x + i) * scale - m);
    lanes.Write(x + i, y);
    total += lanes.Or(y, 0);
  });
  *largest = m;
  return SumOfLanes(total);
}

static void SoftmaxBackwardOf(float *p, float scale, float shift, float *g, float mean, int64_t n) {
  AlongRow(n, [=](int64_t i, auto lanes) {
    V y = Exp(lanes.Read(p + i) * scale - shift);
    lanes.Write(p + i, y);
    lanes.Write(g + i, y * (lanes.Read(g + i) - mean) * scale);
  });
}

static void ScaleAndAddOf(float *out, float scale, const float *a, int64_t n) {
  AlongRow(n, [=](int64_t i, auto lanes) {
    lanes.Write(out + i, lanes.Read(out + i) * scale + lanes.Read(a + i));
  });
}

static void ScaleOf(float *out, float scale, int64_t n) {
  AlongRow(n, [=](int64_t i, auto lanes) { lanes.Write(out + i, lanes.Read(out + i) * scale); });
}

static float DotOf(const float *a, const float *b, int64_t n) {
  V total = {};
  AlongRow(n, [&](int64_t i, auto lanes) { total += lanes.Read(a + i) * lanes.Read(b + i); });
  return SumOfLanes(total);
}

static void NormalizeOf(const float *x, const float *weight, const float *bias, float eps, float *out,
                        float *mean_out, float *inverse_out, int64_t n) {
  V sum = {}, squares = {};
  AlongRow(n, [&](int64_t i, auto lanes) { sum += lanes.Read(x + i); });
  const float mean = SumOfLanes(sum) / static_cast<float>(n);
  AlongRow(n, [&](int64_t i, auto lanes) {
    V centered = lanes.Or(lanes.Read(x + i) - mean, 0);
    squares += centered * centered;
  });
  const float inverse = 1 / __builtin_sqrtf(SumOfLanes(squares) / static_cast<float>(n) + eps);
  AlongRow(n, [=](int64_t i, auto lanes) {
    V y = (lanes.Read(x + i) - mean) * inverse;
    lanes.Write(out + i, y * lanes.Read(weight + i) + lanes.Read(bias + i));
  });
  *mean_out = mean;
  *inverse_out = inverse;
}

// With y = (x - mean) * inverse and g = out_grad * weight, x's gradient is inverse * (g - mean(g) - y *
// mean(g
// * y)).
static void NormalizeBackwardOf(const float *x, const float *weight, const float *out_grad, float mean,
                                float inverse, float *x_grad, float *weight_grad, float *bias_grad,
                                int64_t n) {
  V sum = {}, product = {};
  AlongRow(n, [&](int64_t i, auto lanes) {
    V upper = lanes.Read(out_grad + i), y = (lanes.Read(x + i) - mean) * inverse;
    V g = upper * lanes.Read(weight + i);
    sum += g;
    product += lanes.Or(g * y, 0);
    lanes.Write(weight_grad + i, lanes.Read(weight_grad + i) + upper * y);
    lanes.Write(bias_grad + i, lanes.Read(bias_grad + i) + upper);
  });
  const float mean_g = SumOfLanes(sum) / static_cast<float>(n);
  const float mean_product = SumOfLanes(product) / static_cast<float>(n);
  AlongRow(n, [=](int64_t i, auto lanes) {
    V y = (lanes.Read(x + i) - mean) * inverse, g = lanes.Read(out_grad + i) * lanes.Read(weight + i);
    lanes.Write(x_grad + i, (g - mean_g - y * mean_product) * inverse);
  });
}

static void RnnOf(const RnnRow &row, int64_t n) {
  AlongRow(n, [&](int64_t j, auto lanes) {
    V total = lanes.Read(row.h + j) + lanes.Read(row.recurrent + j) + lanes.Read(row.bias + j);
    lanes.Write(row.h + j, row.relu ? (total <= 0.0f ? V{} : total) : Tanh(total));
  });
}

static void RnnBackwardOf(const RnnBackwardRow &row, int64_t n) {
  AlongRow(n, [&](int64_t j, auto lanes) {
    V h = lanes.Read(row.h + j), grad = lanes.Read(row.out_grad + j) + lanes.Read(row.h_grad + j);
    lanes.Write(row.total_grad + j, row.relu ? (h > 0.0f ? grad : V{}) : grad * (1.0f - h * h));
  });
}

static inline V SigmoidOf(V x) {
  return 1.0f / (1.0f + Exp(-x));
}

static void LstmOf(const LstmRow &row, int64_t n) {
  AlongRow(n, [&](int64_t j, auto lanes) {
    V gate[4];
    for (int k = 0; k < 4; ++k) {
      const int64_t at = k * n + j;
      gate[k] = lanes.Read(row.gates + at) + lanes.Read(row.recurrent + at) + lanes.Read(row.bias + at);
      gate[k] = k == 2 ? Tanh(gate[k]) : SigmoidOf(gate[k]);
      lanes.Write(row.gates + at, gate[k]);
    }
    V c = gate[1] * lanes.Read(row.c_before + j) + gate[0] * gate[2];
    lanes.Write(row.c + j, c);
    lanes.Write(row.h + j, gate[3] * Tanh(c));
  });
}

static void LstmBackwardOf(const LstmBackwardRow &row, int64_t n) {
  AlongRow(n, [&](int64_t j, auto lanes) {
    V i = lanes.Read(row.gates + j), f = lanes.Read(row.gates + n + j);
    V g = lanes.Read(row.gates + 2 * n + j), o = lanes.Read(row.gates + 3 * n + j);
    V h_grad = lanes.Read(row.out_grad + j) + lanes.Read(row.h_grad + j);
    V shown = Tanh(lanes.Read(row.c + j));
    V c_grad = lanes.Read(row.c_grad + j) + h_grad * o * (1.0f - shown * shown);
    lanes.Write(row.gates_grad + j, c_grad * g * i * (1.0f - i));
    lanes.Write(row.gates_grad + n + j, c_grad * lanes.Read(row.c_before + j) * f * (1.0f - f));
    lanes.Write(row.gates_grad + 2 * n + j, c_grad * i * (1.0f - g * g));
    lanes.Write(row.gates_grad + 3 * n + j, h_grad * shown * o * (1.0f - o));
    lanes.Write(row.c_grad + j, c_grad * f);
  });
}

static void GruOf(const GruRow &row, int64_t n) {
  AlongRow(n, [&](int64_t j, auto lanes) {
    V input[3], from_h[3];
    for (int k = 0; k < 3; ++k) {
      const int64_t at = k * n + j;
      input[k] = lanes.Read(row.gates + at) + lanes.Read(row.bias + at);
      from_h[k] = lanes.Read(row.recurrent + at) + lanes.Read(row.recurrent_bias + at);
    }
    V r = SigmoidOf(input[0] + from_h[0]), z = SigmoidOf(input[1] + from_h[1]);
    V candidate = Tanh(input[2] + r * from_h[2]);
    lanes.Write(row.inner + j, from_h[2]);
    lanes.Write(row.gates + j, r);
    lanes.Write(row.gates + n + j, z);
    lanes.Write(row.gates + 2 * n + j, candidate);
    lanes.Write(row.h + j, candidate + z * (lanes.Read(row.h_before + j) - candidate));
  });
}

static void GruBackwardOf(const GruBackwardRow &row, int64_t n) {
  AlongRow(n, [&](int64_t j, auto lanes) {
    V r = lanes.Read(row.gates + j), z = lanes.Read(row.gates + n + j);
    V candidate = lanes.Read(row.gates + 2 * n + j), from_h = lanes.Read(row.inner + j);
    V h_grad = lanes.Read(row.out_grad + j) + lanes.Read(row.h_grad + j);
    V inner = h_grad * (1.0f - z) * (1.0f - candidate * candidate);
    V z_grad = h_grad * (lanes.Read(row.h_before + j) - candidate) * z * (1.0f - z);
    V r_grad = inner * from_h * r * (1.0f - r);
    lanes.Write(row.gates_grad + j, r_grad);
    lanes.Write(row.gates_grad + n + j, z_grad);
    lanes.Write(row.gates_grad + 2 * n + j, inner);
    lanes.Write(row.recurrent_grad + j, r_grad);
    lanes.Write(row.recurrent_grad + n + j, z_grad);
    lanes.Write(row.recurrent_grad + 2 * n + j, inner * r);
    lanes.Write(row.h_grad + j, h_grad * z);
  });
}

constexpr SequenceKernels kSequences = {LogSumExpOf,         ShiftedExpOf, ExpOfScaledOf, SoftmaxBackwardOf,
                                        ScaleAndAddOf,       ScaleOf,      DotOf,         NormalizeOf,
                                        NormalizeBackwardOf, RnnOf,        RnnBackwardOf, LstmOf,
                                        LstmBackwardOf,      GruOf,        GruBackwardOf};
