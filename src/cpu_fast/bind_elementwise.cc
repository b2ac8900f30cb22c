// fast.<function>, fast.ewise_<op>, fast.scalar_<op>, fast.compact, fast.assign; and the allocator's state.
#include "arguments.h"
#include "bind.h"
#include "elementwise/elementwise.h"
#include "machine/allocator.h"

namespace needle::fast {

namespace {

constexpr int64_t kNoStrides[kMostDims] = {};

template <Function function>
PyObject *ApplyFunction(Arguments &in) {
  const auto a = in.NextShapedView();
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(a.shape));
  if (out->size == 0) return GiveArray(std::move(out));
  CpuBackend::Run(out->size,
                  [&] { Apply(function, {a.First(), a.strides.at}, a.shape.size, a.shape.at, out->ptr); });
  return GiveArray(std::move(out));
}

template <Op op>
PyObject *ApplyEwise(Arguments &in) {
  const auto pair = in.NextPair("b", "b_strides", "b_offset");
  const auto &a = pair.a, &b = pair.b;
  const Dims &shape = pair.shape;
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(shape));
  if (out->size == 0) return GiveArray(std::move(out));
  CpuBackend::Run(out->size, [&] {
    Apply(op, {a.First(), a.strides.at}, {b.First(), b.strides.at}, shape.size, shape.at, out->ptr);
  });
  return GiveArray(std::move(out));
}

// Powers that have a quicker way, and a more exact one.
void ApplyPower(View a, float exponent, const Dims &shape, float *out) {
  static constexpr float kOne = 1;
  if (exponent == 1) return Apply(Function::kCopy, a, shape.size, shape.at, out);
  if (exponent == 2) return Apply(Function::kSquare, a, shape.size, shape.at, out);
  if (exponent == 3) return Apply(Function::kCube, a, shape.size, shape.at, out);
  if (exponent == 0.5f) return Apply(Function::kSquareRoot, a, shape.size, shape.at, out);
  if (exponent == -1) return Apply(Op::kDiv, {&kOne, kNoStrides}, a, shape.size, shape.at, out);
  Apply(Op::kPower, a, {&exponent, kNoStrides}, shape.size, shape.at, out);
}

template <Op op, bool reversed>
PyObject *ApplyScalar(Arguments &in) {
  const auto a = in.NextShapedView();
  const float value = in.NextFloat();
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(a.shape));
  if (out->size == 0) return GiveArray(std::move(out));
  CpuBackend::Run(out->size, [&] {
    const View array = {a.First(), a.strides.at}, scalar = {&value, kNoStrides};
    if constexpr (op == Op::kPower && !reversed)
      ApplyPower(array, value, a.shape, out->ptr);
    else
      Apply(op, reversed ? scalar : array, reversed ? array : scalar, a.shape.size, a.shape.at, out->ptr);
  });
  return GiveArray(std::move(out));
}

// Copy a view of a into a view of out. Where the two may share elements, a is copied first.
PyObject *Assign(Arguments &in) {
  const auto pair = in.NextPair("out", "out_strides", "out_offset");
  const auto &a = pair.a, &out = pair.b;
  const Dims &shape = pair.shape;
  const size_t count = in.Count(shape);
  if (count == 0) return GiveNone();
  CpuBackend::Run(count, [&] {
    const View from = {a.First(), a.strides.at};
    if (!MayOverlap(a, out, shape)) return Copy(from, out.First(), out.strides.at, shape.size, shape.at);
    const cpu::AlignedArray copy(count);
    Apply(Function::kCopy, from, shape.size, shape.at, copy.ptr);
    const Dims compact = CompactStrides(shape);
    Copy({copy.ptr, compact.at}, out.First(), out.strides.at, shape.size, shape.at);
  });
  return GiveNone();
}

template <Op op>
void BindOp(py::module_ &fast, const std::string &name) {
  DefineFast<ApplyEwise<op>, 7>(fast, ("ewise_" + name).c_str());
  DefineFast<ApplyScalar<op, false>, 5>(fast, ("scalar_" + name).c_str());
}

}  // namespace

void BindElementwise(py::module_ &fast) {
  DefineFast<ApplyFunction<Function::kCopy>, 4>(fast, "compact");
  DefineFast<ApplyFunction<Function::kNegate>, 4>(fast, "negate");
  DefineFast<ApplyFunction<Function::kSquareRoot>, 4>(fast, "sqrt");
  DefineFast<ApplyFunction<Function::kExp>, 4>(fast, "exp");
  DefineFast<ApplyFunction<Function::kLog>, 4>(fast, "log");
  DefineFast<ApplyFunction<Function::kTanh>, 4>(fast, "tanh");
  BindOp<Op::kAdd>(fast, "add");
  BindOp<Op::kSub>(fast, "sub");
  BindOp<Op::kMul>(fast, "mul");
  BindOp<Op::kDiv>(fast, "div");
  BindOp<Op::kPower>(fast, "power");
  BindOp<Op::kMaximum>(fast, "maximum");
  BindOp<Op::kEq>(fast, "eq");
  BindOp<Op::kNe>(fast, "ne");
  BindOp<Op::kGe>(fast, "ge");
  BindOp<Op::kGt>(fast, "gt");
  BindOp<Op::kLe>(fast, "le");
  BindOp<Op::kLt>(fast, "lt");
  DefineFast<ApplyScalar<Op::kSub, true>, 5>(fast, "scalar_rsub");
  DefineFast<ApplyScalar<Op::kDiv, true>, 5>(fast, "scalar_rdiv");
  DefineFast<ApplyScalar<Op::kPower, true>, 5>(fast, "scalar_rpower");
  DefineFast<Assign, 7>(fast, "assign");
  fast.def("allocated_bytes", &AllocatedBytes, "Return how many bytes arrays take, in whole blocks.");
  fast.def("kept_bytes", &KeptBytes, "Return how many bytes are kept for arrays to come.");
  fast.def("kept_limit", &KeptLimit, "Return how many bytes are kept at most.");
  fast.def("empty_cache", &EmptyCache, "Give what is kept for arrays to come back to the system.");
}

}  // namespace needle::fast
