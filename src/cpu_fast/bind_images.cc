// fast.convolve, fast.convolve_for_kernels.
#include <optional>
#include <string>

#include "arguments.h"
#include "bind.h"
#include "convolution/convolution.h"
#include "elementwise/elementwise.h"

namespace needle::fast {
namespace {

constexpr int64_t kMostPlace = int64_t{1} << 31;

// An array with four axes, where it lies.
struct View4 {
  const cpu::AlignedArray &array;
  Dims shape, strides;
  int64_t offset;

  const float *First() const { return array.ptr + offset; }
};

[[noreturn]] void Refuse(const Arguments &in, const std::string &found, const std::string &expected) {
  throw py::value_error(in.Where() + ": " + found + ". Expected " + expected +
                        ". See where needle.fused calls it.");
}

View4 NextView4(Arguments &in, const char *name) {
  const cpu::AlignedArray &array = in.NextArray(name);
  const Dims shape = in.NextDims(name), strides = in.NextDims(name);
  const int64_t offset = in.NextInt(name);
  in.RequireView(name, array, shape, strides, offset);
  if (shape.size != 4) Refuse(in, std::string(name) + " has " + std::to_string(shape.size) + " axes", "4");
  return {array, shape, strides, offset};
}

template <class Four>
Four As(const View4 &view) {
  Four four;
  four.first = view.First();
  for (int axis = 0; axis < 4; ++axis) {
    four.shape[axis] = view.shape.at[axis];
    four.strides[axis] = view.strides.at[axis];
  }
  return four;
}

int64_t NextFrom(Arguments &in, const char *name, int64_t least) {
  const int64_t number = in.NextInt(name);
  if (number < least || number > kMostPlace)
    Refuse(in, std::string(name) + " is " + std::to_string(number),
           std::to_string(least) + " to " + std::to_string(kMostPlace));
  return number;
}

Dims DimsOf(int64_t count, int64_t height, int64_t width, int64_t channels) {
  return {4, {count, height, width, channels}};
}

// fast.convolve(images, shape, strides, offset, kernels, shape, strides, offset, height, width, stride,
// dilation, above, left[, bias]) -> handle
template <bool has_bias>
PyObject *ConvolveArrays(Arguments &in) {
  const View4 images = NextView4(in, "images"), kernels = NextView4(in, "kernels");
  const int64_t height = NextFrom(in, "height", 0), width = NextFrom(in, "width", 0);
  const int64_t stride = NextFrom(in, "stride", 1), dilation = NextFrom(in, "dilation", 1);
  const int64_t above = NextFrom(in, "above", -kMostPlace), left = NextFrom(in, "left", -kMostPlace);
  const int64_t channels = kernels.shape.at[3];
  const float *bias = nullptr;
  if constexpr (has_bias) {
    const cpu::AlignedArray &array = in.NextArray("bias");
    if (array.size != static_cast<size_t>(channels))
      Refuse(in, "bias holds " + std::to_string(array.size), std::to_string(channels));
    bias = array.ptr;
  }
  if (images.shape.at[3] != kernels.shape.at[2])
    Refuse(in, "images have " + std::to_string(images.shape.at[3]) + " channels",
           std::to_string(kernels.shape.at[2]) + ", as the kernels have");
  if (stride > 1 && dilation > 1) Refuse(in, "both stride and dilation are above 1", "one at most");
  auto out =
      std::make_unique<cpu::AlignedArray>(in.Count(DimsOf(images.shape.at[0], height, width, channels)));
  CpuBackend::Run(out->size, [&] {
    Convolve(As<Images>(images), As<Kernels>(kernels), {stride, dilation, above, left}, bias, height, width,
             out->ptr);
  });
  return GiveArray(std::move(out));
}

bool IsCompact(const View4 &view) {
  int64_t stride = 1;
  for (int axis = 3; axis >= 0; stride *= view.shape.at[axis--])
    if (view.shape.at[axis] != 1 && view.strides.at[axis] != stride) return false;
  return true;
}

// fast.convolve_for_kernels(images, shape, strides, offset, grad, shape, strides, offset, kernel_height,
// kernel_width, stride, above, left) -> handle
PyObject *ConvolveArraysForKernels(Arguments &in) {
  const View4 images = NextView4(in, "images"), grad = NextView4(in, "grad");
  const int64_t height = NextFrom(in, "kernel_height", 0), width = NextFrom(in, "kernel_width", 0);
  const int64_t stride = NextFrom(in, "stride", 1);
  const int64_t above = NextFrom(in, "above", -kMostPlace), left = NextFrom(in, "left", -kMostPlace);
  if (images.shape.at[0] != grad.shape.at[0])
    Refuse(in, "there are " + std::to_string(images.shape.at[0]) + " images",
           std::to_string(grad.shape.at[0]) + ", as grad has");
  const Dims shape = DimsOf(height, width, images.shape.at[3], grad.shape.at[3]);
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(shape));
  CpuBackend::Run(grad.array.size, [&] {
    std::optional<cpu::AlignedArray> copy;
    if (!IsCompact(grad)) {
      copy.emplace(in.Count(grad.shape));
      Apply(Function::kCopy, {grad.First(), grad.strides.at}, 4, grad.shape.at, copy->ptr);
    }
    ConvolveForKernels(As<Images>(images), copy ? copy->ptr : grad.First(), grad.shape.at[1],
                       grad.shape.at[2], {stride, 1, above, left}, shape.at, out->ptr);
  });
  return GiveArray(std::move(out));
}

}  // namespace

void BindImages(py::module_ &fast) {
  DefineFast<ConvolveArrays<false>, 14>(fast, "convolve");
  DefineFast<ConvolveArrays<true>, 15>(fast, "convolve_biased");
  DefineFast<ConvolveArraysForKernels, 13>(fast, "convolve_for_kernels");
}

}  // namespace needle::fast
