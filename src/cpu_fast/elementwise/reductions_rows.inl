// Reductions of rows for simd.inl's vectors, included before.

struct SumOf {
  static inline V Apply(V a, V b) { return a + b; }
  static constexpr float kNothing = 0;
};
struct MaxOf {
  static inline V Apply(V a, V b) { return Maximum(a, b); }
  static constexpr float kNothing = -__builtin_inff();
};

constexpr int kLanes = 8 * kWidth;  // of eight vectors, so that additions overlap
constexpr int kDepth = 48;          // of the tree above: 2^48 blocks

template <class R>
static inline V Together(const V *v) {
  return R::Apply(R::Apply(R::Apply(v[0], v[1]), R::Apply(v[2], v[3])),
                  R::Apply(R::Apply(v[4], v[5]), R::Apply(v[6], v[7])));
}

// Reduce `passes` >= 1 times kLanes numbers to one vector.
template <class R>
static inline V Block(const float *a, int64_t passes) {
  V v[8];
  for (int k = 0; k < 8; ++k) v[k] = Load(a + k * kWidth);
  for (int64_t pass = 1; pass < passes; ++pass)
    for (int k = 0; k < 8; ++k) v[k] = R::Apply(v[k], Load(a + pass * kLanes + k * kWidth));
  return Together<R>(v);
}

// Reduce all lanes: after each pass v[i] and v[i + kWidth / 2] are in neighbouring lanes of one vector.
template <class R>
static inline float Across(V v) {
  for (int lanes = kWidth; lanes > 1; lanes /= 2) v = R::Apply(InterleaveLower(v, v), InterleaveUpper(v, v));
  return v[0];
}

// Reduce kWidth vectors, v[i] to lane i. A pass reduces two to one whose even and odd lanes hold one's each.
template <class R>
static inline V AcrossEach(V *v) {
  for (int left = kWidth / 2; left > 0; left /= 2)
    for (int i = 0; i < left; ++i)
      v[i] = R::Apply(InterleaveLower(v[i], v[i + left]), InterleaveUpper(v[i], v[i + left]));
  return v[0];
}

template <class R>
static inline V LoadRest(const float *a, int64_t n) {
  V v = LoadPart(a, n);
  return R::kNothing == 0 ? v : (FirstLanes(n) ? v : Splat(R::kNothing));
}

// Reduce fewer than kLanes numbers to one vector.
template <class R>
static inline V Rest(const float *a, int64_t n) {
  if (n < kWidth) return LoadRest<R>(a, n);
  V v = Load(a);
  int64_t i = kWidth;
  for (; i + kWidth <= n; i += kWidth) v = R::Apply(v, Load(a + i));
  return i < n ? R::Apply(v, LoadRest<R>(a + i, n - i)) : v;
}

template <class R>
static void ReduceShortRows(const float *a, int64_t stride, int64_t rows, int64_t n, float *out,
                            int64_t out_stride) {
  int64_t row = 0;
  for (; row + kWidth <= rows; row += kWidth) {
    V v[kWidth];
    for (int i = 0; i < kWidth; ++i) v[i] = Rest<R>(a + (row + i) * stride, n);
    V all = AcrossEach<R>(v);
    if (out_stride == 1)
      Store(out + row, all);
    else
      for (int i = 0; i < kWidth; ++i) out[(row + i) * out_stride] = all[i];
  }
  for (; row < rows; ++row) out[row * out_stride] = Across<R>(Rest<R>(a + row * stride, n));
}

// Blocks are joined as a binary counter carries: two of a size at once become one of twice the size.
template <class R>
static float ReduceRow(const float *a, int64_t n) {
  if (n < kLanes) return Across<R>(Rest<R>(a, n));
  V tree[kDepth];
  uint64_t blocks = 0;
  int64_t i = 0;
  while (n - i >= kLanes) {
    int64_t passes = (n - i) / kLanes < 16 ? (n - i) / kLanes : 16;
    V v = Block<R>(a + i, passes);
    i += passes * kLanes;
    int level = 0;
    for (; blocks >> level & 1; ++level) v = R::Apply(tree[level], v);
    tree[level] = v;
    ++blocks;
  }
  int level = __builtin_ctzll(blocks);
  V v = tree[level];
  for (++level; blocks >> level; ++level)
    if (blocks >> level & 1) v = R::Apply(tree[level], v);
  return Across<R>(i < n ? R::Apply(v, Rest<R>(a + i, n - i)) : v);
}

template <class R, int kRows, class Read>
static inline V ReduceAt(const float *a, int64_t stride, Read read) {
  if constexpr (kRows == 1)
    return read.at(a);
  else
    return R::Apply(ReduceAt<R, kRows / 2>(a, stride, read),
                    ReduceAt<R, kRows / 2>(a + kRows / 2 * stride, stride, read));
}

struct WholeVector {
  inline V at(const float *p) const { return Load(p); }
};
struct PartOfVector {
  int64_t n;
  inline V at(const float *p) const { return LoadPart(p, n); }
};

template <class R, int kRows>
static inline void ReduceSomeRows(const float *a, int64_t stride, float *acc, int64_t n, bool fresh) {
  WholeVector whole;
  int64_t j = 0;
  if (fresh)
    for (; j + kWidth <= n; j += kWidth) Store(acc + j, ReduceAt<R, kRows>(a + j, stride, whole));
  else
    for (; j + kWidth <= n; j += kWidth)
      Store(acc + j, R::Apply(Load(acc + j), ReduceAt<R, kRows>(a + j, stride, whole)));
  if (j == n) return;
  V v = ReduceAt<R, kRows>(a + j, stride, PartOfVector{n - j});
  StorePart(acc + j, fresh ? v : R::Apply(LoadPart(acc + j, n - j), v), n - j);
}

template <class R>
static void ReduceColumns(const float *a, int64_t stride, int64_t rows, float *acc, int64_t n, bool fresh) {
  int64_t i = 0;
  for (; i + 8 <= rows; i += 8, fresh = false) ReduceSomeRows<R, 8>(a + i * stride, stride, acc, n, fresh);
  if (rows - i >= 4) {
    ReduceSomeRows<R, 4>(a + i * stride, stride, acc, n, fresh);
    i += 4;
    fresh = false;
  }
  for (; i < rows; ++i, fresh = false) ReduceSomeRows<R, 1>(a + i * stride, stride, acc, n, fresh);
}

constexpr ReductionKernels kReductions = {{{ReduceRow<SumOf>, ReduceShortRows<SumOf>, ReduceColumns<SumOf>},
                                           {ReduceRow<MaxOf>, ReduceShortRows<MaxOf>, ReduceColumns<MaxOf>}}};
