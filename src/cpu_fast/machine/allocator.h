// Memory for arrays that is kept when an array goes, for the next one of its size: a fresh page costs more
// than the addition that fills it. Memory comes in classes of sizes, four between two powers of two; of each,
// what was given back last is taken first, as it may still lie in the caches. Large blocks ask the system for
// huge pages. Kept is at most KeptLimit(); what would be more goes back to the system, and everything does
// before an allocation fails.
#pragma once

#include <cstddef>

namespace needle::fast {

/// Return the size of the block that holds so many bytes.
size_t BlockSize(size_t bytes);

/// Return how many bytes of blocks are in use by arrays.
size_t AllocatedBytes();

/// Return how many bytes of blocks are kept for arrays to come.
size_t KeptBytes();

/// Return the most that is kept: an eighth of the machine's memory, and 1 GiB at most.
size_t KeptLimit();

/// Give everything that is kept back to the system.
void EmptyCache();

}  // namespace needle::fast
