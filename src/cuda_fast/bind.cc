// The submodule `fast`: its kernels, streams, memory, and how exact matmul is.
#include "bind.h"

#include <pybind11/stl.h>

#include "../fast/bind_recurrent.h"
#include "../fast/bind_sequences.h"
#include "../fast/bind_training.h"
#include "arguments.h"
#include "streams.h"

namespace needle::fast {

namespace py = pybind11;

namespace {

using Unlocked = py::call_guard<py::gil_scoped_release>;

void BindStreams(py::module_ &fast) {
  py::class_<Stream, std::shared_ptr<Stream>>(fast, "Stream",
                                              "A queue of kernels that run one after the other.")
      .def(py::init<>())
      .def("synchronize", &Stream::Synchronize, Unlocked(), "Wait until all of its kernels have ended.")
      .def("wait_for", &Stream::WaitFor, py::arg("other").none(true),
           "Let kernels to come wait for those that another stream, or None: the default one, has now.");
  fast.def("set_stream", &SetCurrentStream, py::arg("stream").none(true),
           "Send this thread's kernels to a stream, or None: the default one. Return the one before.");
  fast.def("synchronize", &Synchronize, Unlocked(), "Wait until the device has nothing left to do.");
}

void BindMemory(py::module_ &fast) {
  fast.def(
      "allocated_bytes", [] { return CurrentMemoryUse().allocated_bytes; },
      "Return how many bytes arrays take, in whole blocks.");
  fast.def(
      "kept_bytes", [] { return CurrentMemoryUse().kept_bytes; },
      "Return how many bytes are kept for arrays to come.");
  fast.def("empty_cache", &EmptyCache, Unlocked(),
           "Give what is kept for arrays to come back to the driver.");
}

}  // namespace

void BindFast(py::module_ &module) {
  py::module_ fast = module.def_submodule("fast", "Kernels for arrays of any strides, several at a time.");
  BindElementwise(fast);
  BindReductions(fast);
  BindMatmul(fast);
  BindSequences<CudaBackend>(fast);
  BindRecurrent<CudaBackend>(fast);
  BindTraining<CudaBackend>(fast);
  BindStreams(fast);
  BindMemory(fast);
}

}  // namespace needle::fast
