// Row kernels for simd.inl's vectors: each op a struct with Apply, and the loops that it is put into.

#include "power.inl"

struct Add {
  static inline V Apply(V a, V b) { return a + b; }
};
struct Sub {
  static inline V Apply(V a, V b) { return a - b; }
};
struct Mul {
  static inline V Apply(V a, V b) { return a * b; }
};
struct Div {
  static inline V Apply(V a, V b) { return a / b; }
};
struct Power {
  static inline V Apply(V a, V b) { return PowerOf(a, b); }
};
struct Larger {
  static inline V Apply(V a, V b) { return Maximum(a, b); }
};
struct Eq {
  static inline V Apply(V a, V b) { return (a == b) ? Splat(1) : V{}; }
};
struct Ne {
  static inline V Apply(V a, V b) { return (a != b) ? Splat(1) : V{}; }
};
struct Ge {
  static inline V Apply(V a, V b) { return (a >= b) ? Splat(1) : V{}; }
};
struct Gt {
  static inline V Apply(V a, V b) { return (a > b) ? Splat(1) : V{}; }
};
struct Le {
  static inline V Apply(V a, V b) { return (a <= b) ? Splat(1) : V{}; }
};
struct Lt {
  static inline V Apply(V a, V b) { return (a < b) ? Splat(1) : V{}; }
};
struct CopyOf {
  static inline V Apply(V a, V) { return a; }
};
struct NegateOf {
  static inline V Apply(V a, V) { return -a; }
};
struct SquareOf {
  static inline V Apply(V a, V) { return a * a; }
};
struct CubeOf {
  static inline V Apply(V a, V) { return a * a * a; }
};
struct SquareRootOf {
  static inline V Apply(V a, V) { return SquareRoot(a); }
};
struct ExpOf {
  static inline V Apply(V a, V) { return Exp(a); }
};
struct LogOf {
  static inline V Apply(V a, V) { return Log(a); }
};
struct TanhOf {
  static inline V Apply(V a, V) { return Tanh(a); }
};

// An operand of a row: at(i) is its vector at i, part(i, n) the first n numbers there.
struct Contiguous {
  const float *p;
  explicit Contiguous(const float *p) : p(p) {}
  inline V at(int64_t i) const { return Load(p + i); }
  inline V part(int64_t i, int64_t n) const { return LoadPart(p + i, n); }
};
struct Broadcast {
  V v;
  explicit Broadcast(const float *p) : v(Splat(*p)) {}
  inline V at(int64_t) const { return v; }
  inline V part(int64_t, int64_t) const { return v; }
};
struct Absent {
  explicit Absent(const float *) {}
  inline V at(int64_t) const { return V{}; }
  inline V part(int64_t, int64_t) const { return V{}; }
};

template <class Op, class A, class B>
static int64_t StreamRow(A a, B b, float *out, int64_t n) {
  int64_t ahead = -(reinterpret_cast<intptr_t>(out) / 4) & (kWidth - 1);  // up to an aligned address
  if (ahead) StorePart(out, Op::Apply(a.part(0, ahead), b.part(0, ahead)), ahead);
  int64_t i = ahead;
  for (; i + kWidth <= n; i += kWidth) Stream(out + i, Op::Apply(a.at(i), b.at(i)));
  return i;
}

template <class Op, class A, class B>
static void RowOf(const float *a_row, const float *b_row, float *out, int64_t n, bool stream) {
  A a(a_row);
  B b(b_row);
  int64_t i = 0;
  if (stream && n >= 4 * kWidth) i = StreamRow<Op>(a, b, out, n);
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {  // four at a time, so that they overlap
    V v0 = Op::Apply(a.at(i), b.at(i));
    V v1 = Op::Apply(a.at(i + kWidth), b.at(i + kWidth));
    V v2 = Op::Apply(a.at(i + 2 * kWidth), b.at(i + 2 * kWidth));
    V v3 = Op::Apply(a.at(i + 3 * kWidth), b.at(i + 3 * kWidth));
    Store(out + i, v0);
    Store(out + i + kWidth, v1);
    Store(out + i + 2 * kWidth, v2);
    Store(out + i + 3 * kWidth, v3);
  }
  for (; i + kWidth <= n; i += kWidth) Store(out + i, Op::Apply(a.at(i), b.at(i)));
  if (i < n) StorePart(out + i, Op::Apply(a.part(i, n - i), b.part(i, n - i)), n - i);
}

template <class Op>
constexpr Rows RowsOf() {
  return {RowOf<Op, Contiguous, Contiguous>, RowOf<Op, Broadcast, Contiguous>,
          RowOf<Op, Contiguous, Broadcast>};
}

template <class Op>
constexpr Row FunctionRow() {
  return RowOf<Op, Contiguous, Absent>;
}
