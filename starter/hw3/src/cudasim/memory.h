// The device's memory, and what is known of each of its bytes.
//
// It lies in one range of addresses, the arena, so that one comparison tells whether an address is the
// device's. Allocations stand far apart in it, and freed ones are reused as late as possible: an index that
// runs over meets nothing. Every 4 bytes of the arena have a Cell, at a place computed from the address.
// A cell outside of allocations is all zeros. Variables (__device__, __constant__) and registered host memory
// lie elsewhere, and have their cells in a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "include/cudasim/launch.h"

namespace cudasim {

// Who accessed these 4 bytes last. A segment is what one thread does between two barriers; segments are
// numbered from 1 on, so that 0 means nobody. `at` says where in the program; see segments.h.
struct Cell {
  uint32_t writer, written_at;
  uint32_t readers[2], read_at[2];  // two readers, as far apart as were seen: other blocks, other warps
  uint32_t flags;
  uint32_t unused;
};

// A cell's flags. Four bits each: one for every byte.
constexpr uint32_t ALLOCATED = 0xf, DEFINED = 0xf0;
constexpr int DEFINED_SHIFT = 4, WRITER_SHIFT = 8, READER_SHIFT = 12;  // then the bytes that they accessed
constexpr uint32_t WRITER = 0xf00, ATOMIC = 1u << 20, READ_ONLY = 1u << 21;

struct Arena {
  uintptr_t begin = 0;
  size_t bytes = 0;  // 0 until it is needed
  Cell *cells = nullptr;
};
extern Arena arena;

inline bool InArena(uintptr_t address) {
  return address - arena.begin < arena.bytes;
}

// Allocations lie in the arena's first half, after an eighth. The rest is there so that an index which has
// become negative, or has wrapped around, still leads into it.
constexpr size_t ARENA_BYTES = size_t{32} << 30;
constexpr size_t PAGE = 64 << 10;          // allocations begin at multiples of it
constexpr size_t GUARD = 64 << 10;         // what lies between two of them, at least
constexpr size_t SHARED_SLOT = 256 << 10;  // what a shared array has for itself
constexpr size_t SHARED_SLOTS = 128;
constexpr size_t DEVICE_BYTES = size_t{1} << 30;  // what a program can allocate

// Make sure that the arena is there. Throws std::bad_alloc.
void ReserveArena();

struct Allocation {
  uintptr_t begin;
  size_t bytes;
  std::string made_by;
  bool managed;  // the host may use it too
};

enum class Holding { kNothing, kLive, kFreed };

struct Found {
  Holding holding;
  const Allocation *allocation;
};

// Return 0 if there is no room.
uintptr_t Allocate(size_t bytes, const char *made_by, bool managed);
bool Free(uintptr_t begin);
size_t AllocatedBytes();

// Return the allocation that holds an address, else the one that it lies next to.
Found FindAllocation(uintptr_t address);

struct Region {
  uintptr_t begin;
  size_t bytes;
  std::string name;
  bool registered;  // the host's memory, not a variable
  std::unique_ptr<Cell[]> cells;
};

void AddRegion(const void *begin, size_t bytes, const char *name, bool constant, bool registered);
bool RemoveRegion(const void *begin);
const Region *FindRegion(uintptr_t address);

// Return the cell of an address of the arena or of a region, null for others.
Cell *CellOf(uintptr_t address);

void SetFlags(uintptr_t begin, size_t bytes, uint32_t flag);
void MarkDefined(uintptr_t begin, size_t bytes);
void CopyDefined(uintptr_t to, uintptr_t from, size_t bytes);

// Forget who accessed what: in all of global memory, or in a range. Segments can be numbered from 1 again.
void ForgetAccesses();
void ForgetAccesses(uintptr_t begin, size_t bytes);

uintptr_t SharedSlot(size_t slot);
void ClearCells(uintptr_t begin, size_t bytes);

}  // namespace cudasim
