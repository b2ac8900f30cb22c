// Which kernel multiplies matrices.
#include "gemm.h"

#include <atomic>
#include <stdexcept>
#include <string>

#include "device.h"

namespace needle::fast {

namespace {

constexpr int64_t kMostLength = INT32_MAX - 1024;  // rows and columns are counted in 32 bits, tiles included
constexpr int64_t kLeastForTensorCores = 64;       // smaller matrices are not worth the packing

std::atomic<Precision> precision{Precision::kHighest};

void RequireLength(const char *name, int64_t length) {
  if (length > kMostLength)
    throw std::invalid_argument(std::string("matmul: ") + name + " is " + std::to_string(length) +
                                ". Expected at most " + std::to_string(kMostLength) +
                                ". Multiply parts of the matrices.");
}

}  // namespace

void SetMatmulPrecision(Precision wanted) {
  precision = wanted;
}

Precision MatmulPrecision() {
  return precision;
}

void Gemm(GemmCall call) {
  if (call.batch.Count() == 0 || call.m == 0 || call.p == 0) return;
  RequireLength("m", call.m);
  RequireLength("n", call.n);
  RequireLength("p", call.p);
  call.batch.Collapse();
  const bool large =
      call.m >= kLeastForTensorCores && call.n >= kLeastForTensorCores && call.p >= kLeastForTensorCores;
  if (precision == Precision::kHighest || !large || ComputeCapability() < 80) return GemmInFloat32(call);
  GemmOnTensorCores(precision == Precision::kHigh ? TensorFormat::kTf32 : TensorFormat::kBf16, call);
}

}  // namespace needle::fast
