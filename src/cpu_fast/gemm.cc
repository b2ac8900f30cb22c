// The blocks around the tiles follow Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication" (2008): a block of b is packed once and shared by the threads; each thread packs a block of
// a that stays in its second-level cache, and passes all of it by one panel of b after the other.
#include "gemm.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "gemm_pack.h"
#include "gemm_tile.h"
#include "threads.h"

namespace needle::fast {
namespace {

constexpr int64_t kDepth = 512;          // summed in one go: two panels of that depth are a cache full
constexpr int64_t kColumns = 2048;       // columns of b packed at a time: with kDepth, 4 MiB
constexpr int64_t kBlockPanels = 12;     // panels of a packed at a time: with kDepth, 288 KiB
constexpr int64_t kPackedFromRows = 96;  // b is packed where so many rows of a use it
constexpr int64_t kPackedFromColumns = 96;
constexpr double kThreadedFrom = 1e6;   // multiplications: some 20 microseconds of one core
constexpr double kThreadedAlone = 5e7;  // as many in each product of a batch, and each is shared out

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// Memory that a thread keeps from one product to the next.
class Scratch {
 public:
  float *Get(int64_t count) {
    if (count > size_) {
      size_ = 0;
      memory_.reset(static_cast<float *>(std::aligned_alloc(64, CeilDivide(count, 16) * 64)));
      if (!memory_) throw std::bad_alloc();
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

thread_local Scratch packed_a, packed_b;

// `count` things shared by `parts` as evenly as can be: part i begins at Begin(i).
struct Split {
  int64_t count, parts;
  int64_t Begin(int64_t part) const { return part * (count / parts) + std::min(part, count % parts); }
};

struct Operand {
  const float *at;
  int64_t rs, cs;
};

// One product, and how it is cut.
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
        packs_a_(p > kPackedFromColumns),
        packs_b_(b.cs != 1 || m > kPackedFromRows),
        threaded_(static_cast<double>(m) * n * p >= kThreadedFrom && !RunsInline()) {}

  void Run() {
    const Split depths{n_, CeilDivide(n_, kDepth)};
    for (first_column_ = 0; first_column_ < p_; first_column_ += kColumns)
      for (int64_t d = 0; d < depths.parts; ++d) {
        first_depth_ = depths.Begin(d);
        depth_ = depths.Begin(d + 1) - first_depth_;
        columns_ = std::min(kColumns, p_ - first_column_);
        PackB();
        MultiplyBlocks();
      }
  }

 private:
  // Panels of b from first_packed_ on are packed: all, or the last one where it is narrower than a tile.
  void PackB() {
    const int64_t panels = CeilDivide(columns_, width_);
    first_packed_ = packs_b_ ? 0 : columns_ / width_;
    if (first_packed_ == panels) return;
    packed_ = packed_b.Get((panels - first_packed_) * width_ * depth_);
    Share(panels - first_packed_, [&](int64_t begin, int64_t end) {
      const int64_t column = (first_packed_ + begin) * width_;
      PackPanels(std::min((end - begin) * width_, columns_ - column), width_, width_, depth_,
                 {BAt(column), b_.cs, b_.rs}, packed_ + begin * width_ * depth_);
    });
  }

  // Blocks of a's panels by blocks of b's: of b's more than one only where there are too few for the threads.
  void MultiplyBlocks() {
    const int64_t a_panels = CeilDivide(m_, rows_), b_panels = CeilDivide(columns_, width_);
    const int64_t wanted = threaded_ ? 4 * NumThreads() : 1;
    const Split a{a_panels, std::max(CeilDivide(a_panels, kBlockPanels), std::min(a_panels, wanted))};
    const Split b{b_panels, std::min(b_panels, CeilDivide(wanted, a.parts))};
    Share(a.parts * b.parts, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) {
        const int64_t i = block / b.parts, j = block % b.parts;
        MultiplyBlock(a.Begin(i), a.Begin(i + 1), b.Begin(j), b.Begin(j + 1));
      }
    });
  }

  void MultiplyBlock(int64_t first, int64_t last, int64_t first_b, int64_t last_b) {
    float *packed = nullptr;
    if (packs_a_) {
      packed = packed_a.Get((last - first) * pitch_ * depth_);
      PackPanels(std::min(last * rows_, m_) - first * rows_, rows_, pitch_, depth_,
                 {AAt(first * rows_), a_.rs, a_.cs}, packed);
    }
    for (int64_t j = first_b; j < last_b; ++j) {
      const int64_t column = j * width_;
      const bool direct = j < first_packed_;
      const Operand b = direct ? Operand{BAt(column), b_.rs, 1}
                               : Operand{packed_ + (j - first_packed_) * width_ * depth_, width_, 1};
      for (int64_t i = first; i < last; ++i) {
        const Operand a = packed ? Operand{packed + (i - first) * pitch_ * depth_, 1, pitch_}
                                 : Operand{AAt(i * rows_), a_.rs, a_.cs};
        MultiplyTile(a, b, i * rows_, column);
      }
    }
  }

  void MultiplyTile(const Operand &a, const Operand &b, int64_t row, int64_t column) const {
    const int64_t rows = std::min(rows_, m_ - row), columns = std::min(width_, columns_ - column);
    const Tile tile = tiles_.tile[a.rs == 1][rows - 1][CeilDivide(columns, tiles_.lanes) - 1];
    tile(depth_, a.at, a.rs, a.cs, b.at, b.rs, out_ + row * ldo_ + first_column_ + column, ldo_, columns,
         first_depth_ > 0);
  }

  template <class F>
  void Share(int64_t count, F &&body) const {
    if (threaded_)
      ParallelFor(count, 1, body);
    else
      body(int64_t{0}, count);
  }

  const float *AAt(int64_t row) const { return a_.at + row * a_.rs + first_depth_ * a_.cs; }
  const float *BAt(int64_t column) const {
    return b_.at + first_depth_ * b_.rs + (first_column_ + column) * b_.cs;
  }

  const TileSet &tiles_ = BestTiles();
  const int64_t rows_ = tiles_.rows, width_ = tiles_.Columns();  // of a tile
  const int64_t pitch_ = CeilDivide(rows_, 4) * 4;               // of a packed panel of a
  const int64_t m_, n_, p_;
  const Operand a_, b_;
  float *const out_;
  const int64_t ldo_;
  const bool packs_a_, packs_b_, threaded_;
  // Of the block at hand:
  int64_t first_column_ = 0, columns_ = 0, first_depth_ = 0, depth_ = 0;
  int64_t first_packed_ = 0;
  float *packed_ = nullptr;
};

}  // namespace

void Gemm(int64_t m, int64_t n, int64_t p, const float *a, int64_t a_rs, int64_t a_cs, const float *b,
          int64_t b_rs, int64_t b_cs, float *out, int64_t ldo) {
  if (m == 0 || p == 0) return;
  if (n == 0) {
    for (int64_t i = 0; i < m; ++i) std::fill_n(out + i * ldo, p, 0.0f);
    return;
  }
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
