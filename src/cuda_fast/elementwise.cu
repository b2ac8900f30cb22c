// How an element-wise call is laid out for the kernels of elementwise_kernels.cuh.
#include "elementwise.h"
#include "elementwise_kernels.cuh"

namespace needle::fast {

Kernels FunctionKernels(Operation operation);    // elementwise_functions.cu
Kernels ArithmeticKernels(Operation operation);  // elementwise_arithmetic.cu

namespace {

constexpr int64_t kMostPlaces = INT32_MAX;
constexpr int64_t kLeastTurn = 8;  // shorter axes are not worth a tile

uint32_t CeilDivide(int64_t n, int64_t d) {
  return static_cast<uint32_t>((n + d - 1) / d);
}

bool FitsInt32(const Views<3> &views) {
  int64_t reach[3] = {};
  for (int axis = 0; axis < views.axes; ++axis)
    for (int k = 0; k < 3; ++k) reach[k] += Reach(views.shape[axis], views.strides[k][axis]);
  return views.Count() <= kMostPlaces && reach[0] <= kMostPlaces && reach[1] <= kMostPlaces &&
         reach[2] <= kMostPlaces;
}

// Return the axis along which the operands reach farthest: cutting it helps most.
int FarthestAxis(const Views<3> &views) {
  int farthest = 0;
  int64_t most = -1;
  for (int axis = 0; axis < views.axes; ++axis)
    for (int k = 0; k < 3; ++k) {
      const int64_t reach = Reach(views.shape[axis], views.strides[k][axis]);
      if (reach > most) most = reach, farthest = axis;
    }
  return farthest;
}

// Return the part of a call that begins at `begin` and has `length` places along one axis.
ElementwiseCall Part(ElementwiseCall call, int axis, int64_t begin, int64_t length) {
  call.views.shape[axis] = length;
  call.out += begin * call.views.strides[0][axis];
  if (call.a.memory) call.a.memory += begin * call.views.strides[1][axis];
  if (call.b.memory) call.b.memory += begin * call.views.strides[2][axis];
  return call;
}

bool IsAligned(const float *memory, const Views<3> &views, int k) {
  bool aligned = reinterpret_cast<uintptr_t>(memory) % 16 == 0;
  for (int axis = 0; axis + 1 < views.axes; ++axis) aligned &= views.strides[k][axis] % 4 == 0;
  return aligned;
}

// Whether an operand can be read four at a time along the innermost axis.
bool ReadsByFour(const Source &source, const Views<3> &views, int k) {
  const int64_t inner = views.strides[k][views.axes - 1];
  return !source.memory || inner == 0 || (inner == 1 && IsAligned(source.memory, views, k));
}

bool GoesByFour(const ElementwiseCall &call) {
  const Views<3> &views = call.views;
  if (views.axes == 0 || (views.axes > 1 && views.shape[views.axes - 1] % 4 != 0)) return false;
  return views.strides[0][views.axes - 1] == 1 && IsAligned(call.out, views, 0) &&
         ReadsByFour(call.a, views, 1) && ReadsByFour(call.b, views, 2);
}

Layout LayOut(const Views<3> &views) {
  Layout layout = {};
  layout.axes = views.axes;
  for (int axis = 0; axis < views.axes; ++axis) {
    const int from = views.axes - 1 - axis;
    layout.shape[axis] = Divider(static_cast<uint32_t>(views.shape[from]));
    for (int k = 0; k < 3; ++k) layout.strides[k][axis] = static_cast<int32_t>(views.strides[k][from]);
  }
  return layout;
}

void Walk(const Kernels &kernels, const ElementwiseCall &call) {
  const int64_t count = call.views.Count();
  const dim3 grid(CeilDivide(count, kThreads * 4));
  Launch(kernels.name, kernels.walk, grid, dim3(kThreads), 0, call.out, call.a, call.b, LayOut(call.views),
         static_cast<uint32_t>(count), 0u);
}

void WalkByFour(const Kernels &kernels, const ElementwiseCall &call) {
  const int64_t count = call.views.Count();
  Views<3> pieces = call.views;
  const int inner = pieces.axes - 1;
  pieces.shape[inner] = pieces.shape[inner] < 4 ? 1 : pieces.shape[inner] / 4;
  for (auto &strides : pieces.strides) strides[inner] *= 4;
  const dim3 grid(CeilDivide(count, kThreads * 8));
  Launch(kernels.name, kernels.walk_by_four, grid, dim3(kThreads), 0, call.out, call.a, call.b,
         LayOut(pieces), static_cast<uint32_t>(count / 4), static_cast<uint32_t>(count % 4));
}

// Return the axis along which neighbours of an operand lie side by side in memory, if it is another than the
// innermost one and a tile of both is worth it; else -1.
int TurnedAxis(const Source &source, const Views<3> &views, int k) {
  const int inner = views.axes - 1;
  if (!source.memory || inner < 1 || views.shape[inner] < kLeastTurn) return -1;
  const int64_t step = views.strides[k][inner];
  if (step >= -1 && step <= 1) return -1;
  for (int axis = 0; axis < inner; ++axis)
    if (views.strides[k][axis] == 1 && views.shape[axis] >= kLeastTurn) return axis;
  return -1;
}

// Through tiles of the innermost axis and `axis`, which becomes the second innermost.
void WalkInTiles(const Kernels &kernels, ElementwiseCall call, int axis, bool turn_a, bool turn_b) {
  Views<3> &views = call.views;
  for (; axis < views.axes - 2; ++axis) views.Swap(axis, axis + 1);
  const uint32_t across = CeilDivide(views.shape[views.axes - 1], kTurnTile);
  const uint32_t down = CeilDivide(views.shape[views.axes - 2], kTurnTile);
  int64_t tiles = int64_t{across} * down;
  for (int outer = 0; outer < views.axes - 2; ++outer) tiles *= views.shape[outer];
  Launch(kernels.name, kernels.turn, dim3(static_cast<uint32_t>(tiles)), dim3(kTurnTile, kTurnRows), 0,
         call.out, call.a, call.b, LayOut(views), Turn{turn_a, turn_b, Divider(across), Divider(down)});
}

void Run(const Kernels &kernels, const ElementwiseCall &call) {
  if (!FitsInt32(call.views)) {
    const int axis = FarthestAxis(call.views);
    const int64_t length = call.views.shape[axis], half = (length / 2 + 3) / 4 * 4;  // keeps the alignment
    const int64_t cut = half < length ? half : length / 2;
    Run(kernels, Part(call, axis, 0, cut));
    Run(kernels, Part(call, axis, cut, length - cut));
    return;
  }
  if (GoesByFour(call)) return WalkByFour(kernels, call);
  const int a = TurnedAxis(call.a, call.views, 1), b = TurnedAxis(call.b, call.views, 2);
  if (a < 0 && b < 0) return Walk(kernels, call);
  WalkInTiles(kernels, call, a < 0 ? b : a, a >= 0, b >= 0 && (a < 0 || a == b));
}

}  // namespace

void Elementwise(Operation operation, ElementwiseCall call) {
  if (call.views.Count() == 0) return;
  call.views.SortBy(0);
  call.views.Collapse();
  Run(operation < Operation::kAdd ? FunctionKernels(operation) : ArithmeticKernels(operation), call);
}

}  // namespace needle::fast
