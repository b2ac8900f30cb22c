// Arrays handed to and from other libraries without a copy, by the DLPack protocol, version 0.
// Source: the DLPack specification, dlpack.h, whose structures stand here with its names in ours.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

namespace needle {

namespace py = pybind11;

constexpr int32_t DLPACK_CPU = 1, DLPACK_CUDA = 2;  // kinds of devices
constexpr uint8_t DLPACK_FLOAT = 2;                 // a kind of numbers

struct DLDevice {
  int32_t device_type;
  int32_t device_id;
};

struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};

struct DLTensor {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides;  // in elements; null: compact
  uint64_t byte_offset;
};

struct DLManagedTensor {
  DLTensor dl_tensor;
  void *manager_ctx;
  void (*deleter)(DLManagedTensor *self);
};

constexpr const char *DLPACK_NAME = "dltensor";
constexpr const char *DLPACK_USED = "used_dltensor";  // the name of a capsule whose tensor someone took

// What an exported view keeps alive until the other library is done with it.
struct DLPackExport {
  DLManagedTensor managed;
  std::vector<int64_t> shape, strides;
  PyObject *owner;

  static void Delete(DLManagedTensor *managed) {
    if (!Py_IsInitialized())
      return;  // the other library let go after Python had ended, and its objects with it
    auto *self = static_cast<DLPackExport *>(managed->manager_ctx);
    const PyGILState_STATE state = PyGILState_Ensure();
    Py_DECREF(self->owner);
    PyGILState_Release(state);
    delete self;
  }
};

// Return a capsule for a view of float32, whose memory `owner` keeps alive.
inline py::capsule ToDLPack(py::object owner, float *data, DLDevice device, std::vector<int64_t> shape,
                            std::vector<int64_t> strides) {
  auto *self = new DLPackExport{{}, std::move(shape), std::move(strides), owner.release().ptr()};
  self->managed.dl_tensor = {data,
                             device,
                             static_cast<int32_t>(self->shape.size()),
                             {DLPACK_FLOAT, 32, 1},
                             self->shape.data(),
                             self->strides.data(),
                             0};
  self->managed.manager_ctx = self;
  self->managed.deleter = &DLPackExport::Delete;
  return py::capsule(&self->managed, DLPACK_NAME, [](PyObject *capsule) {
    if (!PyCapsule_IsValid(capsule, DLPACK_NAME)) return;  // someone took it, and will delete it
    auto *managed = static_cast<DLManagedTensor *>(PyCapsule_GetPointer(capsule, DLPACK_NAME));
    managed->deleter(managed);
  });
}

// Throws unless kernels of a device can read a tensor where it lies.
inline void RequireReadable(const DLTensor &tensor, DLDevice device) {
  if (tensor.dtype.code != DLPACK_FLOAT || tensor.dtype.bits != 32 || tensor.dtype.lanes != 1)
    throw py::type_error("from_dlpack: the array is not of float32. Expected float32. Convert it first.");
  const bool other_gpu = device.device_type == DLPACK_CUDA && tensor.device.device_id != device.device_id;
  if (tensor.device.device_type != device.device_type || other_gpu)
    throw std::invalid_argument(
        "from_dlpack: the array lies on another device. Expected this one's memory. Move it there first.");
  if ((reinterpret_cast<uintptr_t>(tensor.data) + tensor.byte_offset) % alignof(float) != 0)
    throw std::invalid_argument(
        "from_dlpack: the array begins between two numbers' places. Expected an address that 4 divides. "
        "Copy it first.");
}

// Take a capsule's tensor. Return an array over the whole memory that its view spans, and the view: shape,
// strides and offset.
template <class Array>
std::tuple<std::unique_ptr<Array>, py::tuple, py::tuple, int64_t> FromDLPack(py::capsule capsule,
                                                                             DLDevice device) {
  if (!PyCapsule_IsValid(capsule.ptr(), DLPACK_NAME))
    throw std::invalid_argument(
        "from_dlpack: this capsule was taken already, or is of another version. Expected a fresh one of "
        "DLPack's version 0. Ask the other library for it.");
  auto *managed = static_cast<DLManagedTensor *>(PyCapsule_GetPointer(capsule.ptr(), DLPACK_NAME));
  const DLTensor &tensor = managed->dl_tensor;
  RequireReadable(tensor, device);
  py::tuple shape(tensor.ndim), strides(tensor.ndim);
  int64_t first = 0, last = 0, step = 1;
  bool empty = false;
  for (int axis = tensor.ndim; axis-- > 0;) {
    const int64_t length = tensor.shape[axis], stride = tensor.strides ? tensor.strides[axis] : step;
    step *= length;
    empty |= length == 0;
    (stride < 0 ? first : last) += (length - 1) * stride;
    shape[axis] = length;
    strides[axis] = stride;
  }
  auto *data =
      reinterpret_cast<float *>(static_cast<char *>(tensor.data) + tensor.byte_offset) + (empty ? 0 : first);
  auto release = [](void *owner) {
    auto *taken = static_cast<DLManagedTensor *>(owner);
    if (taken->deleter) taken->deleter(taken);
  };
  auto array =
      std::make_unique<Array>(data, empty ? 0 : static_cast<size_t>(last - first + 1), release, managed);
  PyCapsule_SetName(capsule.ptr(), DLPACK_USED);
  return {std::move(array), shape, strides, empty ? 0 : -first};
}

}  // namespace needle
