// The kernels' gradient: a product of matrices whose depth is all pixels of the result, which are taken some
// hundreds at a time. Those of the gradient are packed as they lie; the numbers that the kernels' rows lay on
// are gathered from the copied rows into panels.
#include <algorithm>
#include <cstring>

#include "../../ndarray_backend_cpu.h"
#include "../gemm/gemm_pack.h"
#include "../gemm/gemm_tile.h"
#include "../machine/threads.h"
#include "convolution.h"
#include "convolution_rows.h"

namespace needle::fast {
namespace {

constexpr int64_t kDepth = 512;             // pixels that are summed in one go, at least
constexpr int64_t kPacked = 1 << 15;        // numbers of the gradient that are packed at a time, at least
constexpr int64_t kGathered = 12 * kDepth;  // pixels that a thread gathers at a time, for all its panels
constexpr int64_t kShares = 4;              // blocks for each thread, at least
constexpr double kThreadedFrom = 5e5;       // multiplications

// Some rows of the result in some images: as many pixels as are summed in one go.
struct Slice {
  int64_t first_image, images, first_row, rows;
};

// The numbers of a row of the kernels that one tile makes.
struct Panel {
  int64_t row, first, numbers;
};

class KernelGradient {
 public:
  KernelGradient(const Images &images, const float *grad, int64_t height, int64_t width,
                 const Placing &placing, const Kernels &kernels, float *out)
      : images_(images),
        grad_(grad),
        height_(height),
        width_(width),
        placing_(placing),
        kernels_(kernels),
        out_(out),
        channels_(images.shape[3]),
        out_channels_(kernels.shape[3]),
        row_(kernels.shape[1] * images.shape[3]),
        left_(std::max<int64_t>(0, placing.left)),
        right_(std::max<int64_t>(
            0, (width - 1) * placing.stride + kernels.shape[1] - placing.left - images.shape[2])) {
    width_of_b_ = tiles_.lanes * std::min<int64_t>(tiles_.vectors, CeilDivide(out_channels_, tiles_.lanes));
    b_panels_ = CeilDivide(out_channels_, width_of_b_);
    in_row_ = CeilDivide(row_, tiles_.rows);
  }

  void Run() {
    const int64_t count = images_.shape[0],
                  rows = std::max<int64_t>(1, std::max(kDepth, kPacked / out_channels_) / width_);
    const EvenSplit image_slices{count, CeilDivide(count, std::max<int64_t>(1, rows / height_))};
    const EvenSplit row_slices{height_, CeilDivide(height_, std::min(rows, height_))};
    const int64_t most_images = CeilDivide(count, image_slices.parts);
    const int64_t most_rows = CeilDivide(height_, row_slices.parts);
    const cpu::AlignedArray copied(
        static_cast<size_t>(most_images * RowsRead(most_rows) * RowSize() + Pitch()));
    const cpu::AlignedArray packed(
        static_cast<size_t>(b_panels_ * width_of_b_ * most_images * most_rows * width_));
    copied_ = copied.ptr;
    packed_ = packed.ptr;
    const double work =
        static_cast<double>(count) * height_ * width_ * row_ * kernels_.shape[0] * out_channels_;
    threaded_ = work >= kThreadedFrom && !RunsInline();
    for (int64_t i = 0; i < image_slices.parts; ++i)
      for (int64_t j = 0; j < row_slices.parts; ++j)
        AddSlice({image_slices.Begin(i), image_slices.Begin(i + 1) - image_slices.Begin(i),
                  row_slices.Begin(j), row_slices.Begin(j + 1) - row_slices.Begin(j)},
                 i + j > 0);
  }

 private:
  template <class F>
  void Share(int64_t count, F &&body) const {
    if (threaded_)
      ParallelFor(count, 1, body);
    else
      body(int64_t{0}, count);
  }

  int64_t RowSize() const { return (left_ + images_.shape[2] + right_) * channels_; }
  int64_t RowsRead(int64_t rows) const { return (rows - 1) * placing_.stride + kernels_.shape[0]; }
  int64_t Pitch() const { return CeilDivide(tiles_.rows, 4) * 4; }

  // Add what the slice gives, or begin with it.
  void AddSlice(const Slice &slice, bool add) const {
    const int64_t depth = slice.images * slice.rows * width_, rows = slice.images * RowsRead(slice.rows);
    // a panel's number, or one of a row: all are got ready together
    Share(b_panels_ + rows, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part)
        if (part < b_panels_)
          PackGrad(slice, part, depth);
        else
          CopyRow(slice, part - b_panels_);
    });
    const int64_t panels = kernels_.shape[0] * in_row_;
    const int64_t wanted = threaded_ ? kShares * NumThreads() : 1;
    const int64_t most = std::max<int64_t>(1, kGathered / depth);  // panels
    const EvenSplit blocks{panels, std::max(CeilDivide(panels, most), std::min(panels, wanted))};
    const EvenSplit b_blocks{b_panels_, std::min(b_panels_, CeilDivide(wanted, blocks.parts))};
    Share(blocks.parts * b_blocks.parts, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) {
        const int64_t i = block / b_blocks.parts, j = block % b_blocks.parts;
        AddBlock(slice, depth, blocks.Begin(i), blocks.Begin(i + 1), b_blocks.Begin(j), b_blocks.Begin(j + 1),
                 add);
      }
    });
  }

  void PackGrad(const Slice &slice, int64_t panel, int64_t depth) const {
    const int64_t first = panel * width_of_b_, columns = std::min(width_of_b_, out_channels_ - first);
    const float *grad = grad_ + (slice.first_image * height_ + slice.first_row) * width_ * out_channels_;
    PackPanels(columns, width_of_b_, width_of_b_, depth, {grad + first, 1, out_channels_},
               packed_ + panel * depth * width_of_b_);
  }

  void CopyRow(const Slice &slice, int64_t number) const {
    const int64_t rows = RowsRead(slice.rows), image = number / rows;
    const int64_t row = slice.first_row * placing_.stride - placing_.above + number % rows;
    CopyRows(images_, slice.first_image + image, row, row + 1, left_, right_, copied_ + number * RowSize());
  }

  Panel PanelAt(int64_t number) const {
    const EvenSplit split{row_, in_row_};
    const int64_t first = split.Begin(number % in_row_);
    return {number / in_row_, first, split.Begin(number % in_row_ + 1) - first};
  }

  void AddBlock(const Slice &slice, int64_t depth, int64_t first, int64_t last, int64_t first_b,
                int64_t last_b, bool add) const {
    const int64_t size = depth * Pitch();
    const cpu::AlignedArray gathered(static_cast<size_t>((last - first) * size));
    for (int64_t panel = first; panel < last; ++panel)
      Gather(slice, PanelAt(panel), gathered.ptr + (panel - first) * size);
    for (int64_t b = first_b; b < last_b; ++b)
      for (int64_t panel = first; panel < last; ++panel)
        Multiply(depth, gathered.ptr + (panel - first) * size, PanelAt(panel), b, add);
  }

  // Copy what a panel's numbers lay on, pixel by pixel; numbers of the next panel fill the pitch.
  void Gather(const Slice &slice, const Panel &panel, float *out) const {
    const int64_t pitch = Pitch(), step = placing_.stride * channels_;
    const float *column = copied_ + (left_ - placing_.left) * channels_ + panel.first;
    for (int64_t i = 0; i < slice.images; ++i)
      for (int64_t y = 0; y < slice.rows; ++y) {
        const float *at = column + (i * RowsRead(slice.rows) + y * placing_.stride + panel.row) * RowSize();
        for (int64_t x = 0; x < width_; ++x, at += step, out += pitch)
          for (int64_t k = 0; k < pitch; k += 4) memcpy(out + k, at + k, 4 * sizeof(float));
      }
  }

  void Multiply(int64_t depth, const float *a, const Panel &panel, int64_t b_panel, bool add) const {
    const int64_t lanes = tiles_.lanes;
    const float *b = packed_ + b_panel * depth * width_of_b_;
    float *out = out_ + panel.row * kernels_.strides[0] + panel.first * out_channels_ + b_panel * width_of_b_;
    for (int64_t left = std::min(width_of_b_, out_channels_ - b_panel * width_of_b_); left > 0;) {
      const int64_t whole = std::min<int64_t>(left / lanes, tiles_.vectors);
      const bool partial = whole < tiles_.vectors && left % lanes != 0;
      const int64_t columns = partial ? left : whole * lanes;
      const Tile tile =
          partial ? tiles_.partial[panel.numbers - 1][whole] : tiles_.unit[panel.numbers - 1][whole - 1];
      tile(depth, a, 1, Pitch(), b, width_of_b_, out, out_channels_, columns, add);
      left -= columns;
      out += columns;
      b += columns;
    }
  }

  const TileSet &tiles_ = BestTiles();
  const Images &images_;
  const float *const grad_;
  const int64_t height_, width_;
  const Placing &placing_;
  const Kernels &kernels_;  // which are made: their strides are those of out
  float *const out_;
  const int64_t channels_, out_channels_, row_, left_, right_;
  int64_t width_of_b_, b_panels_, in_row_;
  float *copied_ = nullptr, *packed_ = nullptr;
  bool threaded_ = false;
};

}  // namespace

void ConvolveForKernels(const Images &images, const float *grad, int64_t height, int64_t width,
                        const Placing &placing, const int64_t *kernels_shape, float *out) {
  const int64_t channels = kernels_shape[2], out_channels = kernels_shape[3];
  Kernels kernels = {out,
                     {kernels_shape[0], kernels_shape[1], channels, out_channels},
                     {kernels_shape[1] * channels * out_channels, channels * out_channels, out_channels, 1}};
  Placing used = placing;
  const int64_t numbers = kernels_shape[0] * kernels.strides[0];
  if (numbers == 0) return;
  CutUnused(images, height, width, &kernels, &used);
  const bool whole = kernels.shape[0] == kernels_shape[0] && kernels.shape[1] == kernels_shape[1];
  const bool some = images.shape[0] * height * width * kernels.shape[0] * kernels.shape[1] > 0;
  if (!whole || !some) std::fill_n(out, numbers, 0.0f);
  if (some) KernelGradient(images, grad, height, width, used, kernels, out + (kernels.first - out)).Run();
}

}  // namespace needle::fast
