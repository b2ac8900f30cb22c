// The blocks around the tiles follow Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication" (2008): a block of b is packed once and shared by the threads; each thread packs a block of
// a that stays in its second-level cache, and passes all of it by one panel of b after the other.
#include "gemm.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "../../ndarray_memory.h"
#include "../machine/threads.h"
#include "gemm_pack.h"
#include "gemm_tile.h"

namespace needle::fast {
namespace {

// Measured on a Zen 4 with 1 MiB of second-level cache; all are flat around their best.
constexpr int64_t kDepth = 512;          // summed in one go
constexpr int64_t kColumns = 2048;       // columns of b packed at a time: with kDepth, 4 MiB
constexpr int64_t kBlockPanels = 12;     // panels of a packed at a time: with kDepth, 288 KiB
constexpr int64_t kDepthOfFewRows = 64;  // so that the memory of b is read in few places at a time

// An operand is packed where it is larger than what stays in the cache and as many rows or columns use it. An
// a whose columns don't lie in a piece is packed for as many columns whatever its size.
constexpr int64_t kStaysInCache = 1 << 17;
constexpr int64_t kPackedFrom = 48;
constexpr int64_t kPackedFromColumns = 96;

constexpr int64_t kDotRows = 24, kDotDepth = 32;  // dots for fewer rows than this, at this depth or more
constexpr int64_t kDotColumns = 16;               // by which all rows pass, one after the other

constexpr double kThreadedFrom = 1e6;  // multiplications: some 20 microseconds of one core
constexpr double kThreadedAlone =
    5e7;  // so many in each product of a batch, and each is shared out, not the batch

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// Memory that a thread keeps from one product to the next.
class Scratch {
 public:
  float *Get(int64_t count) {
    if (count > size_) {
      const size_t bytes = (static_cast<size_t>(count) + 15) / 16 * 64;
      size_ = 0;
      memory_.reset(static_cast<float *>(std::aligned_alloc(64, bytes)));
      if (!memory_) throw OutOfMemory("matmul", bytes);
      size_ = count;
    }
    return memory_.get();
  }

 private:
  struct Free {
    void operator()(float *memory) const { std::free(memory); }
  };
  std::unique_ptr<float, Free> memory_;
  int64_t size_ = 0;
};

thread_local Scratch packed_block, packed_b;  // of a, and of b

// `count` things shared by `parts` as evenly as can be: part i begins at Begin(i).
struct Split {
  int64_t count, parts;
  int64_t Begin(int64_t part) const { return part * (count / parts) + std::min(part, count % parts); }
};

struct Operand {
  const float *at;
  int64_t rs, cs;
};

// For few multiplications, waking other threads takes more than they save.
bool IsThreaded(int64_t m, int64_t n, int64_t p) {
  return static_cast<double>(m) * n * p >= kThreadedFrom && !RunsInline();
}

template <class F>
void Share(bool threaded, int64_t count, F &&body) {
  if (threaded)
    ParallelFor(count, 1, body);
  else
    body(int64_t{0}, count);
}

// One product, and how it is cut. b is packed where many rows use it and it is not near as it is; a likewise.
class Product {
 public:
  Product(int64_t m, int64_t n, int64_t p, Operand a, Operand b, float *out, int64_t ldo)
      : m_(m),
        n_(n),
        p_(p),
        a_(a),
        b_(b),
        out_(out),
        ldo_(ldo),
        packs_a_(a.rs == 1 ? p > kPackedFrom && m * n > kStaysInCache : p > kPackedFromColumns),
        packs_b_(b.cs != 1 || (m > kPackedFrom && n * p > kStaysInCache)),
        threaded_(IsThreaded(m, n, p)) {}

  void Run() const {
    if (!packs_b_) {  // nothing is shared, and each block goes its way to the end
      ShareBlocks({0, p_, 0, n_}, [&](const Block &block) {
        EachSlice({0, p_, 0, n_}, m_ <= tiles_.wide_rows ? kDepthOfFewRows : kDepth,
                  [&](const Slice &slice) { MultiplyBlock(block, slice, nullptr); });
      });
      return;
    }
    for (int64_t column = 0; column < p_; column += kColumns)
      EachSlice({column, std::min(kColumns, p_ - column), 0, n_}, kDepth, [&](const Slice &slice) {
        const float *packed = PackB(slice);
        ShareBlocks(slice, [&](const Block &block) { MultiplyBlock(block, slice, packed); });
      });
  }

 private:
  struct Slice {  // of b
    int64_t first_column, columns, first_row, depth;
  };
  struct Block {  // panels of a, and of the slice
    int64_t first, last, first_b, last_b;
  };

  template <class F>
  static void EachSlice(const Slice &whole, int64_t most, F &&body) {
    const Split depths{whole.depth, CeilDivide(whole.depth, most)};
    for (int64_t d = 0; d < depths.parts; ++d) {
      const int64_t row = depths.Begin(d);
      body(Slice{whole.first_column, whole.columns, row, depths.Begin(d + 1) - row});
    }
  }

  const float *PackB(const Slice &slice) const {
    const int64_t panels = CeilDivide(slice.columns, width_);
    float *packed = packed_b.Get(panels * width_ * slice.depth);
    Share(threaded_, panels, [&](int64_t begin, int64_t end) {
      PackPanels(std::min(end * width_, slice.columns) - begin * width_, width_, width_, slice.depth,
                 {BAt(slice, begin * width_), b_.cs, b_.rs}, packed + begin * width_ * slice.depth);
    });
    return packed;
  }

  // Blocks of a's panels by blocks of b's: of b's more than one only where there are too few for the threads.
  template <class F>
  void ShareBlocks(const Slice &slice, F &&body) const {
    const int64_t a_panels = CeilDivide(m_, rows_), b_panels = CeilDivide(slice.columns, width_);
    const int64_t wanted = threaded_ ? 4 * NumThreads() : 1;
    const Split a{a_panels, std::max(CeilDivide(a_panels, kBlockPanels), std::min(a_panels, wanted))};
    const Split b{b_panels, std::min(b_panels, CeilDivide(wanted, a.parts))};
    Share(threaded_, a.parts * b.parts, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) {
        const int64_t i = block / b.parts, j = block % b.parts;
        body(Block{a.Begin(i), a.Begin(i + 1), b.Begin(j), b.Begin(j + 1)});
      }
    });
  }

  void MultiplyBlock(const Block &block, const Slice &slice, const float *packed_b) const {
    const int64_t depth = slice.depth;
    float *packed_a = nullptr;
    if (packs_a_) {
      packed_a = packed_block.Get((block.last - block.first) * pitch_ * depth);
      PackPanels(std::min(block.last * rows_, m_) - block.first * rows_, rows_, pitch_, depth,
                 {AAt(slice, block.first * rows_), a_.rs, a_.cs}, packed_a);
    }
    for (int64_t j = block.first_b; j < block.last_b; ++j) {
      const Operand b = packed_b ? Operand{packed_b + j * width_ * depth, width_, 1}
                                 : Operand{BAt(slice, j * width_), b_.rs, 1};
      for (int64_t i = block.first; i < block.last; ++i) {
        const Operand a = packed_a ? Operand{packed_a + (i - block.first) * pitch_ * depth, 1, pitch_}
                                   : Operand{AAt(slice, i * rows_), a_.rs, a_.cs};
        MultiplyPanels(slice, a, b, i * rows_, j * width_);
      }
    }
  }

  // One panel by another, which is one tile but for few rows and at the end of a row.
  void MultiplyPanels(const Slice &slice, const Operand &a, Operand b, int64_t row, int64_t column) const {
    const int64_t rows = std::min(rows_, m_ - row);
    const int64_t end = std::min(column + width_, slice.columns);
    float *out = out_ + row * ldo_ + slice.first_column;
    while (column < end) {
      const auto [tile, columns] = ChooseTile(rows, end - column, a.rs == 1);
      tile(slice.depth, a.at, a.rs, a.cs, b.at, b.rs, out + column, ldo_, columns, slice.first_row > 0);
      column += columns;
      b.at += columns;
    }
  }

  std::pair<Tile, int64_t> ChooseTile(int64_t rows, int64_t columns, bool unit) const {
    const int64_t lanes = tiles_.lanes;
    if (rows <= tiles_.wide_rows && columns >= tiles_.wide_vectors * lanes)
      return {tiles_.wide[rows - 1], tiles_.wide_vectors * lanes};
    if (columns < lanes) return {tiles_.partial[rows - 1][0], columns};
    const int64_t whole = std::min<int64_t>(columns / lanes, tiles_.vectors);
    if (whole < tiles_.vectors && columns % lanes) return {tiles_.partial[rows - 1][whole], columns};
    return {(unit ? tiles_.unit : tiles_.strided)[rows - 1][whole - 1], whole * lanes};
  }

  const float *AAt(const Slice &slice, int64_t row) const {
    return a_.at + row * a_.rs + slice.first_row * a_.cs;
  }
  const float *BAt(const Slice &slice, int64_t column) const {
    return b_.at + slice.first_row * b_.rs + (slice.first_column + column) * b_.cs;
  }

  const TileSet &tiles_ = BestTiles();
  const int64_t m_, n_, p_;
  const Operand a_, b_;
  float *const out_;
  const int64_t ldo_;
  const int64_t rows_ = tiles_.rows;                // of a panel of a
  const int64_t pitch_ = CeilDivide(rows_, 4) * 4;  // of one that is packed
  const int64_t width_ = tiles_.lanes * (m_ <= tiles_.wide_rows ? tiles_.wide_vectors : tiles_.vectors);
  const bool packs_a_, packs_b_, threaded_;
};

// A few rows by the columns of b, each of which lies in a piece: there is too little to do to pack b for it.
void MultiplyByDots(int64_t m, int64_t n, int64_t p, Operand a, Operand b, float *out, int64_t ldo) {
  const TileSet &tiles = BestTiles();
  if (a.cs != 1) {
    float *rows = packed_block.Get(m * n);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t k = 0; k < n; ++k) rows[i * n + k] = a.at[i * a.rs + k * a.cs];
    a = {rows, n, 1};
  }
  Share(IsThreaded(m, n, p), CeilDivide(p, kDotColumns), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t j = block * kDotColumns, columns = std::min(kDotColumns, p - j);
      for (int64_t i = 0; i < m; i += tiles.dot_rows)
        tiles.dots[std::min<int64_t>(tiles.dot_rows, m - i) - 1](n, a.at + i * a.rs, a.rs, b.at + j * b.cs,
                                                                 b.cs, columns, out + i * ldo + j, ldo);
    }
  });
}

}  // namespace

void Gemm(int64_t m, int64_t n, int64_t p, const float *a, int64_t a_rs, int64_t a_cs, const float *b,
          int64_t b_rs, int64_t b_cs, float *out, int64_t ldo) {
  if (m == 0 || p == 0) return;
  if (n == 0) {
    for (int64_t i = 0; i < m; ++i) std::fill_n(out + i * ldo, p, 0.0f);
    return;
  }
  if (p == 1 && ldo == 1) {  // a column is the product of transposes, a row
    std::swap(m, p);
    std::swap(a, b);
    std::swap(a_rs, b_cs);
    std::swap(a_cs, b_rs);
  }
  if (b_rs == 1 && b_cs != 1 && m < kDotRows && n >= kDotDepth)
    MultiplyByDots(m, n, p, {a, a_rs, a_cs}, {b, b_rs, b_cs}, out, ldo);
  else
    Product(m, n, p, {a, a_rs, a_cs}, {b, b_rs, b_cs}, out, ldo).Run();
}

void BatchedGemm(const Batch &batch, int64_t m, int64_t n, int64_t p, const float *a, int64_t a_rs,
                 int64_t a_cs, const float *b, int64_t b_rs, int64_t b_cs, float *out) {
  int axes = batch.axes;
  // Matrices of a that follow each other as their rows do, all to meet the same b, are one matrix.
  for (; axes > 0; --axes) {
    const int64_t length = batch.shape[axes - 1];
    if (length == 1) continue;
    if (m == 1) a_rs = batch.a_strides[axes - 1];
    if (batch.b_strides[axes - 1] != 0 || batch.a_strides[axes - 1] != m * a_rs) break;
    m *= length;
  }
  int64_t count = 1;
  for (int axis = 0; axis < axes; ++axis) count *= batch.shape[axis];
  const auto multiply = [&](int64_t begin, int64_t end) {
    for (int64_t number = begin; number < end; ++number) {
      const float *a_at = a, *b_at = b;
      for (int64_t axis = axes - 1, rest = number; axis >= 0; rest /= batch.shape[axis--]) {
        a_at += rest % batch.shape[axis] * batch.a_strides[axis];
        b_at += rest % batch.shape[axis] * batch.b_strides[axis];
      }
      Gemm(m, n, p, a_at, a_rs, a_cs, b_at, b_rs, b_cs, out + number * m * p, p);
    }
  };
  const double each = static_cast<double>(m) * n * p;
  if (count == 1 || each >= kThreadedAlone)
    multiply(0, count);
  else
    ParallelFor(count, std::max<int64_t>(1, static_cast<int64_t>(kThreadedFrom / 4 / (each + 1000))),
                multiply);
}

}  // namespace needle::fast
