// Vectors' lanes in another order, for vectors of simd.inl that are not wider than eight.

#if defined(__clang__) || __GNUC__ >= 12
#define NEEDLE_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define NEEDLE_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, I{__VA_ARGS__})
#endif

#if NEEDLE_WIDTH == 8
#define NEEDLE_LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define NEEDLE_UPPER 4, 12, 5, 13, 6, 14, 7, 15
#define NEEDLE_EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define NEEDLE_BACKWARDS 7, 6, 5, 4, 3, 2, 1, 0
#else
#define NEEDLE_LOWER 0, 4, 1, 5
#define NEEDLE_UPPER 2, 6, 3, 7
#define NEEDLE_EVEN 0, 2, 4, 6
#define NEEDLE_BACKWARDS 3, 2, 1, 0
#endif

// The lower and the upper half of a[0], b[0], a[1], b[1], ...
static inline V InterleaveLower(V a, V b) {
  return NEEDLE_SHUFFLE(a, b, NEEDLE_LOWER);
}

static inline V InterleaveUpper(V a, V b) {
  return NEEDLE_SHUFFLE(a, b, NEEDLE_UPPER);
}

// a[0], a[2], ..., b[0], b[2], ...
static inline V EveryOther(V a, V b) {
  return NEEDLE_SHUFFLE(a, b, NEEDLE_EVEN);
}

static inline V Backwards(V a) {
  return NEEDLE_SHUFFLE(a, a, NEEDLE_BACKWARDS);
}

#undef NEEDLE_SHUFFLE
#undef NEEDLE_LOWER
#undef NEEDLE_UPPER
#undef NEEDLE_EVEN
#undef NEEDLE_BACKWARDS
