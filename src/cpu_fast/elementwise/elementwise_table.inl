// Every element-wise kernel of a set whose vectors are not wider than eight.

#include "elementwise_rows.inl"
#include "shuffles.inl"

// Turn kWidth vectors into their transpose: each pass deals the upper half of the rows between the lower.
static inline void TransposeSquare(const float *a, int64_t a_stride, float *out, int64_t out_stride) {
  V rows[kWidth], dealt[kWidth];
  for (int i = 0; i < kWidth; ++i) rows[i] = Load(a + i * a_stride);
  for (int pass = 1; pass < kWidth; pass *= 2) {
    for (int i = 0; i < kWidth / 2; ++i) {
      dealt[2 * i] = InterleaveLower(rows[i], rows[i + kWidth / 2]);
      dealt[2 * i + 1] = InterleaveUpper(rows[i], rows[i + kWidth / 2]);
    }
    for (int i = 0; i < kWidth; ++i) rows[i] = dealt[i];
  }
  for (int i = 0; i < kWidth; ++i) Store(out + i * out_stride, rows[i]);
}

static void TransposeOf(const float *a, int64_t a_stride, float *out, int64_t out_stride, int64_t rows,
                        int64_t columns) {
  constexpr int kLine = 16;  // floats of a cache line: all of it is used while it is there
  int64_t j = 0;
  for (; j + kWidth <= columns; j += kWidth) {
    int64_t i = 0;
    for (; i + kLine <= rows; i += kLine)
      for (int k = 0; k < kLine; k += kWidth)
        TransposeSquare(a + i + k + j * a_stride, a_stride, out + (i + k) * out_stride + j, out_stride);
    for (; i < rows; ++i)
      for (int k = 0; k < kWidth; ++k) out[i * out_stride + j + k] = a[i + (j + k) * a_stride];
  }
  for (; j < columns; ++j)
    for (int64_t i = 0; i < rows; ++i) out[i * out_stride + j] = a[i + j * a_stride];
}

// out[i] = a[i * stride]
static void GatherOf(const float *a, int64_t stride, float *out, int64_t n) {
  int64_t i = 0;
  if (stride == 0) {
    for (V v = Splat(*a); i + kWidth <= n; i += kWidth) Store(out + i, v);
  } else if (stride == 1) {
    for (; i + kWidth <= n; i += kWidth) Store(out + i, Load(a + i));
  } else if (stride == 2) {  // one number past the last is read, so one must follow
    for (; i + kWidth < n; i += kWidth) Store(out + i, EveryOther(Load(a + 2 * i), Load(a + 2 * i + kWidth)));
  } else if (stride == -1) {
    for (; i + kWidth <= n; i += kWidth) Store(out + i, Backwards(Load(a - i - kWidth + 1)));
  } else {
    for (; i + 4 <= n; i += 4) {
      const float *p = a + i * stride;
      Four four = {p[0], p[stride], p[2 * stride], p[3 * stride]};
      __builtin_memcpy(out + i, &four, sizeof four);
    }
  }
  for (; i < n; ++i) out[i] = a[i * stride];
}

constexpr ElementwiseKernels kElementwise = {
    {RowsOf<Add>(), RowsOf<Sub>(), RowsOf<Mul>(), RowsOf<Div>(), RowsOf<Power>(), RowsOf<Larger>(),
     RowsOf<Eq>(), RowsOf<Ne>(), RowsOf<Ge>(), RowsOf<Gt>(), RowsOf<Le>(), RowsOf<Lt>()},
    {FunctionRow<CopyOf>(), FunctionRow<NegateOf>(), FunctionRow<SquareOf>(), FunctionRow<CubeOf>(),
     FunctionRow<SquareRootOf>(), FunctionRow<ExpOf>(), FunctionRow<LogOf>(), FunctionRow<TanhOf>()},
    GatherOf,
    TransposeOf};
