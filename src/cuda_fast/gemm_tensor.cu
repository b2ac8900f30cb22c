// Matrix multiplication on tensor cores, in two steps.
//
// First a and b are rounded and packed: row i of a, and column j of b, become a row of words along k, its
// numbers one after the other, padded with zeros to whole tiles. Then nothing is left of strides, of
// alignment or of where matrices end, and both formats are the same bytes to all but the multiplication
// itself.
//
// Then a block of 256 threads computes a tile of 128 x 256 numbers of out, a warp 64 x 64 of them. For each
// 64 bytes of the rows (32 numbers of BF16, 16 of TF32), tiles of a and b go to shared memory; four stages of
// these are under way at a time. In shared memory a row's four pieces of 16 bytes are permuted by bits 1 and
// 2 of its number, so that eight rows' pieces, read at once, meet no common bank.
#include <cstdint>

#include "../ndarray_memory.h"
#include "allocator.h"
#include "copy_async.cuh"
#include "division.h"
#include "gemm_tiles.h"
#include "launch.h"
#include "mma.cuh"

namespace needle::fast {

namespace {

constexpr int kThreads = 256;
constexpr int kRows = 128, kColumns = 256;  // of out's tile
constexpr int kWarpRows = 64, kWarpColumns = 64;
constexpr int kRowBytes = 64, kPiece = 16, kPieces = kRowBytes / kPiece;
constexpr int kStages = 4;
constexpr int kStageBytes = (kRows + kColumns) * kRowBytes;
constexpr int kPackTile = 32;  // rows and words that a block packs

// A batch of matrices to pack, as (i, k); axes of the batch with the innermost first.
struct Unpacked {
  const float *memory;
  int64_t i_stride, k_stride;
  int32_t rows, length;  // of i and k
  int32_t axes;
  int64_t shape[kMaxAxes], strides[kMaxAxes];
};

// The words of packed rows: matrix after matrix, `rows` rows of `words` words in each.
struct Packed {
  uint32_t *memory;
  int32_t rows, words;
};

// A block packs 32 rows by 32 words. It reads the numbers along i or along k, whichever lie closer, into
// shared memory, and writes words along k.
template <class Format>
__global__ void __launch_bounds__(kThreads)
    PackKernel(Unpacked from, Packed to, Divider across, Divider down) {
  constexpr int kNumbers = kPackTile * Format::kPerWord;
  __shared__ float tile[kPackTile][kNumbers + 1];
  uint32_t matrix = blockIdx.x;
  const int k0 = SplitOff(across, &matrix) * kNumbers, i0 = SplitOff(down, &matrix) * kPackTile;
  const float *memory = from.memory;
  int64_t rest = matrix;
  for (int axis = 0; axis < from.axes; ++axis) {
    memory += rest % from.shape[axis] * from.strides[axis];
    rest /= from.shape[axis];
  }
  const bool along_k = from.k_stride == 1 || from.i_stride != 1;
  for (int n = threadIdx.x; n < kPackTile * kNumbers; n += kThreads) {
    const int i = along_k ? n / kNumbers : n % kPackTile, k = along_k ? n % kNumbers : n / kPackTile;
    const bool exists = i0 + i < from.rows && k0 + k < from.length;
    tile[i][k] = exists ? memory[(i0 + i) * from.i_stride + (k0 + k) * from.k_stride] : 0.0f;
  }
  __syncthreads();
  for (int n = threadIdx.x; n < kPackTile * kPackTile; n += kThreads) {
    const int i = n / kPackTile, word = n % kPackTile;
    float numbers[Format::kPerWord];
    for (int e = 0; e < Format::kPerWord; ++e) numbers[e] = tile[i][word * Format::kPerWord + e];
    const int64_t row = static_cast<int64_t>(matrix) * to.rows + i0 + i;
    const int column = k0 / Format::kPerWord + word;
    if (column < to.words) to.memory[row * to.words + column] = Format::Pack(numbers);
  }
}

// Packed rows as the kernel reads them: `row_bytes` from row to row, `matrix_bytes` from matrix to matrix.
struct Rows {
  const unsigned char *memory;
  int64_t row_bytes, matrix_bytes;
};

// Return where, in a tile in shared memory, the 16 bytes lie that are number `piece` of a row.
__device__ inline int PieceAt(int row, int piece) {
  return row * kRowBytes + (piece ^ (row >> 1 & 3)) * kPiece;
}

// Copy kCount rows of 64 bytes, four threads a row.
template <int kCount>
__device__ inline void CopyRows(unsigned char *tile, const unsigned char *from, int64_t row_bytes) {
  const int row = threadIdx.x / kPieces, piece = threadIdx.x % kPieces;
  from += row * row_bytes + piece * kPiece;
#pragma unroll
  for (int r = 0; r < kCount; r += kThreads / kPieces)
    CopyBytesAsync(tile + PieceAt(row + r, piece), from + r * row_bytes);
}

// The sums of a warp's 64 x 64 numbers of out, as 4 x 8 multiplications of 16 x 8 hold them.
using Sums = float[kWarpRows / 16][kWarpColumns / 8][4];

// Add the products of 32 bytes, those from piece 2 * half on, of a's and b's rows in shared memory.
template <class Format>
__device__ inline void MultiplyHalf(const unsigned char *tile_a, const unsigned char *tile_b, int half,
                                    Sums &sums) {
  const int lane = threadIdx.x % 32, group = lane / 8, r = lane % 8;
  uint32_t a[kWarpRows / 16][4], b[kWarpColumns / 16][4];
#pragma unroll
  for (int i = 0; i < kWarpRows / 16; ++i)  // groups: rows 0 and 8 of the first piece, then of the second
    ReadMatrices(tile_a + PieceAt(16 * i + group % 2 * 8 + r, 2 * half + group / 2), a[i]);
#pragma unroll
  for (int j = 0; j < kWarpColumns / 16; ++j)  // groups: both pieces of rows 0 to 7, then of rows 8 to 15
    ReadMatrices(tile_b + PieceAt(16 * j + group / 2 * 8 + r, 2 * half + group % 2), b[j]);
#pragma unroll
  for (int i = 0; i < kWarpRows / 16; ++i)
#pragma unroll
    for (int j = 0; j < kWarpColumns / 8; ++j) {
      const uint32_t pair[2] = {b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]};
      Format::Multiply(a[i], pair, sums[i][j]);
    }
}

// Write two neighbours of a row, where out has them.
__device__ inline void WritePair(float *out, int row, int column, int m, int p, bool by_two, float x,
                                 float y) {
  if (row >= m) return;
  float *to = out + static_cast<int64_t>(row) * p + column;
  if (by_two && column < p) {
    *reinterpret_cast<float2 *>(to) = make_float2(x, y);
  } else {
    if (column < p) to[0] = x;
    if (column + 1 < p) to[1] = y;
  }
}

__device__ inline void WriteSums(const Sums &sums, float *out, int row, int column, int m, int p,
                                 bool by_two) {
  const int lane = threadIdx.x % 32;
  row += lane / 4;
  column += lane % 4 * 2;
#pragma unroll
  for (int i = 0; i < kWarpRows / 16; ++i)
#pragma unroll
    for (int j = 0; j < kWarpColumns / 8; ++j) {
      WritePair(out, row + 16 * i, column + 8 * j, m, p, by_two, sums[i][j][0], sums[i][j][1]);
      WritePair(out, row + 16 * i + 8, column + 8 * j, m, p, by_two, sums[i][j][2], sums[i][j][3]);
    }
}

// steps: how many times 64 bytes a row of a part has; the last part may have fewer.
template <class Format>
__global__ void __launch_bounds__(kThreads, 1)
    TensorKernel(Rows a, Rows b, float *out, int m, int p, int steps, int part_steps, bool out_by_two,
                 TileGrid grid) {
  extern __shared__ __align__(128) unsigned char stages[];  // [stage][rows of a, then of b][64 bytes]
  const TilePlace place = PlaceOfBlock(grid);
  const int first_row = place.row * kRows, first_column = place.column * kColumns;
  const int64_t first_step = place.part * part_steps;
  const int count = static_cast<int>(min(static_cast<int64_t>(part_steps), steps - first_step));
  const unsigned char *from_a =
      a.memory + place.matrix * a.matrix_bytes + first_row * a.row_bytes + first_step * kRowBytes;
  const unsigned char *from_b =
      b.memory + place.matrix * b.matrix_bytes + first_column * b.row_bytes + first_step * kRowBytes;
  const auto copy = [&](int step) {
    if (step < count) {
      unsigned char *stage = stages + step % kStages * kStageBytes;
      CopyRows<kRows>(stage, from_a + step * kRowBytes, a.row_bytes);
      CopyRows<kColumns>(stage + kRows * kRowBytes, from_b + step * kRowBytes, b.row_bytes);
    }
    EndCopies();  // an empty group too, so that the count of groups is the count of steps
  };
  for (int step = 0; step < kStages - 1; ++step) copy(step);

  const int warp = threadIdx.x / 32;
  const int row = warp % 2 * kWarpRows, column = warp / 2 * kWarpColumns;
  Sums sums = {};
  for (int step = 0; step < count; ++step) {
    WaitForCopies<kStages - 2>();
    __syncthreads();  // this step's tiles are there, and nobody reads the stage before's any more
    copy(step + kStages - 1);
    const unsigned char *stage = stages + step % kStages * kStageBytes;
    const unsigned char *tile_a = stage + row * kRowBytes, *tile_b = stage + (kRows + column) * kRowBytes;
    MultiplyHalf<Format>(tile_a, tile_b, 0, sums);
    MultiplyHalf<Format>(tile_a, tile_b, 1, sums);
  }
  out += (place.part * grid.batches + place.matrix) * (static_cast<int64_t>(m) * p);
  WriteSums(sums, out, first_row + row, first_column + column, m, p, out_by_two);
}

int RoundUp(int64_t n, int step) {
  return static_cast<int>((n + step - 1) / step * step);
}

// The packed rows of one operand. A batch that repeats one matrix is packed once.
class PackedOperand {
 public:
  template <class Format>
  PackedOperand(Format, const GemmCall &call, int k, const float *memory, int64_t i_stride, int64_t k_stride,
                int64_t length, int tile)
      : rows_(RoundUp(length, tile)),
        words_(RoundUp(call.n, kRowBytes / 4 * Format::kPerWord) / Format::kPerWord),
        from_{memory, i_stride, k_stride, static_cast<int32_t>(length), static_cast<int32_t>(call.n),
              0,      {},       {}},
        matrices_(SetBatch(call.batch, k)),
        packed_(static_cast<size_t>(matrices_) * rows_ * words_ * sizeof(uint32_t)) {
    const uint32_t across = (words_ + kPackTile - 1) / kPackTile, down = rows_ / kPackTile;
    const int64_t blocks = matrices_ * across * down;
    if (blocks > INT32_MAX)
      throw OutOfMemory("matmul", static_cast<size_t>(blocks) * kPackTile * kPackTile * 4);
    Launch("Pack", PackKernel<Format>, dim3(static_cast<unsigned>(blocks)), dim3(kThreads), 0, from_,
           Packed{static_cast<uint32_t *>(packed_.Get()), rows_, words_}, Divider(across), Divider(down));
  }

  Rows AsRows() const {
    const int64_t row_bytes = int64_t{words_} * 4;
    return {static_cast<const unsigned char *>(packed_.Get()), row_bytes,
            matrices_ == 1 ? 0 : rows_ * row_bytes};
  }

  int Steps() const { return words_ * 4 / kRowBytes; }

 private:
  int64_t SetBatch(const Views<2> &batch, int k) {
    int64_t matrices = 1;
    bool repeats = true;
    for (int axis = 0; axis < batch.axes; ++axis) repeats &= batch.strides[k][axis] == 0;
    if (repeats) return 1;
    from_.axes = batch.axes;
    for (int axis = 0; axis < batch.axes; ++axis) {
      from_.shape[axis] = batch.shape[batch.axes - 1 - axis];
      from_.strides[axis] = batch.strides[k][batch.axes - 1 - axis];
      matrices *= from_.shape[axis];
    }
    return matrices;
  }

  int32_t rows_, words_;
  Unpacked from_;
  int64_t matrices_;
  Temporary packed_;
};

template <class Format>
void Run(const GemmCall &call) {
  constexpr int kDepth = kRowBytes / 4 * Format::kPerWord;
  constexpr size_t kSharedBytes = static_cast<size_t>(kStages) * kStageBytes;
  static const cudaError_t allowed =
      cudaFuncSetAttribute(TensorKernel<Format>, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes);
  Require(allowed, Format::kName);
  const PackedOperand a(Format(), call, 0, call.a, call.a_strides[0], call.a_strides[1], call.m, kRows);
  const PackedOperand b(Format(), call, 1, call.b, call.b_strides[1], call.b_strides[0], call.p, kColumns);
  const TileGrid grid(call, kRows, kColumns, kDepth);
  const PartialSums sums(call, grid);
  const bool out_by_two = call.p % 2 == 0 && reinterpret_cast<uintptr_t>(sums.Floats()) % 8 == 0;
  Launch(Format::kName, TensorKernel<Format>, dim3(grid.Blocks()), dim3(kThreads), kSharedBytes, a.AsRows(),
         b.AsRows(), sums.Floats(), static_cast<int>(call.m), static_cast<int>(call.p), a.Steps(),
         static_cast<int>(grid.part_length / kDepth), out_by_two, grid);
  sums.Finish();
}

}  // namespace

void GemmOnTensorCores(TensorFormat format, const GemmCall &call) {
  if (format == TensorFormat::kTf32)
    Run<Tf32>(call);
  else
    Run<Bf16>(call);
}

}  // namespace needle::fast
