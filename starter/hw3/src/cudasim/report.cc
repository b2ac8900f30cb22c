#include "report.h"

#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "block.h"
#include "memory.h"
#include "scheduler.h"
#include "symbols.h"

namespace cudasim {

std::string Text(uint3 index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) +
         ")";
}

std::string ThreadText(unsigned thread) {
  return "thread " + Text(ThreadIndex(thread));
}

std::string ShortPath(const std::string &path) {
  char folder[4096];
  if (!getcwd(folder, sizeof(folder))) return path;
  const std::string prefix = std::string(folder) + "/";
  return path.compare(0, prefix.size(), prefix) == 0 ? path.substr(prefix.size()) : path;
}

static std::string Plural(size_t count, const std::string &noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// An array that an address lies in or near, as a kernel knows it.
struct ArrayView {
  std::string name;  // "`out`", or "an allocation"
  int64_t index;     // of the element at the address
  int64_t count;     // of its elements
  size_t element_bytes;
  const SharedArray *shared;
};

static int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

static std::string ParameterName(size_t index) {
  std::string names = launching->parameters;
  for (size_t i = 0; i < index; ++i) {
    const size_t comma = names.find(',');
    names = comma == std::string::npos ? "" : names.substr(comma + 1);
  }
  names = names.substr(0, names.find(','));
  return names.empty() ? "argument " + std::to_string(index + 1) : "`" + names + "`";
}

// Return an allocation as the parameter that points into it, else by who made it.
static ArrayView ViewOf(const Allocation &allocation, const Mistake &mistake) {
  for (size_t i = 0; i < launching->argument_count; ++i) {
    const uintptr_t pointer = reinterpret_cast<uintptr_t>(launching->arguments[i].pointer);
    const int64_t bytes = launching->arguments[i].element_bytes;
    if (pointer - allocation.begin >= allocation.bytes) continue;
    return {ParameterName(i), FloorDivide(static_cast<int64_t>(mistake.address - pointer), bytes),
            static_cast<int64_t>(allocation.begin + allocation.bytes - pointer) / bytes,
            static_cast<size_t>(bytes), nullptr};
  }
  const int64_t bytes = mistake.bytes;
  return {"the array that " + allocation.made_by + " allocated",
          FloorDivide(static_cast<int64_t>(mistake.address - allocation.begin), bytes),
          static_cast<int64_t>(allocation.bytes) / bytes, mistake.bytes, nullptr};
}

static ArrayView ViewOf(const SharedUse &use, uintptr_t address) {
  const int64_t bytes = use.array.element_bytes;
  return {"`" + std::string(use.array.name) + "`",
          FloorDivide(static_cast<int64_t>(address - use.begin), bytes),
          static_cast<int64_t>(use.array.bytes) / bytes, use.array.element_bytes, &use.array};
}

static bool FindView(const Mistake &mistake, ArrayView *view) {
  if (const SharedUse *use = FindShared(mistake.address)) {
    *view = ViewOf(*use, mistake.address);
    return true;
  }
  const Found found = FindAllocation(mistake.address);
  if (found.allocation) *view = ViewOf(*found.allocation, mistake);
  return found.allocation;
}

// "`tile[2][3]`", or "`out[5]`", for an element inside.
static std::string ElementText(const ArrayView &view) {
  std::string text;
  if (view.name[0] != '`') return "element " + std::to_string(view.index) + " of " + view.name;
  int64_t rest = view.index;
  const size_t *sides = view.shared ? view.shared->sides : nullptr;
  if (sides && sides[0] == 0 && view.count == 1) return view.name;
  for (int axis = 2; sides && axis > 0; --axis) {
    if (sides[axis] == 0) continue;
    text = "[" + std::to_string(rest % static_cast<int64_t>(sides[axis])) + "]" + text;
    rest /= static_cast<int64_t>(sides[axis]);
  }
  return view.name.substr(0, view.name.size() - 1) + "[" + std::to_string(rest) + "]" + text + "`";
}

static std::string SizeText(const ArrayView &view) {
  return view.name + " has " + Plural(view.count, "element") + " of " + Plural(view.element_bytes, "byte");
}

// What a mistake is about, in words: the array and the element, as far as known.
static std::string ObjectText(const Mistake &mistake) {
  ArrayView view;
  if (FindView(mistake, &view)) return ElementText(view);
  const Region *region = FindRegion(mistake.address);
  if (region && !region->registered) return "the variable `" + region->name + "`";
  return "the address " + std::to_string(mistake.address);
}

static const char *Verb(AccessKind kind) {
  return kind == AccessKind::kRead ? "reads" : kind == AccessKind::kWrite ? "writes" : "updates";
}

static const char *PastVerb(AccessKind kind) {
  return kind == AccessKind::kRead ? "read" : kind == AccessKind::kWrite ? "wrote" : "atomically updated";
}

// Far from all arrays: count from each pointer that the kernel has.
static std::string CountFromArguments(const Mistake &mistake) {
  std::string text;
  for (size_t i = 0; i < launching->argument_count; ++i) {
    const PointerArgument &argument = launching->arguments[i];
    if (!argument.pointer) continue;
    const int64_t distance =
        static_cast<int64_t>(mistake.address - reinterpret_cast<uintptr_t>(argument.pointer));
    text += (text.empty() ? ": it would be element " : ", or element ") +
            std::to_string(FloorDivide(distance, argument.element_bytes)) + " of " + ParameterName(i);
  }
  return text;
}

static std::string OutOfBoundsText(const Mistake &mistake) {
  const Region *region = FindRegion(mistake.address);
  if (region) return "beyond the end of `" + region->name + "`. An index is too large";
  const std::string far = "memory that belongs to no array" + CountFromArguments(mistake) +
                          ". Usually an index has become negative, or an unsigned one has wrapped around";
  ArrayView view;
  if (FindAllocation(mistake.address).holding == Holding::kFreed && !FindShared(mistake.address)) {
    FindView(mistake, &view);
    return ElementText(view) + ", which was freed. Free an array only when no later kernel uses it";
  }
  if (!FindView(mistake, &view)) return far;
  const std::string where = "element " + std::to_string(view.index) + ", but " + SizeText(view);
  if (view.index < 0) return where + ". Usually an offset is missing, or subtracted twice";
  if (view.shared)
    return where +
           ". Usually an index into a shared array takes a place in the grid for one in the block, or "
           "the array is too small for the block";
  return where +
         ". Usually a check such as `if (i < size)` is missing: the last block may have more threads "
         "than there are elements left";
}

static const Region *RegionBefore(uintptr_t address) {
  for (uintptr_t before = 1; before <= 64; ++before)
    if (const Region *region = FindRegion(address - before)) return region;
  return nullptr;
}

static std::string HostMemoryText(const Mistake &mistake) {
  if (const Region *region = RegionBefore(mistake.address))
    return "beyond the end of `" + region->name + "`, which has " + Plural(region->bytes, "byte") +
           ". An index is "
           "too large";
  if (mistake.address < 4096) return "through a null pointer. Usually an array was never allocated";
  if (mistake.address - stacks_begin < STACK_BYTES * MAX_FIBERS)
    return "a local variable of another thread, or one beyond the end of its own. Local variables are each "
           "thread's alone: share numbers in a __shared__ array";
  return "memory of the host, which a device can't reach. Pass a pointer that cudaMalloc gave, and take "
         "other "
         "values as arguments";
}

static std::string RaceText(const Mistake &mistake, const std::string &where,
                            const std::string &other_where) {
  const bool shared = FindShared(mistake.address);
  const bool one_block = mistake.other.block == SegmentOf(current.self).block;
  std::string text =
      std::string(Verb(mistake.access)) + (mistake.access == AccessKind::kAtomic ? " atomically " : " ") +
      ObjectText(mistake) + where + ", and " + ThreadText(mistake.other.thread) +
      (one_block ? " of the same block" : " of block " + Text(BlockIndex(mistake.other.block))) + " " +
      PastVerb(mistake.other_access) + " it" + other_where +
      ": a data race, as nothing says which comes first. ";
  if (mistake.access == AccessKind::kAtomic || mistake.other_access == AccessKind::kAtomic)
    return text +
           "Only atomic accesses can go on side by side: usually a __syncthreads() is missing before or "
           "after them";
  if (!one_block)
    return text +
           "No barrier orders blocks: let each element be written by one thread of one block only, use an "
           "atomic function, or start a second kernel";
  if (mistake.access == AccessKind::kWrite && mistake.other_access == AccessKind::kWrite)
    return text + "Usually two threads compute the same index, or all write what one of them should";
  if (shared)
    return text +
           "Usually a __syncthreads(), which all threads reach, is missing between the two, also from one "
           "round "
           "of a loop to the next; within a warp, a __syncwarp()";
  return text + "Usually a thread uses what is another one's, or a __syncthreads() is missing";
}

static std::string WhereText(const SourceLine &line) {
  if (line.file.empty()) return "";
  const std::string place = ", at " + ShortPath(line.file) + ":" + std::to_string(line.line);
  return line.called_from ? place + " (called from line " + std::to_string(line.called_from) + ")" : place;
}

static std::string MistakeText(const Mistake &mistake, const std::string &where) {
  const std::string verb = Verb(mistake.access);
  switch (mistake.kind) {
    case FaultKind::kOutOfBounds:
      return verb + " outside of every array" + where + ": " + OutOfBoundsText(mistake);
    case FaultKind::kHostMemory:
      return verb + " outside of the device's memory" + where + ": " + HostMemoryText(mistake);
    case FaultKind::kMisaligned:
      return verb + " a number at an address that is no multiple of " + std::to_string(mistake.bytes) +
             where + ": in " + ObjectText(mistake) +
             ". Usually a pointer was cast to a larger type: start at a multiple of its size";
    case FaultKind::kReadOnly:
      return verb + " " + ObjectText(mistake) + where +
             ", but it is __constant__. A kernel can only read it: write it with cudaMemcpyToSymbol";
    case FaultKind::kNeverWritten:
      return verb + " " + ObjectText(mistake) + where + ", to which nothing was ever written. " +
             (FindShared(mistake.address)
                  ? "Usually not all of the array is filled, or a __syncthreads(), which all "
                    "threads reach, is missing after it is filled"
                  : "Usually an array is not filled, or not set to 0, before it is read");
    case FaultKind::kEndless:
      return "does not come to an end" + where + ": it has made " + std::to_string(STEPS) +
             " accesses, or met others at " + std::to_string(STEPS / BARRIER_STEPS) +
             " barriers. Usually a loop's condition stays true for ever";
    case FaultKind::kLocalMemory:
      return "needs more than " + std::to_string(STACK_BYTES >> 10) + " KB for its local variables" + where +
             ". Usually a function calls itself without end, or a local array is too large";
    case FaultKind::kSharedMemory:
      return "needs " + std::to_string(mistake.bytes) + " bytes of shared memory" + where + ". A block has " +
             std::to_string(SHARED_LIMIT) + ": make its shared arrays smaller";
    case FaultKind::kBarrier:
      return std::string("calls ") + mistake.text + where +
             ", with a mask that does not name its own lane. The mask has a bit for each lane that makes the "
             "call";
    case FaultKind::kAssertion:
      return mistake.text + where;
    case FaultKind::kNotSupported:
      return std::string(mistake.text) + where + ", which cudasim can't do. Write it without";
    default:
      return where;
  }
}

static Fault FillIn(Fault fault, FaultKind kind, unsigned thread) {
  fault.kind = kind;
  fault.kernel = launching->kernel;
  fault.block = BlockIndex(SegmentOf(current.block_first).block);
  fault.thread = ThreadIndex(thread);
  return fault;
}

static std::string WhoText(unsigned thread) {
  return std::string(launching->kernel) + ": " + ThreadText(thread) + " of block " +
         Text(BlockIndex(SegmentOf(current.block_first).block)) + " ";
}

Fault MakeFault(FaultKind kind, unsigned thread, const std::string &text, const char *file, int line) {
  Fault fault = FillIn(Fault(WhoText(thread) + text), kind, thread);
  fault.file = file;
  fault.line = line;
  return fault;
}

static Fault DescribeHost(const Mistake &mistake) {
  const SourceLine line = FindLine(mistake.pc, "");
  Fault fault(
      "host: the host's code " + std::string(Verb(mistake.access)) + " the device's memory" +
      WhereText(line) +
      ". A pointer that cudaMalloc gave is for kernels only: copy with cudaMemcpy, or do it in a kernel.");
  fault.kind = mistake.kind;
  fault.file = line.file;
  fault.line = line.line;
  return fault;
}

// The place of a mistake. If a function of the kernel makes it, its callers tell the kernel's own line.
static SourceLine FindPlace(const Mistake &mistake) {
  if (!mistake.pc) return mistake.file ? SourceLine{mistake.file, mistake.line, true, 0} : SourceLine{};
  SourceLine line = FindLine(mistake.pc, launching->kernel);
  for (uintptr_t caller : mistake.callers) {
    if (line.in_kernel || line.called_from || !caller) break;
    const SourceLine outer = FindLine(caller, launching->kernel);
    if (outer.in_kernel) line.called_from = outer.line;
    if (!outer.in_kernel && outer.called_from) line.called_from = outer.called_from;
  }
  return line;
}

Fault Describe(const Mistake &mistake) {
  if (mistake.kind == FaultKind::kDeviceMemory) return DescribeHost(mistake);
  const unsigned thread = SegmentOf(mistake.segment).thread;
  const SourceLine line = FindPlace(mistake);
  const std::string text =
      mistake.kind == FaultKind::kRace
          ? RaceText(mistake, WhereText(line), WhereText(FindLine(mistake.other_pc, launching->kernel)))
          : MistakeText(mistake, WhereText(line));
  Fault fault = FillIn(Fault(WhoText(thread) + text + "."), mistake.kind, thread);
  fault.file = line.file;
  fault.line = line.line;
  return fault;
}

}  // namespace cudasim
