// How a view is reduced by reductions_kernels.h. Axes are put in the order of their strides, as the order of
// the reduced ones is free and that of the kept ones only says where a result goes. Then
//   rows      if the smallest stride is a reduced axis's: each result is that of a few rows
//   columns   if it is a kept axis's: whole rows are added onto one another
// Many short rows have a kernel of their own. What may be done by several threads is
// cut into pieces by size alone, so that a result never depends on how many there are.
#include "reductions.h"

#include <cstring>
#include <limits>
#include <memory>

#include "../machine/dispatch.h"
#include "../machine/strided.h"
#include "../machine/threads.h"

namespace needle::fast {

const ReductionKernels &ReductionKernelsHere() {
#if defined(__x86_64__)
  return BestIsa() == Isa::kBaseline ? kReductionsBaseline : kReductionsAvx2;
#else
  return kReductionsBaseline;
#endif
}

namespace {

constexpr int64_t kPiece = 65536;     // elements that one thread takes at once
constexpr int64_t kShortRow = 128;    // shorter ones are taken many at a time
constexpr int64_t kStrip = 2048;      // columns that are added up together: 8 KiB of results
constexpr int64_t kRowsAtOnce = 128;  // rows that the columns' kernel adds before the tree above takes over
constexpr int kDepth = 48;            // of the tree: 2^48 leaves

enum { kIn, kResult };  // the views: a result has stride 0 along a reduced axis

int64_t Min(int64_t a, int64_t b) {
  return a < b ? a : b;
}

int64_t Pieces(int64_t n, int64_t size) {
  return (n + size - 1) / size;
}

float Join(Reduction reduction, float a, float b) {
  if (reduction == Reduction::kSum) return a + b;
  return (a >= b || a != a) ? a : b;
}

// Numbers joined in pairs, as a binary counter carries.
class Tree {
 public:
  explicit Tree(Reduction reduction) : reduction_(reduction) {}

  void Add(float x) {
    int level = 0;
    for (; count_ >> level & 1; ++level) x = Join(reduction_, level_[level], x);
    level_[level] = x;
    ++count_;
  }

  float Total() const {
    int level = __builtin_ctzll(count_);
    float x = level_[level];
    for (++level; count_ >> level; ++level)
      if (count_ >> level & 1) x = Join(reduction_, level_[level], x);
    return x;
  }

 private:
  Reduction reduction_;
  uint64_t count_ = 0;
  float level_[kDepth];
};

// The same with strips of columns instead of numbers.
class StripTree {
 public:
  StripTree(const ReductionKernel &kernel, int64_t columns, int64_t most)
      : kernel_(kernel), columns_(columns) {
    int levels = 1;
    while (most >> levels) ++levels;
    levels_.reset(new float[levels * columns]);
  }

  void Clear() { count_ = 0; }

  // Where the next strip shall be written, before Added().
  float *Next() { return Level(__builtin_ctzll(~count_)); }

  void Added() {
    const int into = __builtin_ctzll(~count_);
    for (int level = 0; level < into; ++level)
      kernel_.columns(Level(level), columns_, 1, Level(into), columns_, false);
    ++count_;
  }

  const float *Total() {
    int level = __builtin_ctzll(count_);
    float *total = Level(level);
    for (++level; count_ >> level; ++level)
      if (count_ >> level & 1) kernel_.columns(Level(level), columns_, 1, total, columns_, false);
    return total;
  }

 private:
  float *Level(int level) { return levels_.get() + level * columns_; }

  const ReductionKernel &kernel_;
  int64_t columns_;
  uint64_t count_ = 0;
  std::unique_ptr<float[]> levels_;
};

class Reducer {
 public:
  Reducer(Reduction reduction, const Axes<2> &kept, const Axes<2> &reduced, const float *a, float *out)
      : reduction_(reduction),
        kernel_(ReductionKernelsHere().of[static_cast<int>(reduction)]),
        gather_(ElementwiseKernelsHere().gather),
        kept_(kept),
        reduced_(reduced),
        a_(a),
        out_(out),
        kept_count_(kept.Count()),
        reduced_count_(reduced.Count()),
        kept_last_(kept.ndim - 1),
        reduced_last_(reduced.ndim - 1),
        length_(reduced.shape[reduced_last_]),
        stride_(reduced.strides[kIn][reduced_last_]),
        width_(kept.shape[kept_last_]),
        step_(kept.strides[kIn][kept_last_]) {}

  void Run() {
    if (kept_count_ == 1 || (stride_ != 0 && (step_ == 0 || stride_ < Size(step_))))
      Rows();
    else
      Columns();
  }

 private:
  static int64_t Size(int64_t stride) { return stride < 0 ? -stride : stride; }

  // --- rows

  void Rows() {
    if (length_ < kShortRow && stride_ == 1 && reduced_.ndim == 1)
      ParallelFor(kept_count_, kPiece / length_ + 1,
                  [this](int64_t begin, int64_t end) { ShortRows(begin, end); });
    else if (kept_count_ * 2 * kPiece <= kept_count_ * reduced_count_ && kept_count_ < 64)
      LongRows();
    else
      ParallelFor(kept_count_, kPiece / reduced_count_ + 1, [this](int64_t begin, int64_t end) {
        Odometer<2> at(kept_, kept_.ndim, begin);
        for (int64_t i = begin; i < end; ++i, at.Next())
          out_[at.at[kResult]] = RowPieces(a_ + at.at[kIn], 0, RowPieceCount());
      });
  }

  // A piece of a result is at most kPiece elements of one row.
  int64_t RowPieceCount() const { return reduced_count_ / length_ * Pieces(length_, kPiece); }

  float RowPieces(const float *a, int64_t begin, int64_t end) const {
    const int64_t each = Pieces(length_, kPiece);
    if (end - begin == 1 && each == 1) {
      Odometer<2> row(reduced_, reduced_last_, begin);
      return OneRow(a + row.at[kIn], length_);
    }
    Odometer<2> row(reduced_, reduced_last_, begin / each);
    Tree tree(reduction_);
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t from = piece % each * kPiece;
      tree.Add(OneRow(a + row.at[kIn] + from * stride_, Min(kPiece, length_ - from)));
      if ((piece + 1) % each == 0) row.Next();
    }
    return tree.Total();
  }

  float OneRow(const float *a, int64_t n) const {
    if (stride_ == 1) return kernel_.row(a, n);
    float packed[1024];
    if (n <= 1024) {
      gather_(a, stride_, packed, n);
      return kernel_.row(packed, n);
    }
    Tree tree(reduction_);
    for (int64_t i = 0; i < n; i += 1024) {
      gather_(a + i * stride_, stride_, packed, Min(1024, n - i));
      tree.Add(kernel_.row(packed, Min(1024, n - i)));
    }
    return tree.Total();
  }

  // Few results, each of many elements: the pieces of all of them are shared out.
  void LongRows() {
    const int64_t each = RowPieceCount();
    std::unique_ptr<float[]> parts(new float[kept_count_ * each]);
    const int64_t grain = length_ < kPiece ? kPiece / length_ + 1 : 1;
    ParallelFor(kept_count_ * each, grain, [&](int64_t begin, int64_t end) {
      Odometer<2> at(kept_, kept_.ndim, begin / each);
      for (int64_t part = begin; part < end; ++part) {
        parts[part] = RowPieces(a_ + at.at[kIn], part % each, part % each + 1);
        if ((part + 1) % each == 0) at.Next();
      }
    });
    Odometer<2> at(kept_, kept_.ndim, 0);
    for (int64_t i = 0; i < kept_count_; ++i, at.Next()) {
      Tree tree(reduction_);
      for (int64_t part = i * each; part < (i + 1) * each; ++part) tree.Add(parts[part]);
      out_[at.at[kResult]] = tree.Total();
    }
  }

  void ShortRows(int64_t begin, int64_t end) const {
    const int64_t to_step = kept_.strides[kResult][kept_last_];
    Odometer<2> at(kept_, kept_last_, begin / width_);
    for (int64_t column = begin % width_; begin < end; column = 0, at.Next()) {
      const int64_t rows = Min(width_ - column, end - begin);
      kernel_.rows(a_ + at.at[kIn] + column * step_, step_, rows, length_,
                   out_ + at.at[kResult] + column * to_step, to_step);
      begin += rows;
    }
  }

  // --- columns

  void Columns() {
    if (width_ < 256 && step_ == 1 && reduced_.ndim == 1 && kept_.ndim == 1 && stride_ == width_ &&
        length_ >= 64) {
      NarrowColumns();
      return;
    }
    if (length_ >= 2 * kRowsAtOnce && kept_count_ * reduced_count_ >= 4 * kPiece && kept_count_ <= kStrip &&
        kept_.ndim == 1 && reduced_.ndim == 1) {
      LongColumns();
      return;
    }
    const int64_t strips = Pieces(width_, kStrip);
    const int64_t work = Min(width_, kStrip) * reduced_count_;
    ParallelFor(kept_count_ / width_ * strips, kPiece / work + 1, [&](int64_t begin, int64_t end) {
      Odometer<2> at(kept_, kept_last_, begin / strips);
      for (int64_t k = begin; k < end; ++k) {
        const int64_t column = k % strips * kStrip;
        Strip(a_ + at.at[kIn] + column * step_, Min(kStrip, width_ - column),
              out_ + at.at[kResult] + column * kept_.strides[kResult][kept_last_]);
        if ((k + 1) % strips == 0) at.Next();
      }
    });
  }

  // Reduce `columns` columns over all reduced axes.
  void Strip(const float *a, int64_t columns, float *out) const {
    const int64_t each = Pieces(length_, kRowsAtOnce), all = reduced_count_ / length_ * each;
    const int64_t to_step = kept_.strides[kResult][kept_last_];
    const float *total;
    StripTree tree(kernel_, columns, all);
    Odometer<2> at(reduced_, reduced_last_, 0);
    for (int64_t k = 0; k < all; ++k) {
      const int64_t row = k % each * kRowsAtOnce;
      SomeRows(a + at.at[kIn] + row * stride_, Min(kRowsAtOnce, length_ - row), columns, tree.Next());
      tree.Added();
      if ((k + 1) % each == 0) at.Next();
    }
    total = tree.Total();
    for (int64_t j = 0; j < columns; ++j) out[j * to_step] = total[j];
  }

  void SomeRows(const float *a, int64_t rows, int64_t columns, float *acc) const {
    if (step_ == 1) {
      kernel_.columns(a, stride_, rows, acc, columns, true);
      return;
    }
    alignas(64) float packed[8 * kStrip];  // as many as the kernel adds in pairs
    for (int64_t row = 0; row < rows; row += 8) {
      const int64_t some = Min(8, rows - row);
      for (int64_t i = 0; i < some; ++i)
        gather_(a + (row + i) * stride_, step_, packed + i * columns, columns);
      kernel_.columns(packed, columns, some, acc, columns, row == 0);
    }
  }

  // Few columns and many rows: the rows are shared out.
  void LongColumns() {
    const int64_t rows = kPiece / width_ / kRowsAtOnce * kRowsAtOnce + kRowsAtOnce;
    const int64_t parts = Pieces(length_, rows);
    std::unique_ptr<float[]> results(new float[parts * width_]);
    ParallelFor(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        const int64_t row = part * rows;
        Part(a_ + row * stride_, Min(rows, length_ - row), results.get() + part * width_);
      }
    });
    Axes<2> kept = kept_, reduced = reduced_;
    kept.strides[kIn][0] = 1;
    reduced.shape[0] = parts;
    reduced.strides[kIn][0] = width_;
    Reducer whole(reduction_, kept, reduced, results.get(), out_);
    whole.Run();
  }

  void Part(const float *a, int64_t rows, float *out) const {
    Axes<2> kept = kept_, reduced = reduced_;
    kept.strides[kResult][0] = 1;
    reduced.shape[0] = rows;
    Reducer part(reduction_, kept, reduced, a, out);
    part.Strip(a, width_, out);
  }

  // Rows that follow without a gap and are narrow: several are taken as one wide row, whose parts are joined
  // at the end.
  void NarrowColumns() {
    const int64_t times = Pieces(512, width_), wide = times * width_, rows = length_ / times;
    const int64_t rest = length_ - rows * times;
    if (rows == 0) return Strip(a_, width_, out_);
    std::unique_ptr<float[]> results(new float[(times + rest) * width_]);
    Axes<2> kept = kept_, reduced = reduced_;
    kept.shape[0] = wide;
    kept.strides[kResult][0] = 1;
    reduced.shape[0] = rows;
    reduced.strides[kIn][0] = wide;
    Reducer(reduction_, kept, reduced, a_, results.get()).Run();
    std::memcpy(results.get() + wide, a_ + rows * wide, rest * width_ * sizeof(float));
    reduced.shape[0] = times + rest;
    reduced.strides[kIn][0] = width_;
    Reducer whole(reduction_, kept_, reduced, results.get(), out_);
    whole.Strip(results.get(), width_, out_);
  }

  const Reduction reduction_;
  const ReductionKernel &kernel_;
  void (*gather_)(const float *, int64_t, float *, int64_t);
  const Axes<2> kept_, reduced_;
  const float *a_;
  float *out_;
  const int64_t kept_count_, reduced_count_;
  const int kept_last_, reduced_last_;
  const int64_t length_, stride_, width_, step_;  // of the last reduced and of the last kept axis
};

}  // namespace

void Reduce(Reduction reduction, View a, int ndim, const int64_t *shape, const bool *reduced, float *out) {
  Axes<2> axes[2];  // kept, reduced
  int64_t compact = 1, reduced_count = 1;
  for (int axis = 0; axis < ndim; ++axis) {
    Axes<2> &to = axes[reduced[axis]];
    to.shape[to.ndim] = shape[axis];
    to.strides[kIn][to.ndim++] = a.strides[axis];
  }
  for (int axis = axes[0].ndim - 1; axis >= 0; compact *= axes[0].shape[axis--])
    axes[0].strides[kResult][axis] = compact;
  for (int axis = 0; axis < axes[1].ndim; ++axis) {
    axes[1].strides[kResult][axis] = 0;
    reduced_count *= axes[1].shape[axis];
  }
  if (compact == 0) return;
  if (reduced_count == 0) {  // a sum: the maximum of nothing was refused
    for (int64_t i = 0; i < compact; ++i) out[i] = 0;
    return;
  }
  int64_t first[2] = {};
  for (Axes<2> &some : axes) {
    some.SortBy(kIn, first);
    some.Coalesce();
  }
  Reducer(reduction, axes[0], axes[1], a.first + first[kIn], out + first[kResult]).Run();
}

}  // namespace needle::fast
