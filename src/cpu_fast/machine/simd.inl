// One instruction set's vectors. Included inside a namespace of that set, between the pragmas that allow it
// and their end, after every other header; needs NEEDLE_WIDTH, the floats in a vector.

constexpr int kWidth = NEEDLE_WIDTH;
typedef float V __attribute__((vector_size(4 * NEEDLE_WIDTH)));
typedef float Four __attribute__((vector_size(16)));
typedef int32_t I __attribute__((vector_size(4 * NEEDLE_WIDTH)));   // what comparisons give: 0 or -1
typedef uint32_t U __attribute__((vector_size(4 * NEEDLE_WIDTH)));  // bits, which may wrap around

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

// A comparison's result: true in the first n <= kWidth lanes.
static inline I FirstLanes(int64_t n) {
  static constexpr int32_t kWindow[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  I mask;
  __builtin_memcpy(&mask, kWindow + 16 - n, sizeof mask);
  return mask;
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
#elif NEEDLE_WIDTH == 8
  return _mm256_maskload_ps(p, reinterpret_cast<__m256i>(FirstLanes(n)));
#else
  V v = {};
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
#endif
}

static inline void StorePart(float *p, V v, int64_t n) {
#if NEEDLE_WIDTH == 16
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
#elif NEEDLE_WIDTH == 8
  _mm256_maskstore_ps(p, reinterpret_cast<__m256i>(FirstLanes(n)), v);
#else
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
#endif
}

static inline U Bits(V v) {
  return reinterpret_cast<U>(v);
}

static inline V Float(U bits) {
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

// Whether a lane of a comparison's result is true.
static inline bool Any(I mask) {
#if NEEDLE_WIDTH == 16
  return _mm512_test_epi32_mask(reinterpret_cast<__m512i>(mask), reinterpret_cast<__m512i>(mask)) != 0;
#elif NEEDLE_WIDTH == 8
  return _mm256_movemask_ps(reinterpret_cast<V>(mask)) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_ps(reinterpret_cast<V>(mask)) != 0;
#else
  return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
#endif
}
