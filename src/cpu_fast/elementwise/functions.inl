// exp, log and tanh of simd.inl's vectors. Beside double precision, over all 2^32 floats, with and without
// fused multiply-add, they are wrong by 1.01, 0.87 and 1.50 units in the last place at most.
//
// The polynomials are minimax fits of our own: Remez's exchange in 50 digits over the range that is left
// after reduction, weighted so that the function's relative error is what becomes small, coefficients then
// rounded to float.

#include "../machine/simd.inl"

constexpr float kLog2e = 1.44269504f;
// ln 2 in two parts. The first has 9 bits, so that its product with an exponent is exact.
constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, in the lowest bits

// Return v * 2^n for an integer n within [-252, 254]. Rounds once, also to a denormal number.
static inline V Scale(V v, V rounded) {
#if NEEDLE_WIDTH == 16
  return _mm512_maskz_scalef_ps(0xffff, v, rounded - kRound);
#else
  I n = reinterpret_cast<I>(Bits(rounded) - Bits(Splat(kRound)));
  I half = n >> 1;
  V first = Float(reinterpret_cast<U>(half + 127) << 23);
  V second = Float(reinterpret_cast<U>(n - half + 127) << 23);
  return v * first * second;
#endif
}

static inline V AtMost(V v, float high) {  // a NaN stays
  return v > Splat(high) ? Splat(high) : v;
}

static inline V AtLeast(V v, float low) {
  return v < Splat(low) ? Splat(low) : v;
}

// x = n ln 2 + r with |r| <= ln(2) / 2, so e^x = 2^n (1 + r + r^2 q(r)).
static inline V Exp(V x) {
  x = AtLeast(AtMost(x, 89.0f), -104.0f);  // beyond, the result is infinite or 0
  V rounded = x * kLog2e + kRound;
  V n = rounded - kRound;
  V r = x - n * kLn2High;
  r = r - n * kLn2Low;
  V q = r * 0x1.6a1f62p-10f + 0x1.123ccap-7f;
  q = q * r + 0x1.555904p-5f;
  q = q * r + 0x1.55548ep-3f;
  q = q * r + 0x1.fffffcp-2f;
  V p = r * r * q + r + 1.0f;
  return Scale(p, rounded);
}

// x = 2^e m with m in [sqrt(1/2), sqrt(2)), f = m - 1, so ln x = e ln 2 + f - f^2 / 2 + f^3 p(f).
static inline V Log(V x) {
  constexpr uint32_t kSqrtHalf = 0x3f3504f3;
  I tiny = (x < Splat(0x1p-126f));
  V normal = tiny ? x * 0x1p23f : x;
  I exponent = reinterpret_cast<I>(Bits(normal) - kSqrtHalf) >> 23;
  V f = Float(Bits(normal) - (reinterpret_cast<U>(exponent) << 23)) - 1.0f;
  V e = __builtin_convertvector(exponent - (tiny & 23), V);
  V p = f * -0x1.38b586p-4f + 0x1.055b64p-3f;
  p = p * f + -0x1.0d853ep-3f;
  p = p * f + 0x1.22da1ep-3f;
  p = p * f + -0x1.547246p-3f;
  p = p * f + 0x1.99a008p-3f;
  p = p * f + -0x1.000226p-2f;
  p = p * f + 0x1.555554p-2f;
  V square = f * f;
  V low = p * f * square + e * kLn2Low;
  low = low - 0.5f * square;
  V y = (f + low) + e * kLn2High;
  I finite = (x > V{}) & (x < Splat(__builtin_inff()));
  V special = x == V{} ? Splat(-__builtin_inff()) : (x > V{} ? x : Splat(__builtin_nanf("")));
  return finite ? y : special;
}

// tanh |x| = d / (d + 2) with d = e^(2|x|) - 1, which is 2^n (r + r^2 q(r)) + (2^n - 1), nothing lost; below
// 0.55, where d's rounding would show, tanh x = x + x^3 t(x^2).
static inline V Tanh(V x) {
  U sign = Bits(x) & 0x80000000u;
  V size = Float(Bits(x) ^ sign);
  V y = AtMost(size, 9.1f);  // beyond, the result is 1
  y = y + y;
  V rounded = y * kLog2e + kRound;
  V n = rounded - kRound;
  V r = y - n * kLn2High;
  r = r - n * kLn2Low;
  V q = r * 0x1.6d9cd6p-10f + 0x1.122abap-7f;
  q = q * r + 0x1.555482p-5f;
  q = q * r + 0x1.5554acp-3f;
  q = q * r + 0.5f;
  V power = Float((Bits(rounded) - Bits(Splat(kRound)) + 127) << 23);
  V d = power * (r * r * q + r) + (power - 1.0f);
  V large = d / (d + 2.0f);
  V z = size * size;
  V t = z * -0x1.9bba80p-8f + 0x1.59568cp-6f;
  t = t * z + -0x1.b92bbap-5f;
  t = t * z + 0x1.110d3cp-3f;
  t = t * z + -0x1.55554cp-2f;
  V small = t * z * size + size;
  return Float(Bits(size < Splat(0.55f) ? small : large) | sign);
}
