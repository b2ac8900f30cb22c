// How views become rows for elementwise_kernels.h. Axes that go on without a jump in every view are made one.
// Then a row is the last axis, and an operand of it is read in place (stride 1), kept in a register (stride
// 0) or first packed into a buffer that stays in the first cache. Packing knows nothing of the op, so that
// there are few kernels:
//   rows     a row after the other, packed a chunk at a time
//   tiles    where another axis of a packed operand has a smaller stride: a square of both axes is
//            transposed into the buffer, so that a cache line is used in full when it is read
//   bundles  rows too short for a kernel are packed many at a time
#include "elementwise.h"

#include "../machine/dispatch.h"
#include "../machine/strided.h"
#include "../machine/targets.h"
#include "../machine/threads.h"

namespace needle::fast {

#if defined(__x86_64__)
static ElementwiseKernels Chosen() {
  if (BestIsa() == Isa::kBaseline) return kElementwiseBaseline;
  ElementwiseKernels kernels = kElementwiseAvx2;
  if (BestIsa() == Isa::kAvx512) {
    kernels.ops[static_cast<int>(Op::kPower)] = kWiderAvx512.power;
    kernels.functions[static_cast<int>(Function::kExp)] = kWiderAvx512.exp;
    kernels.functions[static_cast<int>(Function::kLog)] = kWiderAvx512.log;
    kernels.functions[static_cast<int>(Function::kTanh)] = kWiderAvx512.tanh;
  }
  return kernels;
}
#else
static ElementwiseKernels Chosen() {
  return kElementwiseBaseline;
}
#endif

const ElementwiseKernels &ElementwiseKernelsHere() {
  static const ElementwiseKernels kernels = Chosen();
  return kernels;
}

namespace {

constexpr int64_t kChunk = 512;    // floats of a buffer: short enough that both operands' streams go on
constexpr int64_t kShortRow = 32;  // shorter ones are bundled
constexpr int64_t kTile = 64;      // rows and columns
constexpr int64_t kStreamFrom = 2 << 20;  // floats of `out` that the caches don't keep anyway
constexpr int64_t kGrain = 32768;         // cheap operations that are worth another thread
constexpr int64_t kZeroStrides[kMaxAxes] = {};

enum { kA, kB, kOut };
enum class Read { kInPlace, kScalar, kPacked };

int64_t Min(int64_t a, int64_t b) {
  return a < b ? a : b;
}

int64_t Size(int64_t stride) {
  return stride < 0 ? -stride : stride;
}

// One operation over three views; `out` has stride 1 on its last axis, or the operation is a copy.
class Operation {
 public:
  Operation(const Rows &rows, bool is_copy, int64_t cost, const Axes<3> &axes, const float *a, const float *b,
            float *out)
      : rows_(rows), is_copy_(is_copy), grain_(kGrain / cost), axes_(axes), source_{a, b}, out_(out) {
    axes_.Coalesce();
    last_ = axes_.ndim - 1;
    length_ = axes_.shape[last_];
    count_ = axes_.Count();
    for (int k = kA; k <= kB; ++k) read_[k] = ReadOf(axes_.strides[k][last_]);
    // A kernel takes one scalar at most, and in place of a function's operand none.
    if (read_[kA] == Read::kScalar && read_[kB] == Read::kScalar) read_[kA] = Read::kPacked;
    ChooseTiles();
    stream_ = count_ >= kStreamFrom && (length_ >= kChunk || (length_ % 16 == 0 && OutIsAligned()));
  }

  void Run() {
    if (axes_.strides[kOut][last_] != 1)
      ParallelFor(count_ / length_, grain_ / length_ + 1,
                  [this](int64_t begin, int64_t end) { ScatterRows(begin, end); });
    else if (tiled_ >= 0)
      ParallelFor(TileCount(), grain_ / (kTile * kTile) + 1,
                  [this](int64_t begin, int64_t end) { Tiles(begin, end); });
    else if (length_ < kShortRow && last_ > 0 && OutIsCompact())
      ParallelFor(count_ / length_, grain_ / length_ + 1,
                  [this](int64_t begin, int64_t end) { Bundles(begin, end); });
    else
      ParallelFor(count_, grain_, [this](int64_t begin, int64_t end) { WholeRows(begin, end); });
  }

 private:
  static Read ReadOf(int64_t stride) {
    return stride == 1 ? Read::kInPlace : stride == 0 ? Read::kScalar : Read::kPacked;
  }

  bool OutIsAligned() const {
    bool aligned = reinterpret_cast<uintptr_t>(out_) % 64 == 0;
    for (int axis = 0; axis < last_; ++axis) aligned = aligned && axes_.strides[kOut][axis] % 16 == 0;
    return aligned;
  }

  bool OutIsCompact() const {
    int64_t stride = 1;
    for (int axis = last_; axis >= 0; stride *= axes_.shape[axis--])
      if (axes_.strides[kOut][axis] != stride) return false;
    return true;
  }

  void Compute(const float *a, Read read_a, const float *b, Read read_b, float *out, int64_t n) const {
    const Row row = read_a == Read::kScalar   ? rows_.scalar_a
                    : read_b == Read::kScalar ? rows_.scalar_b
                                              : rows_.both;
    row(a, b, out, n, stream_);
  }

  void FinishStream() const {
#if defined(__x86_64__)
    if (stream_) _mm_sfence();
#endif
  }

  // Elements begin to end of `out`, counted in row-major order.
  void WholeRows(int64_t begin, int64_t end) const {
    alignas(64) float packed[2][kChunk];
    const bool packs = read_[kA] == Read::kPacked || read_[kB] == Read::kPacked;
    Odometer<3> row(axes_, last_, begin / length_);
    int64_t column = begin % length_;
    for (int64_t at = begin; at < end; column = 0, row.Next()) {
      const int64_t stop = Min(length_, column + end - at);
      at += stop - column;
      while (column < stop) {
        const int64_t n = packs ? Min(stop - column, kChunk) : stop - column;
        float *out = out_ + row.at[kOut] + column;
        const float *from[2];
        for (int k = kA; k <= kB; ++k) {
          const int64_t stride = axes_.strides[k][last_];
          from[k] = source_[k] + row.at[k] + column * stride;
          if (read_[k] != Read::kPacked) continue;
          float *buffer = is_copy_ ? out : packed[k];
          ElementwiseKernelsHere().gather(from[k], stride, buffer, n);
          from[k] = buffer;
        }
        if (from[kA] != out) Compute(from[kA], read_[kA], from[kB], read_[kB], out, n);
        column += n;
      }
    }
    FinishStream();
  }

  // Rows begin to end of a copy into a view whose last axis has a stride of its own.
  void ScatterRows(int64_t begin, int64_t end) const {
    const int64_t from_stride = axes_.strides[kA][last_], to_stride = axes_.strides[kOut][last_];
    Odometer<3> row(axes_, last_, begin);
    for (int64_t i = begin; i < end; ++i, row.Next()) {
      const float *from = source_[kA] + row.at[kA];
      float *to = out_ + row.at[kOut];
      for (int64_t j = 0; j < length_; ++j) to[j * to_stride] = from[j * from_stride];
    }
  }

  // Tiles lie on the last axis and on that other one along which a packed operand has its smallest stride.
  void ChooseTiles() {
    for (int k = kA; k <= kB && tiled_ < 0; ++k) {
      if (read_[k] != Read::kPacked || length_ < 4) continue;
      int64_t smallest = Size(axes_.strides[k][last_]);
      for (int axis = 0; axis < last_; ++axis) {
        const int64_t stride = Size(axes_.strides[k][axis]);
        if (stride == 0 || stride >= smallest || axes_.shape[axis] < 4) continue;
        smallest = stride;
        tiled_ = axis;
      }
    }
    if (tiled_ < 0) return;
    for (int axis = 0; axis < last_; ++axis)
      if (axis != tiled_) around_.Put(around_.ndim++, axes_, axis);
    tile_rows_ = (axes_.shape[tiled_] + kTile - 1) / kTile;
    tile_columns_ = (length_ + kTile - 1) / kTile;
  }

  int64_t TileCount() const { return around_.Count() * tile_rows_ * tile_columns_; }

  void Tiles(int64_t begin, int64_t end) const {
    const int64_t each = tile_rows_ * tile_columns_;
    Odometer<3> around(around_, around_.ndim, begin / each);
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t i = tile % each / tile_columns_ * kTile, j = tile % tile_columns_ * kTile;
      Tile(around.at, i, j, Min(kTile, axes_.shape[tiled_] - i), Min(kTile, length_ - j));
      if ((tile + 1) % each == 0) around.Next();
    }
    FinishStream();
  }

  void Tile(const int64_t *at, int64_t i, int64_t j, int64_t rows, int64_t columns) const {
    alignas(64) float packed[2][kTile * kTile];
    const float *from[2];
    int64_t step[2];
    for (int k = kA; k <= kB; ++k) {
      const int64_t down = axes_.strides[k][tiled_], right = axes_.strides[k][last_];
      from[k] = source_[k] + at[k] + i * down + j * right;
      step[k] = down;
      if (read_[k] != Read::kPacked) continue;
      if (down == 1)
        ElementwiseKernelsHere().transpose(from[k], right, packed[k], kTile, rows, columns);
      else
        for (int64_t row = 0; row < rows; ++row)
          ElementwiseKernelsHere().gather(from[k] + row * down, right, packed[k] + row * kTile, columns);
      from[k] = packed[k];
      step[k] = kTile;
    }
    float *out = out_ + at[kOut] + i * axes_.strides[kOut][tiled_] + j;
    for (int64_t row = 0; row < rows; ++row)
      Compute(from[kA] + row * step[kA], read_[kA], from[kB] + row * step[kB], read_[kB],
              out + row * axes_.strides[kOut][tiled_], columns);
  }

  // Rows begin to end, as many at a time as a buffer holds. What repeats with every row is packed once.
  void Bundles(int64_t begin, int64_t end) const {
    alignas(64) float packed[2][kChunk];
    const int64_t most = kChunk / length_;
    Read read[2];
    bool repeats[2];
    for (int k = kA; k <= kB; ++k) {
      read[k] = BundleRead(k);
      repeats[k] = true;
      for (int axis = 0; axis < last_; ++axis) repeats[k] = repeats[k] && axes_.strides[k][axis] == 0;
    }
    if (read[kA] == Read::kScalar && read[kB] == Read::kScalar) read[kA] = Read::kPacked;
    for (int64_t row = begin; row < end; row += most) {
      const int64_t rows = Min(most, end - row);
      const float *from[2];
      for (int k = kA; k <= kB; ++k) {
        from[k] = source_[k] + (read[k] == Read::kInPlace ? row * length_ : 0);
        if (read[k] != Read::kPacked) continue;
        if (row == begin || !repeats[k]) PackRows(k, row, rows, packed[k]);
        from[k] = packed[k];
      }
      Compute(from[kA], read[kA], from[kB], read[kB], out_ + row * length_, rows * length_);
    }
    FinishStream();
  }

  // How an operand of all rows together is read.
  Read BundleRead(int k) const {
    int64_t compact = 1;
    bool in_place = true, scalar = true;
    for (int axis = last_; axis >= 0; compact *= axes_.shape[axis--]) {
      in_place = in_place && axes_.strides[k][axis] == compact;
      scalar = scalar && axes_.strides[k][axis] == 0;
    }
    return in_place ? Read::kInPlace : scalar ? Read::kScalar : Read::kPacked;
  }

  void PackRows(int k, int64_t row, int64_t rows, float *to) const {
    const int64_t stride = axes_.strides[k][last_];
    Odometer<3> at(axes_, last_, row);
    for (int64_t i = 0; i < rows; ++i, at.Next(), to += length_) {
      const float *from = source_[k] + at.at[k];
      for (int64_t j = 0; j < length_; ++j) to[j] = from[j * stride];
    }
  }

  const Rows rows_;
  const bool is_copy_;
  const int64_t grain_;
  Axes<3> axes_, around_;
  const float *source_[2];
  float *out_;
  int last_, tiled_ = -1;  // axes
  int64_t length_, count_, tile_rows_ = 0, tile_columns_ = 0;
  Read read_[2];
  bool stream_;
};

Axes<3> AxesOf(int ndim, const int64_t *shape, const int64_t *a, const int64_t *b, const int64_t *out) {
  Axes<3> axes;
  axes.ndim = ndim;
  int64_t compact = 1;
  for (int axis = ndim - 1; axis >= 0; compact *= shape[axis--]) {
    axes.shape[axis] = shape[axis];
    axes.strides[kA][axis] = a[axis];
    axes.strides[kB][axis] = b[axis];
    axes.strides[kOut][axis] = out ? out[axis] : compact;
  }
  return axes;
}

Rows FunctionRows(Function f) {
  const Row row = ElementwiseKernelsHere().functions[static_cast<int>(f)];
  return {row, row, row};
}

int64_t Cost(Op op) {
  return op == Op::kPower ? 8 : op == Op::kDiv ? 2 : 1;
}

int64_t Cost(Function f) {
  return f >= Function::kExp ? 4 : 1;
}

}  // namespace

void Apply(Op op, View a, View b, int ndim, const int64_t *shape, float *out) {
  const Axes<3> axes = AxesOf(ndim, shape, a.strides, b.strides, nullptr);
  if (axes.Count() == 0) return;
  const Rows &rows = ElementwiseKernelsHere().ops[static_cast<int>(op)];
  Operation(rows, false, Cost(op), axes, a.first, b.first, out).Run();
}

void Apply(Function f, View a, int ndim, const int64_t *shape, float *out) {
  const Axes<3> axes = AxesOf(ndim, shape, a.strides, kZeroStrides, nullptr);
  if (axes.Count() == 0) return;
  Operation(FunctionRows(f), f == Function::kCopy, Cost(f), axes, a.first, a.first, out).Run();
}

void Copy(View a, float *out, const int64_t *out_strides, int ndim, const int64_t *shape) {
  Axes<3> axes = AxesOf(ndim, shape, a.strides, kZeroStrides, out_strides);
  if (axes.Count() == 0) return;
  int64_t first[3] = {};
  axes.SortBy(kOut, first);
  Operation(FunctionRows(Function::kCopy), true, 1, axes, a.first + first[kA], a.first, out + first[kOut])
      .Run();
}

}  // namespace needle::fast
