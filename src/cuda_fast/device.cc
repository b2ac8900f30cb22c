#include "device.h"

#include <cuda_runtime.h>

#include "errors.h"

namespace needle::fast {

static int Attribute(cudaDeviceAttr attribute) {
  int device = 0, value = 0;
  Require(cudaGetDevice(&device), "cudaGetDevice");
  Require(cudaDeviceGetAttribute(&value, attribute, device), "cudaDeviceGetAttribute");
  return value;
}

int ProcessorCount() {
  static const int count = Attribute(cudaDevAttrMultiProcessorCount);
  return count;
}

int ComputeCapability() {
  static const int capability =
      Attribute(cudaDevAttrComputeCapabilityMajor) * 10 + Attribute(cudaDevAttrComputeCapabilityMinor);
  return capability;
}

}  // namespace needle::fast
