// fast.<function>, fast.ewise_<operation>, fast.scalar_<operation>, fast.compact and fast.assign.
#include "arguments.h"
#include "bind.h"
#include "elementwise.h"

namespace needle::cuda_fast {

namespace {

constexpr Source kNothing = {nullptr, 0.0f};

Dims CompactStrides(const Dims &shape) {
  Dims strides = shape;
  int64_t stride = 1;
  for (int axis = shape.size; axis-- > 0; stride *= shape.at[axis]) strides.at[axis] = stride;
  return strides;
}

// An operand: where it lies and its strides, or null for one number.
struct Operand {
  Source source;
  const Dims *strides;
};

ElementwiseCall MakeCall(const Dims &shape, float *out, const Dims &out_strides, Operand a, Operand b) {
  ElementwiseCall call = {{}, out, a.source, b.source};
  for (int axis = 0; axis < shape.size; ++axis)
    call.views.Append(shape.at[axis], {out_strides.at[axis], a.strides ? a.strides->at[axis] : 0,
                                       b.strides ? b.strides->at[axis] : 0});
  return call;
}

Operand OperandOf(const View &view) {
  return {{view.First(), 0.0f}, &view.strides};
}

Operand OperandOf(float number) {
  return {{nullptr, number}, nullptr};
}

PyObject *Compute(Arguments &in, Operation operation, const Dims &shape, Operand a,
                  Operand b = {kNothing, nullptr}) {
  auto out = std::make_unique<cuda::CudaArray>(in.Count(shape));
  if (out->size > 0) Elementwise(operation, MakeCall(shape, out->ptr, CompactStrides(shape), a, b));
  return GiveArray(std::move(out));
}

// Take a, shape, strides and offset.
struct ShapedView {
  Dims shape;
  View view;
};

ShapedView NextShapedView(Arguments &in) {
  cuda::CudaArray &a = in.NextArray("a");
  RecordUse(a.ptr);
  const Dims shape = in.NextDims("shape"), strides = in.NextDims("strides");
  const int64_t offset = in.NextInt("offset");
  in.RequireView("a", a, shape, strides, offset);
  return {shape, {&a, strides, offset}};
}

template <Operation operation>
PyObject *ComputeFunction(Arguments &in) {
  const ShapedView a = NextShapedView(in);
  return Compute(in, operation, a.shape, OperandOf(a.view));
}

template <Operation operation>
PyObject *ComputeEwise(Arguments &in) {
  const View a = NextView(in, "a"), b = NextView(in, "b");
  const Dims shape = in.NextDims("shape");
  in.RequireView("a", *a.array, shape, a.strides, a.offset);
  in.RequireView("b", *b.array, shape, b.strides, b.offset);
  return Compute(in, operation, shape, OperandOf(a), OperandOf(b));
}

template <Operation operation, bool kReversed>
PyObject *ComputeScalar(Arguments &in) {
  const ShapedView a = NextShapedView(in);
  const Operand array = OperandOf(a.view), number = OperandOf(in.NextFloat());
  return Compute(in, operation, a.shape, kReversed ? number : array, kReversed ? array : number);
}

// Powers that have a quicker way, and a more exact one.
PyObject *ComputePower(Arguments &in) {
  const ShapedView a = NextShapedView(in);
  const Operand array = OperandOf(a.view);
  const float exponent = in.NextFloat();
  if (exponent == 1) return Compute(in, Operation::kCopy, a.shape, array);
  if (exponent == 2) return Compute(in, Operation::kMultiply, a.shape, array, array);
  if (exponent == 3) return Compute(in, Operation::kCube, a.shape, array);
  if (exponent == 0.5f) return Compute(in, Operation::kSqrt, a.shape, array);
  if (exponent == -1) return Compute(in, Operation::kDivide, a.shape, OperandOf(1.0f), array);
  return Compute(in, Operation::kPower, a.shape, array, OperandOf(exponent));
}

// The lowest and one past the highest element of a view that has some.
struct Extent {
  const float *begin, *end;
};

Extent ExtentOf(const Dims &shape, const View &view) {
  Extent extent = {view.First(), view.First() + 1};
  for (int axis = 0; axis < shape.size; ++axis)
    (view.strides.at[axis] < 0 ? extent.begin : extent.end) += (shape.at[axis] - 1) * view.strides.at[axis];
  return extent;
}

// Copy a view of a into a view of out. Where the two may share elements, a is copied first.
PyObject *Assign(Arguments &in) {
  const View a = NextView(in, "a"), out = NextView(in, "out");
  const Dims shape = in.NextDims("shape");
  in.RequireView("a", *a.array, shape, a.strides, a.offset);
  in.RequireView("out", *out.array, shape, out.strides, out.offset);
  const size_t count = in.Count(shape);
  if (count == 0) return GiveNone();
  const Extent from = ExtentOf(shape, a), to = ExtentOf(shape, out);
  const bool overlaps = from.begin < to.end && to.begin < from.end;
  const Temporary copy(overlaps ? count * sizeof(float) : 0);
  const Dims compact = CompactStrides(shape);
  Operand source = OperandOf(a);
  if (overlaps) {
    Elementwise(Operation::kCopy, MakeCall(shape, copy.Floats(), compact, source, {kNothing, nullptr}));
    source = {{copy.Floats(), 0.0f}, &compact};
  }
  Elementwise(Operation::kCopy, MakeCall(shape, out.First(), out.strides, source, {kNothing, nullptr}));
  return GiveNone();
}

template <Operation operation>
void BindOperation(py::module_ &fast, const std::string &name) {
  DefineFast<ComputeEwise<operation>, 7>(fast, ("ewise_" + name).c_str());
  DefineFast<ComputeScalar<operation, false>, 5>(fast, ("scalar_" + name).c_str());
}

}  // namespace

void BindElementwise(py::module_ &fast) {
  DefineFast<ComputeFunction<Operation::kCopy>, 4>(fast, "compact");
  DefineFast<ComputeFunction<Operation::kNegate>, 4>(fast, "negate");
  DefineFast<ComputeFunction<Operation::kSqrt>, 4>(fast, "sqrt");
  DefineFast<ComputeFunction<Operation::kLog>, 4>(fast, "log");
  DefineFast<ComputeFunction<Operation::kExp>, 4>(fast, "exp");
  DefineFast<ComputeFunction<Operation::kTanh>, 4>(fast, "tanh");
  BindOperation<Operation::kAdd>(fast, "add");
  BindOperation<Operation::kSubtract>(fast, "sub");
  BindOperation<Operation::kMultiply>(fast, "mul");
  BindOperation<Operation::kDivide>(fast, "div");
  BindOperation<Operation::kMaximum>(fast, "maximum");
  BindOperation<Operation::kEqual>(fast, "eq");
  BindOperation<Operation::kNotEqual>(fast, "ne");
  BindOperation<Operation::kGreaterEqual>(fast, "ge");
  BindOperation<Operation::kGreater>(fast, "gt");
  BindOperation<Operation::kLessEqual>(fast, "le");
  BindOperation<Operation::kLess>(fast, "lt");
  DefineFast<ComputeEwise<Operation::kPower>, 7>(fast, "ewise_power");
  DefineFast<ComputePower, 5>(fast, "scalar_power");
  DefineFast<ComputeScalar<Operation::kSubtract, true>, 5>(fast, "scalar_rsub");
  DefineFast<ComputeScalar<Operation::kDivide, true>, 5>(fast, "scalar_rdiv");
  DefineFast<ComputeScalar<Operation::kPower, true>, 5>(fast, "scalar_rpower");
  DefineFast<Assign, 7>(fast, "assign");
}

}  // namespace needle::cuda_fast
