// One instruction set's vectors. Included inside a namespace of that set, between the pragmas that allow it
// and their end, after every other header; needs NEEDLE_WIDTH, the floats in a vector.

constexpr int kWidth = NEEDLE_WIDTH;
typedef float V __attribute__((vector_size(4 * NEEDLE_WIDTH)));
typedef int32_t I __attribute__((vector_size(4 * NEEDLE_WIDTH)));

static inline V Splat(float x) {
  return x - V{};  // not V{} + x, which makes 0 of -0
}

static inline V Load(const float *p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

static inline void Store(float *p, V v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// Store past the caches; p is a multiple of a vector's size.
static inline void Stream(float *p, V v) {
#if NEEDLE_WIDTH == 16
  _mm512_stream_ps(p, v);
#elif NEEDLE_WIDTH == 8
  _mm256_stream_ps(p, v);
#elif defined(__x86_64__)
  _mm_stream_ps(p, v);
#else
  *reinterpret_cast<V *>(p) = v;
#endif
}

// The first n < kWidth numbers, then zeros.
static inline V LoadPart(const float *p, int64_t n) {
#if NEEDLE_WIDTH == 16
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
#else
  V v = {};
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
#endif
}

static inline void StorePart(float *p, V v, int64_t n) {
#if NEEDLE_WIDTH == 16
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
#else
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
#endif
}

static inline I Bits(V v) {
  return reinterpret_cast<I>(v);
}

static inline V Float(I bits) {
  return reinterpret_cast<V>(bits);
}

// NaN if either is.
static inline V Maximum(V a, V b) {
  return ((a >= b) | (a != a)) ? a : b;
}

static inline V SquareRoot(V a) {
#if NEEDLE_WIDTH == 16
  return _mm512_maskz_sqrt_ps(0xffff, a);  // the plain one makes GCC warn of its own header
#elif NEEDLE_WIDTH == 8
  return _mm256_sqrt_ps(a);
#elif defined(__x86_64__)
  return _mm_sqrt_ps(a);
#else
  for (int i = 0; i < kWidth; ++i) a[i] = __builtin_sqrtf(a[i]);
  return a;
#endif
}

// The lower and the upper half of a[0], b[0], a[1], b[1], ...
#if NEEDLE_WIDTH == 16
#define NEEDLE_LOWER 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define NEEDLE_UPPER 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif NEEDLE_WIDTH == 8
#define NEEDLE_LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define NEEDLE_UPPER 4, 12, 5, 13, 6, 14, 7, 15
#else
#define NEEDLE_LOWER 0, 4, 1, 5
#define NEEDLE_UPPER 2, 6, 3, 7
#endif

static inline V InterleaveLower(V a, V b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, NEEDLE_LOWER);
#else
  return __builtin_shuffle(a, b, I{NEEDLE_LOWER});
#endif
}

static inline V InterleaveUpper(V a, V b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, NEEDLE_UPPER);
#else
  return __builtin_shuffle(a, b, I{NEEDLE_UPPER});
#endif
}
#undef NEEDLE_LOWER
#undef NEEDLE_UPPER
