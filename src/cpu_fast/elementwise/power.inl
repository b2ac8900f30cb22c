// Powers of simd.inl's vectors, in double precision between: x^y = 2^(y log2 x), wrong by 0.54 units in the
// last place at most in 2^26 drawn pairs. The polynomials are fits like those of functions.inl.

#include "functions.inl"

typedef float HalfV __attribute__((vector_size(2 * NEEDLE_WIDTH)));
typedef double D __attribute__((vector_size(4 * NEEDLE_WIDTH)));
typedef uint64_t L __attribute__((vector_size(4 * NEEDLE_WIDTH)));

static inline D Double(L bits) {
  return reinterpret_cast<D>(bits);
}

// x = 2^e m with m in [sqrt(1/2), sqrt(2)), s = (m - 1) / (m + 1), so log2 x = e + s p(s^2). Here 0 < x <
// inf.
static inline D Log2(D x) {
  constexpr uint64_t kSqrtHalf = 0x3fe6a09e667f3bcd, kOne = 0x3ff0000000000000;
  constexpr uint64_t kBits52 = 0x4330000000000000;          // 2^52: in the lowest bits it has an integer
  L e = (reinterpret_cast<L>(x) - kSqrtHalf + kOne) >> 52;  // and 1023; not below 0
  D m = Double(reinterpret_cast<L>(x) - ((e - 1023) << 52));
  D s = (m - 1.0) / (m + 1.0), z = s * s;
  D p = z * 0x1.5ce85a63ffa8cp-2 + 0x1.a58d887f0d68bp-2;
  p = p * z + 0x1.27777fe90da09p-1;
  p = p * z + 0x1.ec709d12ceec4p-1;
  p = p * z + 0x1.71547652bedf3p+1;
  return p * s + (Double(e | kBits52) - (0x1p52 + 1023.0));
}

// t = n + r with |r| <= 1/2, so 2^t = 2^n (1 + r q(r)). Beyond what a float holds, t is brought back to that.
static inline D Exp2(D t) {
  constexpr double kRoundDouble = 0x1.8p52;
  t = t > 130.0 ? D{} + 130.0 : t;
  t = t < -160.0 ? D{} - 160.0 : t;
  D rounded = t + kRoundDouble;
  D r = t - (rounded - kRoundDouble);
  D q = r * 0x1.41fb371134babp-13 + 0x1.5f3e4ab3e7952p-10;
  q = q * r + 0x1.3b2d4dc7b9059p-7;
  q = q * r + 0x1.c6aee8c70813bp-5;
  q = q * r + 0x1.ebfbdc3b43065p-3;
  q = q * r + 0x1.62e430aebd1c3p-1;
  D p = q * r + 1.0;
  return Double(reinterpret_cast<L>(p) + (reinterpret_cast<L>(rounded) << 52));
}

static inline HalfV PowerOfHalf(HalfV x, HalfV y) {
  D t = __builtin_convertvector(y, D) * Log2(__builtin_convertvector(x, D));
  return __builtin_convertvector(Exp2(t), HalfV);
}

static inline V PowerOfPositive(V x, V y) {
  HalfV halves[2], exponents[2];
  __builtin_memcpy(halves, &x, sizeof x);
  __builtin_memcpy(exponents, &y, sizeof y);
  halves[0] = PowerOfHalf(halves[0], exponents[0]);
  halves[1] = PowerOfHalf(halves[1], exponents[1]);
  __builtin_memcpy(&x, halves, sizeof x);
  return x;
}

static inline V PowerOf(V x, V y) {
  V size = Float(Bits(x) & 0x7fffffffu), exponent = Float(Bits(y) & 0x7fffffffu);
  I usual = (size > V{}) & (size < Splat(__builtin_inff())) & (exponent < Splat(0x1p22f));
  if (Any(~usual)) {
    V out;
    for (int i = 0; i < kWidth; ++i) out[i] = __builtin_powf(x[i], y[i]);
    return out;
  }
  V out = PowerOfPositive(size, y);
  I negative = x < V{};
  if (!Any(negative)) return out;
  V rounded = y + kRound;
  I whole = (rounded - kRound) == y;
  U sign = Bits(rounded) << 31;  // odd if the lowest bit is set
  V signed_out = whole ? Float(Bits(out) ^ sign) : Splat(__builtin_nanf(""));
  return negative ? signed_out : out;
}
