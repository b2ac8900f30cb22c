#include "convolution.h"

#include <algorithm>
#include <vector>

#include "../../ndarray_backend_cpu.h"
#include "../gemm/gemm_pack.h"
#include "../gemm/gemm_tile.h"
#include "../machine/threads.h"
#include "convolution_rows.h"

namespace needle::fast {
namespace {

constexpr int64_t kDepth = 512;        // numbers of a kernel's row that are summed in one go
constexpr int64_t kPixels = 512;       // of the result, that a thread makes before it takes others
constexpr int64_t kFewColumns = 7;     // a narrower result is made of one pixel in many images at a time
constexpr int64_t kCacheLine = 16;     // floats
constexpr int64_t kShares = 4;         // blocks for each thread, at least
constexpr double kThreadedFrom = 5e5;  // multiplications

// A tile's work: pixels of the result, at the same distance from each other, by a piece of a kernel's row.
struct Strip {
  const float *at;  // what meets the piece for the first of the pixels
  float *out;
  int64_t pixels, first_number, depth;  // of the packed kernels
};

// A piece of a row of the kernels, in numbers from the row's first.
struct Piece {
  int64_t row, begin, end;
};

// What a thread makes: some rows of some images, in some panels of channels. It reads rows from `top` on.
struct Block {
  int64_t first_image, images, first_row, rows, first_panel, last_panel;
  int64_t top, image_size;
  const float *buffer;
};

class Convolution {
 public:
  Convolution(const Images &images, const Kernels &kernels, const Placing &placing, const float *bias,
              int64_t height, int64_t width, float *out)
      : images_(images),
        kernels_(kernels),
        placing_(placing),
        bias_(bias),
        height_(height),
        width_(width),
        out_(out),
        channels_(images.shape[3]),
        out_channels_(kernels.shape[3]),
        across_images_(CeilDivide(width, placing.dilation) < kFewColumns && images.shape[0] >= width) {
    CutUnused(images_, height, width, &kernels_, &placing_);
    row_ = kernels_.shape[1] * channels_;
    panel_ = tiles_.lanes * std::min<int64_t>(tiles_.vectors, CeilDivide(out_channels_, tiles_.lanes));
    panels_ = CeilDivide(out_channels_, panel_);
    if (across_images_) return;  // then no column is read that there is not
    const int64_t last = (width_ - 1) * placing_.stride + kernels_.shape[1] - 1 - placing_.left;
    left_ = std::max<int64_t>(0, -FloorDivide(-placing_.left, placing_.dilation));
    right_ = std::max<int64_t>(0, FloorDivide(last, placing_.dilation) - (images_.shape[2] - 1));
  }

  void Run() {
    const int64_t numbers = kernels_.shape[0] * row_;
    const double pixels = static_cast<double>(images_.shape[0]) * height_ * width_;
    const bool threaded = pixels * out_channels_ * numbers >= kThreadedFrom && !RunsInline();
    const cpu::AlignedArray packed(static_cast<size_t>(panels_ * panel_ * numbers));
    packed_ = packed.ptr;
    Share(threaded, panels_, [&](int64_t begin, int64_t end) {
      for (int64_t panel = begin; panel < end; ++panel) PackKernels(panel, packed.ptr);
    });
    ChooseBlocks(threaded ? kShares * NumThreads() : 1);
    Share(threaded, image_blocks_.parts * row_blocks_.parts * panel_blocks_.parts,
          [&](int64_t begin, int64_t end) {
            for (int64_t block = begin; block < end; ++block) MakeBlock(block);
          });
  }

 private:
  template <class F>
  static void Share(bool threaded, int64_t count, F &&body) {
    if (threaded)
      ParallelFor(count, 1, body);
    else
      body(int64_t{0}, count);
  }

  // Number k of a kernel, counted row by row, is in row k of each of its panels of out_channels.
  void PackKernels(int64_t panel, float *packed) const {
    const int64_t columns = std::min(panel_, out_channels_ - panel * panel_);
    float *out = packed + panel * kernels_.shape[0] * row_ * panel_;
    for (int64_t k = 0; k < kernels_.shape[0]; ++k)
      for (int64_t l = 0; l < kernels_.shape[1]; ++l, out += channels_ * panel_) {
        const float *at = kernels_.first + k * kernels_.strides[0] + l * kernels_.strides[1] +
                          panel * panel_ * kernels_.strides[3];
        PackPanels(columns, panel_, panel_, channels_, {at, kernels_.strides[3], kernels_.strides[2]}, out);
      }
  }

  void ChooseBlocks(int64_t wanted) {
    const int64_t count = images_.shape[0], rows = std::max<int64_t>(1, kPixels / width_);
    int64_t images = std::max<int64_t>(1, rows / height_);
    if (across_images_) images = std::max<int64_t>(CeilDivide(images, tiles_.rows), 1) * tiles_.rows;
    images = std::max<int64_t>(1, std::min(images, CeilDivide(count, wanted)));
    image_blocks_ = {count, CeilDivide(count, images)};
    row_blocks_ = {height_, across_images_ || rows >= height_ ? 1 : CeilDivide(height_, rows)};
    if (images == 1 && image_blocks_.parts * row_blocks_.parts < wanted)
      row_blocks_.parts = std::min(height_, CeilDivide(wanted, image_blocks_.parts));
    panel_blocks_ = {panels_, std::min(panels_, CeilDivide(wanted, image_blocks_.parts * row_blocks_.parts))};
  }

  Block BlockAt(int64_t number) const {
    const int64_t panels = number % panel_blocks_.parts, rest = number / panel_blocks_.parts;
    const int64_t rows = rest % row_blocks_.parts, images = rest / row_blocks_.parts;
    Block block{};
    block.first_image = image_blocks_.Begin(images);
    block.images = image_blocks_.Begin(images + 1) - block.first_image;
    block.first_row = row_blocks_.Begin(rows);
    block.rows = row_blocks_.Begin(rows + 1) - block.first_row;
    block.first_panel = panel_blocks_.Begin(panels);
    block.last_panel = panel_blocks_.Begin(panels + 1);
    return block;
  }

  void MakeBlock(int64_t number) const {
    Block block = BlockAt(number);
    Begin(block);
    const int64_t above = block.first_row * placing_.stride - placing_.above;
    const int64_t below = above + (block.rows - 1) * placing_.stride + kernels_.shape[0] - 1;
    block.top = std::max<int64_t>(0, FloorDivide(above, placing_.dilation));
    const int64_t bottom = std::min(images_.shape[1], FloorDivide(below, placing_.dilation) + 1);
    if (bottom <= block.top || row_ == 0) return;
    block.image_size = (bottom - block.top) * RowSize();
    // neighbours in a strip should not all want the same place in a cache
    if (across_images_) block.image_size = (CeilDivide(block.image_size, kCacheLine) | 1) * kCacheLine;
    const cpu::AlignedArray buffer(static_cast<size_t>(block.images * block.image_size));
    for (int64_t i = 0; i < block.images; ++i)
      CopyRows(images_, block.first_image + i, block.top, bottom, left_, right_,
               buffer.ptr + i * block.image_size);
    block.buffer = buffer.ptr;
    AddProducts(block);
  }

  // Each piece of the packed kernels meets all strips while it is in the first cache.
  void AddProducts(const Block &block) const {
    std::vector<Strip> strips;
    const EvenSplit pieces{row_, CeilDivide(row_, kDepth)};
    for (int64_t row = 0; row < kernels_.shape[0]; ++row)
      for (int64_t i = 0; i < pieces.parts; ++i) {
        strips.clear();
        FindStrips(block, {row, pieces.Begin(i), pieces.Begin(i + 1)}, &strips);
        for (int64_t panel = block.first_panel; panel < block.last_panel; ++panel)
          for (const Strip &strip : strips) Multiply(block, strip, panel);
      }
  }

  int64_t RowSize() const { return (left_ + images_.shape[2] + right_) * channels_; }

  // Put the biases, or zeros, where the products will be added.
  void Begin(const Block &block) const {
    const int64_t first = block.first_panel * panel_;
    const int64_t columns = std::min(block.last_panel * panel_, out_channels_) - first;
    float *out = out_ + (block.first_image * height_ + block.first_row) * width_ * out_channels_ + first;
    for (int64_t i = block.images * block.rows * width_; i > 0; --i, out += out_channels_)
      if (bias_)
        std::copy_n(bias_ + first, columns, out);
      else
        std::fill_n(out, columns, 0.0f);
  }

  // List the work that a piece of the kernels is for.
  void FindStrips(const Block &block, const Piece &piece, std::vector<Strip> *strips) const {
    const int64_t images = across_images_ ? 1 : block.images;
    const int64_t columns = across_images_ ? width_ : std::min(width_, placing_.dilation);
    for (int64_t i = 0; i < images; ++i)
      for (int64_t y = block.first_row; y < block.first_row + block.rows; ++y) {
        const int64_t at = y * placing_.stride + piece.row - placing_.above;
        if (at < 0 || at % placing_.dilation != 0 || at / placing_.dilation >= images_.shape[1]) continue;
        const float *row =
            block.buffer + i * block.image_size + (at / placing_.dilation - block.top) * RowSize();
        float *out = out_ + ((block.first_image + i) * height_ + y) * width_ * out_channels_;
        for (int64_t x = 0; x < columns; ++x)
          FindStripsOf(block, x, row + left_ * channels_, out + x * out_channels_, piece, strips);
      }
  }

  // Those from pixel x of a row on; `row` is its images' first pixel there.
  void FindStripsOf(const Block &block, int64_t x, const float *row, float *out, const Piece &piece,
                    std::vector<Strip> *strips) const {
    const int64_t count = across_images_ ? block.images : CeilDivide(width_ - x, placing_.dilation);
    const int64_t first = x * placing_.stride - placing_.left;  // times the dilation: under the first column
    const int64_t size = kernels_.shape[1];
    if (placing_.dilation == 1) {
      int64_t begin = 0, end = size;
      if (across_images_) {
        begin = std::max<int64_t>(0, -first);
        end = std::min(size, images_.shape[2] - first);
      }
      Add(block, count, row + first * channels_, begin, end, out, piece, strips);
      return;
    }
    for (int64_t l = 0; l < size; ++l) {
      const int64_t column = FloorDivide(first + l, placing_.dilation);
      if (column * placing_.dilation != first + l) continue;
      if (across_images_ && (column < 0 || column >= images_.shape[2])) continue;
      Add(block, count, row + (column - l) * channels_, l, l + 1, out, piece, strips);
    }
  }

  // Add strips of what of the piece is in the kernel's columns `begin` to `end`.
  void Add(const Block &block, int64_t count, const float *at, int64_t begin, int64_t end, float *out,
           const Piece &piece, std::vector<Strip> *strips) const {
    begin = std::max(begin * channels_, piece.begin);
    end = std::min(end * channels_, piece.end);
    if (begin >= end) return;
    const int64_t step = InStep(block), out_step = OutStep();
    const EvenSplit parts{count, CeilDivide(count, tiles_.rows)};
    for (int64_t part = 0; part < parts.parts; ++part) {
      const int64_t pixel = parts.Begin(part);
      strips->push_back({at + begin + pixel * step, out + pixel * out_step, parts.Begin(part + 1) - pixel,
                         piece.row * row_ + begin, end - begin});
    }
  }

  int64_t InStep(const Block &block) const {
    if (across_images_) return block.image_size;
    return channels_ * placing_.stride;  // where there is a dilation, the stride is 1
  }
  int64_t OutStep() const { return out_channels_ * (across_images_ ? height_ * width_ : placing_.dilation); }

  void Multiply(const Block &block, const Strip &strip, int64_t panel) const {
    const float *b = packed_ + (panel * kernels_.shape[0] * row_ + strip.first_number) * panel_;
    float *out = strip.out + panel * panel_;
    const int64_t lanes = tiles_.lanes;
    for (int64_t left = std::min(panel_, out_channels_ - panel * panel_); left > 0;) {
      const int64_t whole = std::min<int64_t>(left / lanes, tiles_.vectors);
      const bool partial = whole < tiles_.vectors && left % lanes != 0;
      const int64_t columns = partial ? left : whole * lanes;
      const Tile tile =
          partial ? tiles_.partial[strip.pixels - 1][whole] : tiles_.strided[strip.pixels - 1][whole - 1];
      tile(strip.depth, strip.at, InStep(block), 1, b, panel_, out, OutStep(), columns, true);
      left -= columns;
      out += columns;
      b += columns;
    }
  }

  const TileSet &tiles_ = BestTiles();
  Images images_;
  Kernels kernels_;
  Placing placing_;
  const float *const bias_;
  const int64_t height_, width_;
  float *const out_;
  const int64_t channels_, out_channels_;
  const bool across_images_;      // strips go through images, and else along rows
  int64_t row_;                   // numbers in a row of a kernel
  int64_t panel_, panels_;        // channels of the result in a panel, and panels
  int64_t left_ = 0, right_ = 0;  // columns of zeros
  const float *packed_ = nullptr;
  EvenSplit image_blocks_{}, row_blocks_{}, panel_blocks_{};
};

}  // namespace

void Convolve(const Images &images, const Kernels &kernels, const Placing &placing, const float *bias,
              int64_t height, int64_t width, float *out) {
  if (images.shape[0] * height * width * kernels.shape[3] == 0) return;
  Convolution(images, kernels, placing, bias, height, width, out).Run();
}

}  // namespace needle::fast
