// fast.<function>, fast.ewise_<op>, fast.scalar_<op>, fast.compact, fast.assign; and the allocator's state.
#include "allocator.h"
#include "arguments.h"
#include "bind.h"
#include "elementwise.h"
#include "unlocked.h"

namespace needle::fast {

namespace {

constexpr int64_t kNoStrides[kMostDims] = {};
template <Function function>
PyObject *ApplyFunction(Arguments &in) {
  const cpu::AlignedArray &a = in.NextArray("a");
  const Dims shape = in.NextDims("shape"), strides = in.NextDims("strides");
  const int64_t offset = in.NextInt("offset");
  in.RequireView("a", a, shape, strides, offset);
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(shape));
  if (out->size == 0) return GiveArray(std::move(out));  // then the offset may lie anywhere
  RunUnlocked(out->size,
              [&] { Apply(function, {a.ptr + offset, strides.at}, shape.size, shape.at, out->ptr); });
  return GiveArray(std::move(out));
}

template <Op op>
PyObject *ApplyEwise(Arguments &in) {
  const cpu::AlignedArray &a = in.NextArray("a");
  const Dims a_strides = in.NextDims("a_strides");
  const int64_t a_offset = in.NextInt("a_offset");
  const cpu::AlignedArray &b = in.NextArray("b");
  const Dims b_strides = in.NextDims("b_strides");
  const int64_t b_offset = in.NextInt("b_offset");
  const Dims shape = in.NextDims("shape");
  in.RequireView("a", a, shape, a_strides, a_offset);
  in.RequireView("b", b, shape, b_strides, b_offset);
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(shape));
  if (out->size == 0) return GiveArray(std::move(out));
  RunUnlocked(out->size, [&] {
    Apply(op, {a.ptr + a_offset, a_strides.at}, {b.ptr + b_offset, b_strides.at}, shape.size, shape.at,
          out->ptr);
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
  const cpu::AlignedArray &a = in.NextArray("a");
  const Dims shape = in.NextDims("shape"), strides = in.NextDims("strides");
  const int64_t offset = in.NextInt("offset");
  const float value = in.NextFloat();
  in.RequireView("a", a, shape, strides, offset);
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(shape));
  if (out->size == 0) return GiveArray(std::move(out));
  RunUnlocked(out->size, [&] {
    const View array = {a.ptr + offset, strides.at}, scalar = {&value, kNoStrides};
    if constexpr (op == Op::kPower && !reversed)
      ApplyPower(array, value, shape, out->ptr);
    else
      Apply(op, reversed ? scalar : array, reversed ? array : scalar, shape.size, shape.at, out->ptr);
  });
  return GiveArray(std::move(out));
}

// The lowest and one past the highest element of a view that has some.
struct Extent {
  int64_t begin, end;
};

Extent ExtentOf(const Dims &shape, const Dims &strides, int64_t offset) {
  Extent extent = {offset, offset + 1};
  for (int axis = 0; axis < shape.size; ++axis)
    (strides.at[axis] < 0 ? extent.begin : extent.end) += (shape.at[axis] - 1) * strides.at[axis];
  return extent;
}

// Copy a view of a into a view of out. Where the two may share elements, a is copied first.
PyObject *Assign(Arguments &in) {
  const cpu::AlignedArray &a = in.NextArray("a");
  const Dims a_strides = in.NextDims("a_strides");
  const int64_t a_offset = in.NextInt("a_offset");
  cpu::AlignedArray &out = in.NextArray("out");
  const Dims out_strides = in.NextDims("out_strides");
  const int64_t out_offset = in.NextInt("out_offset");
  const Dims shape = in.NextDims("shape");
  in.RequireView("a", a, shape, a_strides, a_offset);
  in.RequireView("out", out, shape, out_strides, out_offset);
  const size_t count = in.Count(shape);
  if (count == 0) return GiveNone();
  const Extent from = ExtentOf(shape, a_strides, a_offset), to = ExtentOf(shape, out_strides, out_offset);
  const bool overlaps = a.ptr + from.begin < out.ptr + to.end && out.ptr + to.begin < a.ptr + from.end;
  RunUnlocked(count, [&] {
    float *first = out.ptr + out_offset;
    if (!overlaps) return Copy({a.ptr + a_offset, a_strides.at}, first, out_strides.at, shape.size, shape.at);
    const cpu::AlignedArray copy(count);
    Apply(Function::kCopy, {a.ptr + a_offset, a_strides.at}, shape.size, shape.at, copy.ptr);
    Dims compact = shape;
    int64_t stride = 1;
    for (int axis = shape.size; axis-- > 0; stride *= shape.at[axis]) compact.at[axis] = stride;
    Copy({copy.ptr, compact.at}, first, out_strides.at, shape.size, shape.at);
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
