#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace cudasim {

Arena arena;

static std::map<uintptr_t, Allocation> live, freed;
static std::map<uintptr_t, size_t> gaps;  // free ranges of the arena, by where they begin
static uintptr_t cursor;                  // where the next allocation is looked for
static size_t allocated_bytes;

// Made at the first use: variables register themselves before this file's own are constructed.
static std::vector<Region> &Regions() {
  static std::vector<Region> regions;
  return regions;
}

static void *Reserve(size_t bytes) {
  void *memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

static size_t CellBytes(size_t bytes) {
  return bytes / 4 * sizeof(Cell);
}

// Some systems limit how many addresses a process has: take fewer there.
void ReserveArena() {
  if (arena.bytes) return;
  for (size_t bytes = ARENA_BYTES; bytes >= size_t{512} << 20; bytes /= 2) {
    void *memory = Reserve(bytes), *cells = memory ? Reserve(CellBytes(bytes)) : nullptr;
    if (cells) {
      arena = {reinterpret_cast<uintptr_t>(memory), bytes, static_cast<Cell *>(cells)};
      cursor = (arena.begin + bytes / 8 + PAGE - 1) / PAGE * PAGE;
      gaps[cursor] = bytes / 2 - bytes / 8;
      return;
    }
    if (memory) munmap(memory, bytes);
  }
  throw std::bad_alloc();
}

// Give pages back to the system; they are zeros when they are touched again.
static void Drop(void *begin, size_t bytes) {
#ifdef __linux__
  madvise(begin, bytes, MADV_DONTNEED);
#else
  mmap(begin, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
#endif
}

static size_t Room(size_t bytes) {
  return (bytes + GUARD + PAGE - 1) / PAGE * PAGE;
}

static std::map<uintptr_t, size_t>::iterator FindGap(size_t room) {
  auto fits = [room](const auto &gap) { return gap.second >= room; };
  auto found = std::find_if(gaps.lower_bound(cursor), gaps.end(), fits);
  return found != gaps.end() ? found : std::find_if(gaps.begin(), gaps.end(), fits);
}

static void ForgetFreed(uintptr_t begin, size_t room) {
  freed.erase(freed.lower_bound(begin), freed.lower_bound(begin + room));
}

uintptr_t Allocate(size_t bytes, const char *made_by, bool managed) {
  if (bytes > DEVICE_BYTES - allocated_bytes) return 0;
  ReserveArena();
  const size_t room = Room(bytes);
  auto gap = FindGap(room);
  if (gap == gaps.end()) return 0;
  const uintptr_t begin = gap->first;
  const size_t rest = gap->second - room;
  gaps.erase(gap);
  if (rest) gaps[begin + room] = rest;
  cursor = begin + room;
  ForgetFreed(begin, room);
  live[begin] = {begin, bytes, made_by, managed};
  allocated_bytes += bytes;
  std::memset(reinterpret_cast<void *>(begin), 0xff, bytes);  // NaN, for whoever copies it unchecked
  SetFlags(begin, bytes, ALLOCATED);
  if (managed) MarkDefined(begin, bytes);  // what the host writes is not seen
  return begin;
}

static void AddGap(uintptr_t begin, size_t room) {
  auto next = gaps.lower_bound(begin);
  if (next != gaps.end() && next->first == begin + room) {
    room += next->second;
    next = gaps.erase(next);
  }
  if (next != gaps.begin() && std::prev(next)->first + std::prev(next)->second == begin)
    std::prev(next)->second += room;
  else
    gaps[begin] = room;
}

bool Free(uintptr_t begin) {
  auto found = live.find(begin);
  if (found == live.end()) return false;
  const size_t room = Room(found->second.bytes), dropped = room - GUARD;
  allocated_bytes -= found->second.bytes;
  freed[begin] = found->second;
  live.erase(found);
  Drop(reinterpret_cast<void *>(begin), dropped);
  Drop(CellOf(begin), CellBytes(dropped));
  AddGap(begin, room);
  return true;
}

size_t AllocatedBytes() {
  return allocated_bytes;
}

static size_t Distance(const Allocation &allocation, uintptr_t address) {
  if (address < allocation.begin) return allocation.begin - address;
  const uintptr_t end = allocation.begin + allocation.bytes;
  return address < end ? 0 : address - end + 1;
}

static const Allocation *Nearest(const std::map<uintptr_t, Allocation> &allocations, uintptr_t address) {
  auto next = allocations.upper_bound(address);
  const Allocation *nearest = nullptr;
  if (next != allocations.begin()) nearest = &std::prev(next)->second;
  if (next != allocations.end() &&
      (!nearest || Distance(next->second, address) < Distance(*nearest, address)))
    nearest = &next->second;
  return nearest && Distance(*nearest, address) <= GUARD ? nearest : nullptr;
}

Found FindAllocation(uintptr_t address) {
  const Allocation *in_use = Nearest(live, address), *gone = Nearest(freed, address);
  if (gone && Distance(*gone, address) == 0) return {Holding::kFreed, gone};
  if (in_use) return {Holding::kLive, in_use};
  return {Holding::kNothing, nullptr};
}

void AddRegion(const void *begin, size_t bytes, const char *name, bool constant, bool registered) {
  auto cells = std::make_unique<Cell[]>((bytes + 7) / 4);
  const uintptr_t address = reinterpret_cast<uintptr_t>(begin);
  Regions().push_back({address, bytes, name, registered, std::move(cells)});
  SetFlags(address, bytes, ALLOCATED);
  MarkDefined(address, bytes);
  if (constant)
    for (size_t i = 0; i < (bytes + 7) / 4; ++i) Regions().back().cells[i].flags |= READ_ONLY;
}

bool RemoveRegion(const void *begin) {
  auto &regions = Regions();
  auto found = std::find_if(regions.begin(), regions.end(), [=](const Region &region) {
    return region.registered && region.begin == reinterpret_cast<uintptr_t>(begin);
  });
  if (found == regions.end()) return false;
  regions.erase(found);
  return true;
}

const Region *FindRegion(uintptr_t address) {
  for (const Region &region : Regions())
    if (address - region.begin < region.bytes) return &region;
  return nullptr;
}

Cell *CellOf(uintptr_t address) {
  if (InArena(address)) return arena.cells + (address - arena.begin) / 4;
  const Region *region = FindRegion(address);
  return region ? region->cells.get() + (address / 4 - region->begin / 4) : nullptr;
}

// Set a flag of every byte in a range: ALLOCATED or DEFINED.
void SetFlags(uintptr_t begin, size_t bytes, uint32_t flag) {
  Cell *cell = bytes ? CellOf(begin) : nullptr;
  const uint32_t one = flag & (~flag + 1);  // its lowest bit
  while (bytes) {
    const size_t first = begin % 4, count = std::min<size_t>(4 - first, bytes);
    cell->flags |= count == 4 ? flag : ((1u << count) - 1) * one << first;
    begin += count;
    bytes -= count;
    ++cell;
  }
}

void MarkDefined(uintptr_t begin, size_t bytes) {
  SetFlags(begin, bytes, DEFINED);
}

void CopyDefined(uintptr_t to, uintptr_t from, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) {
    const uint32_t defined = CellOf(from + i)->flags >> ((from + i) % 4) & (1 << DEFINED_SHIFT);
    uint32_t &flags = CellOf(to + i)->flags;
    flags &= ~(1u << DEFINED_SHIFT << (to + i) % 4);
    flags |= defined << (to + i) % 4;
  }
}

void ForgetAccesses(uintptr_t begin, size_t bytes) {
  if (bytes == 0) return;
  Cell *first = CellOf(begin);
  for (Cell *cell = first; cell != first + (bytes + 3) / 4; ++cell) *cell = {0, 0, {}, {}, cell->flags, 0};
}

void ForgetAccesses() {
  for (const auto &[begin, allocation] : live) ForgetAccesses(begin, allocation.bytes);
  for (const Region &region : Regions()) ForgetAccesses(region.begin, region.bytes);
}

uintptr_t SharedSlot(size_t slot) {
  return arena.begin + slot * SHARED_SLOT;
}

void ClearCells(uintptr_t begin, size_t bytes) {
  std::memset(static_cast<void *>(CellOf(begin)), 0, (bytes + 3) / 4 * sizeof(Cell));
}

}  // namespace cudasim
