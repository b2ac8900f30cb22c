// fast.<function>, fast.ewise_<operation>, fast.scalar_<operation>, fast.compact and fast.assign.
#include "arguments.h"
#include "bind.h"
#include "elementwise.h"

namespace needle::fast {

namespace {

constexpr Source kNothing = {nullptr, 0.0f};

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

template <class View>
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

template <Operation operation>
PyObject *ComputeFunction(Arguments &in) {
  const auto a = in.NextShapedView();
  return Compute(in, operation, a.shape, OperandOf(a));
}

template <Operation operation>
PyObject *ComputeEwise(Arguments &in) {
  const auto pair = in.NextPair("b", "b_strides", "b_offset");
  const auto &a = pair.a, &b = pair.b;
  const Dims &shape = pair.shape;
  return Compute(in, operation, shape, OperandOf(a), OperandOf(b));
}

template <Operation operation, bool kReversed>
PyObject *ComputeScalar(Arguments &in) {
  const auto a = in.NextShapedView();
  const Operand array = OperandOf(a), number = OperandOf(in.NextFloat());
  return Compute(in, operation, a.shape, kReversed ? number : array, kReversed ? array : number);
}

// Powers that have a quicker way, and a more exact one.
PyObject *ComputePower(Arguments &in) {
  const auto a = in.NextShapedView();
  const Operand array = OperandOf(a);
  const float exponent = in.NextFloat();
  if (exponent == 1) return Compute(in, Operation::kCopy, a.shape, array);
  if (exponent == 2) return Compute(in, Operation::kMultiply, a.shape, array, array);
  if (exponent == 3) return Compute(in, Operation::kCube, a.shape, array);
  if (exponent == 0.5f) return Compute(in, Operation::kSqrt, a.shape, array);
  if (exponent == -1) return Compute(in, Operation::kDivide, a.shape, OperandOf(1.0f), array);
  return Compute(in, Operation::kPower, a.shape, array, OperandOf(exponent));
}

// Copy a view of a into a view of out. Where the two may share elements, a is copied first.
PyObject *Assign(Arguments &in) {
  const auto pair = in.NextPair("out", "out_strides", "out_offset");
  const auto &a = pair.a, &out = pair.b;
  const Dims &shape = pair.shape;
  const size_t count = in.Count(shape);
  if (count == 0) return GiveNone();
  const bool overlaps = MayOverlap(a, out, shape);
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

}  // namespace needle::fast
