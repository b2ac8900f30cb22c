// This machine's own limits, measured: what a kernel's speed is held against.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Return how many billion float32 operations one core does a second in fused multiply-adds that need no
/// memory.
///
/// A fused multiply-add counts as two. Measured with the instruction set of BestIsa(), for about 50 ms.
double FmaPeak();

/// Return the bandwidth of a copy between two arrays of `bytes` each, in GB/s, with NumThreads() threads.
///
/// What is read and what is written count, once each. Throws std::invalid_argument for fewer than 64 bytes.
double CopyBandwidth(int64_t bytes);

/// Return the bandwidth of out = a + factor * b on arrays of `bytes` each, counted likewise.
double TriadBandwidth(int64_t bytes);

}  // namespace needle::fast
