// Streams: queues of kernels that run one after the other. Each thread has a current one.
#pragma once

#include <cuda_runtime.h>

#include <memory>

namespace needle::fast {

// A queue of its own. It still waits for the default stream and the default stream for it, so that the simple
// kernels and the copies, which know no other, keep their place.
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;

  cudaStream_t Handle() const { return handle_; }
  void Synchronize() const;
  void WaitFor(
      const Stream *other) const;  // kernels to come wait for what `other` holds now; null: the default

 private:
  cudaStream_t handle_;
};

// The stream that this thread's kernels go to: the default one until another is set.
cudaStream_t CurrentStream();
std::shared_ptr<Stream> SetCurrentStream(
    std::shared_ptr<Stream> stream);  // null: the default; returns the last

// Whether a stream other than the default one was ever made.
bool ManyStreams();

// Wait until the device has nothing left to do.
void Synchronize();

}  // namespace needle::fast
