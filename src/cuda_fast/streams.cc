#include "streams.h"

#include <atomic>
#include <mutex>
#include <vector>

#include "errors.h"

namespace needle::fast {

namespace {

std::atomic<bool> many_streams{false};
thread_local std::shared_ptr<Stream> current_stream;

// Streams that nobody holds wait here for the next one who wants one: a stream that is never destroyed leaves
// no dangling handle beside the memory that was used on it.
struct IdleStreams {
  std::mutex mutex;
  std::vector<cudaStream_t> handles;
};

IdleStreams &Idle() {
  static auto *idle = new IdleStreams;  // outlives every static destructor
  return *idle;
}

cudaStream_t TakeStream() {
  many_streams = true;
  IdleStreams &idle = Idle();
  std::lock_guard<std::mutex> lock(idle.mutex);
  if (idle.handles.empty()) {
    cudaStream_t handle = nullptr;
    Require(cudaStreamCreate(&handle), "Stream");
    return handle;
  }
  cudaStream_t handle = idle.handles.back();
  idle.handles.pop_back();
  return handle;
}

}  // namespace

Stream::Stream() : handle_(TakeStream()) {}

Stream::~Stream() {
  IdleStreams &idle = Idle();
  std::lock_guard<std::mutex> lock(idle.mutex);
  idle.handles.push_back(handle_);
}

void Stream::Synchronize() const {
  Require(cudaStreamSynchronize(handle_), "Stream.synchronize");
}

void Stream::WaitFor(const Stream *other) const {
  cudaEvent_t event = nullptr;
  Require(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "Stream.wait_for");
  cudaError_t error = cudaEventRecord(event, other ? other->handle_ : nullptr);
  if (error == cudaSuccess) error = cudaStreamWaitEvent(handle_, event, 0);
  cudaEventDestroy(event);  // the driver keeps it until it is done with it
  Require(error, "Stream.wait_for");
}

cudaStream_t CurrentStream() {
  return current_stream ? current_stream->Handle() : nullptr;
}

std::shared_ptr<Stream> SetCurrentStream(std::shared_ptr<Stream> stream) {
  std::swap(stream, current_stream);
  return stream;
}

bool ManyStreams() {
  return many_streams;
}

void Synchronize() {
  Require(cudaDeviceSynchronize(), "synchronize");
}

}  // namespace needle::fast
