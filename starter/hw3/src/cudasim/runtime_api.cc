#include "include/cudasim/runtime_api.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "api_state.h"
#include "fibers.h"
#include "include/cudasim/fault.h"
#include "memory.h"
#include "scheduler.h"

using namespace cudasim;

namespace cudasim {

static cudaError_t last_error = cudaSuccess;
static bool pending;
static Mistake pending_mistake;

std::recursive_mutex &DeviceMutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

void SetLastError(cudaError_t error) {
  last_error = error;
}

void Pend(const Mistake &mistake) {
  if (!pending) pending_mistake = mistake;
  pending = true;
}

void ThrowPending() {
  if (!pending) return;
  pending = false;
  throw Describe(pending_mistake);
}

static cudaError_t Return(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

Variable::Variable(const volatile void *begin, size_t bytes, const char *name, bool constant) {
  AddRegion(const_cast<const void *>(begin), bytes, name, constant, false);
}

[[noreturn]] static void FailCopy(const std::string &text) {
  Fault fault(text);
  fault.kind = FaultKind::kCopy;
  throw fault;
}

// What lies at an address, for a copy.
struct Side {
  bool device;
  std::string name;
  uintptr_t begin;
  size_t bytes;
};

static Side SideOf(uintptr_t address) {
  if (const Region *region = FindRegion(address))
    return {true, "`" + region->name + "`", region->begin, region->bytes};
  if (!InArena(address)) return {false, "the host's memory", 0, 0};
  const Found found = FindAllocation(address);
  if (found.holding == Holding::kLive)
    return {true, "the array that " + found.allocation->made_by + " allocated", found.allocation->begin,
            found.allocation->bytes};
  return {true, found.holding == Holding::kFreed ? "an array that was freed" : "no array", address, 0};
}

static void RequireInside(const char *where, const char *role, uintptr_t address, size_t bytes) {
  const Side side = SideOf(address);
  if (!side.device) return;
  const size_t begin = address - side.begin;
  if (address >= side.begin && begin <= side.bytes && bytes <= side.bytes - begin) return;
  FailCopy(std::string(where) + ": bytes " + std::to_string(static_cast<int64_t>(begin)) + " to " +
           std::to_string(static_cast<int64_t>(begin + bytes)) + " of " + side.name + " are the " + role +
           ", which has " + std::to_string(side.bytes) +
           ". Expected all of them inside. Sizes are in bytes: count * sizeof(float).");
}

static void RequireSide(const char *where, const char *role, uintptr_t address, bool device) {
  const Side side = SideOf(address);
  if (side.device == device || FindRegion(address)) return;
  FailCopy(
      std::string(where) + ": the " + role + " is " + (side.device ? "the device's" : "the host's") +
      " memory, but the direction says " + (device ? "the device's" : "the host's") +
      ". Expected cudaMemcpyHostToDevice from the host to the device and cudaMemcpyDeviceToHost back; the "
      "first argument is where the bytes go.");
}

static void Copy(const char *where, uintptr_t to, uintptr_t from, size_t bytes, cudaMemcpyKind kind) {
  if (kind != cudaMemcpyDefault) {
    RequireSide(where, "destination", to, kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice);
    RequireSide(where, "source", from, kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice);
  }
  RequireInside(where, "destination", to, bytes);
  RequireInside(where, "source", from, bytes);
  std::memmove(reinterpret_cast<void *>(to), reinterpret_cast<const void *>(from), bytes);
  if (CellOf(to) && CellOf(from))
    CopyDefined(to, from, bytes);
  else if (CellOf(to))
    MarkDefined(to, bytes);
}

static cudaError_t CheckedCopy(const char *where, void *to, const void *from, size_t bytes,
                               cudaMemcpyKind kind) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  ThrowPending();
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) return Return(cudaErrorInvalidMemcpyDirection);
  if (bytes) Copy(where, reinterpret_cast<uintptr_t>(to), reinterpret_cast<uintptr_t>(from), bytes, kind);
  return cudaSuccess;
}

static cudaError_t CheckedSet(const char *where, void *pointer, int value, size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  ThrowPending();
  const uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  if (bytes == 0) return cudaSuccess;
  if (!CellOf(address)) return Return(cudaErrorInvalidValue);
  RequireInside(where, "destination", address, bytes);
  std::memset(pointer, value, bytes);
  MarkDefined(address, bytes);
  return cudaSuccess;
}

static cudaError_t Malloc(void **pointer, size_t bytes, const char *made_by, bool managed) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  ThrowPending();
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;
  try {
    *pointer = reinterpret_cast<void *>(Allocate(bytes, made_by, managed));
  } catch (const std::bad_alloc &) {
  }
  return Return(*pointer ? cudaSuccess : cudaErrorMemoryAllocation);
}

}  // namespace cudasim

cudaError_t cudaMalloc(void **pointer, size_t bytes, const char *made_by) {
  return Malloc(pointer, bytes, made_by, false);
}

cudaError_t cudaMallocAsync(void **pointer, size_t bytes, cudaStream_t, const char *made_by) {
  return Malloc(pointer, bytes, made_by, false);
}

cudaError_t cudaMallocManaged(void **pointer, size_t bytes, unsigned, const char *made_by) {
  return Malloc(pointer, bytes, made_by, true);
}

// Never throws: destructors call it.
cudaError_t cudaFree(void *pointer) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  if (!pointer || Free(reinterpret_cast<uintptr_t>(pointer))) return cudaSuccess;
  return Return(cudaErrorInvalidValue);
}

cudaError_t cudaFreeAsync(void *pointer, cudaStream_t) {
  return cudaFree(pointer);
}

cudaError_t cudaMallocHost(void **pointer, size_t bytes) {
  *pointer = std::malloc(bytes ? bytes : 1);
  return Return(*pointer ? cudaSuccess : cudaErrorMemoryAllocation);
}

cudaError_t cudaHostAlloc(void **pointer, size_t bytes, unsigned) {
  return cudaMallocHost(pointer, bytes);
}

cudaError_t cudaFreeHost(void *pointer) {
  std::free(pointer);
  return cudaSuccess;
}

cudaError_t cudaHostRegister(void *pointer, size_t bytes, unsigned) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  if (!pointer || InArena(reinterpret_cast<uintptr_t>(pointer))) return Return(cudaErrorInvalidValue);
  AddRegion(pointer, bytes, "registered host memory", false, true);
  return cudaSuccess;
}

cudaError_t cudaHostUnregister(void *pointer) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  return RemoveRegion(pointer) ? cudaSuccess : Return(cudaErrorInvalidValue);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind) {
  return CheckedCopy("cudaMemcpy", to, from, bytes, kind);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t) {
  return CheckedCopy("cudaMemcpyAsync", to, from, bytes, kind);
}

cudaError_t cudaMemset(void *pointer, int value, size_t bytes) {
  return CheckedSet("cudaMemset", pointer, value, bytes);
}

cudaError_t cudaMemsetAsync(void *pointer, int value, size_t bytes, cudaStream_t) {
  return CheckedSet("cudaMemsetAsync", pointer, value, bytes);
}

cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  *total = DEVICE_BYTES;
  *free = DEVICE_BYTES - AllocatedBytes();
  return cudaSuccess;
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = cudaPeekAtLastError();
  last_error = cudaSuccess;
  return error;
}

cudaError_t cudaPeekAtLastError() {
  ThrowPending();
  return last_error;
}

struct ErrorName {
  cudaError_t error;
  const char *name, *text;
};

static const ErrorName &NameOf(cudaError_t error) {
  static const ErrorName names[] = {
      {cudaSuccess, "cudaSuccess", "no error"},
      {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
      {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
      {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
      {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
      {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection",
       "invalid copy direction for memcpy"},
      {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
      {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
      {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
      {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
      {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"}};
  for (const ErrorName &name : names)
    if (name.error == error) return name;
  return NameOf(cudaErrorUnknown);
}

const char *cudaGetErrorName(cudaError_t error) {
  return NameOf(error).name;
}

const char *cudaGetErrorString(cudaError_t error) {
  return NameOf(error).text;
}

static const cudaDeviceProp &Properties() {
  static const cudaDeviceProp properties = [] {
    cudaDeviceProp made = {};
    snprintf(made.name, sizeof(made.name), "cudasim, on this machine's processor");
    made.totalGlobalMem = DEVICE_BYTES;
    made.sharedMemPerBlock = 48 << 10;
    made.warpSize = 32;
    made.maxThreadsPerBlock = 1024;
    made.maxThreadsDim[0] = made.maxThreadsDim[1] = 1024;
    made.maxThreadsDim[2] = 64;
    made.maxGridSize[0] = INT32_MAX;
    made.maxGridSize[1] = made.maxGridSize[2] = 65535;
    made.major = 7;
    made.minor = 5;
    made.multiProcessorCount = 1;
    return made;
  }();
  return properties;
}

cudaError_t cudaGetDeviceCount(int *count) {
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
  *device = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  return Return(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device) {
  if (device != 0) return Return(cudaErrorInvalidDevice);
  *properties = Properties();
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device) {
  if (device != 0) return Return(cudaErrorInvalidDevice);
  const cudaDeviceProp &properties = Properties();
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = properties.maxThreadsPerBlock;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = static_cast<int>(properties.sharedMemPerBlock);
      break;
    case cudaDevAttrWarpSize:
      *value = properties.warpSize;
      break;
    case cudaDevAttrMultiProcessorCount:
      *value = properties.multiProcessorCount;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = properties.major;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = properties.minor;
      break;
    default:
      return Return(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void *, cudaFuncAttribute, int value) {
  const bool fits = value >= 0 && static_cast<size_t>(value) <= Properties().sharedMemPerBlock;
  return Return(fits ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaDeviceSynchronize() {
  ThrowPending();
  return cudaSuccess;
}
