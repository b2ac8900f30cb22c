// The tools that come with a compiler read debug information; they are asked only once a fault was found.
#include "symbols.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <elf.h>
#include <link.h>
#endif

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#ifdef __APPLE__
#include <crt_externs.h>
#define environ (*_NSGetEnviron())  // a library has no other way to it
#else
extern char **environ;
#endif

namespace cudasim {

struct Frame {
  std::string function, file;
  int line;
};

// Return what a program prints, empty if there is no such program.
static std::string Output(const std::vector<std::string> &command) {
  int ends[2];
  if (pipe(ends) != 0) return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::vector<char *> arguments;
  for (const std::string &argument : command) arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const bool started = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  char piece[4096];
  for (ssize_t got; started && (got = read(ends[0], piece, sizeof(piece))) > 0;) output.append(piece, got);
  close(ends[0]);
  if (started) waitpid(child, nullptr, 0);
  return output;
}

static std::string Hexadecimal(uintptr_t number) {
  char text[32];
  snprintf(text, sizeof(text), "0x%zx", static_cast<size_t>(number));
  return text;
}

static std::string TakeLine(const std::string &text, size_t *begin) {
  const size_t end = std::min(text.find('\n', *begin), text.size());
  const std::string line = text.substr(*begin, end - *begin);
  *begin = end + 1;
  return line;
}

// "file:12", perhaps with more after it
static Frame ParsePlace(const std::string &function, const std::string &place) {
  const size_t colon = place.rfind(':');
  if (colon == std::string::npos) return {function, "", 0};
  return {function, place.substr(0, colon), std::atoi(place.c_str() + colon + 1)};
}

#ifdef __APPLE__

// "Function(int) (in library.so) (file.cu:12)"
static std::vector<Frame> Frames(const Dl_info &library, uintptr_t address) {
  const std::string output =
      Output({"atos", "-i", "-fullPath", "-o", library.dli_fname, "-l",
              Hexadecimal(reinterpret_cast<uintptr_t>(library.dli_fbase)), Hexadecimal(address)});
  std::vector<Frame> frames;
  for (size_t at = 0; at < output.size();) {
    const std::string line = TakeLine(output, &at);
    const size_t open = line.rfind('('), close = line.rfind(')'), in = line.find(" (in ");
    if (open == std::string::npos || close == std::string::npos || close < open) continue;
    frames.push_back(ParsePlace(line.substr(0, in), line.substr(open + 1, close - open - 1)));
  }
  return frames;
}

#else

// Two lines for each frame: the function, then file:line.
static std::vector<Frame> Frames(const Dl_info &library, uintptr_t address) {
  const auto *header = static_cast<const ElfW(Ehdr) *>(library.dli_fbase);
  const uintptr_t offset =
      header->e_type == ET_EXEC ? address : address - reinterpret_cast<uintptr_t>(library.dli_fbase);
  for (const char *tool : {"addr2line", "llvm-addr2line", "llvm-symbolizer"}) {
    const std::string output = Output({tool, "-C", "-f", "-i", "-e", library.dli_fname, Hexadecimal(offset)});
    std::vector<Frame> frames;
    for (size_t at = 0; at < output.size();) {
      const std::string function = TakeLine(output, &at), place = TakeLine(output, &at);
      if (place.size() > 1 && place[0] != '?') frames.push_back(ParsePlace(function, place));
    }
    if (!frames.empty()) return frames;
  }
  return {};
}

#endif

// "void needle::Kernel<float>(float*, int)" -> "Kernel"
static std::string PlainName(std::string function) {
  const std::string anonymous = "(anonymous namespace)::";
  for (size_t at; (at = function.find(anonymous)) != std::string::npos;) function.erase(at, anonymous.size());
  const size_t end = std::min(function.find_first_of("(<"), function.size());
  const size_t scope = function.find_last_of(": ", end);
  return scope == std::string::npos ? function.substr(0, end) : function.substr(scope + 1, end - scope - 1);
}

static bool IsOurs(const std::string &file) {
  return file.find("/include/cudasim/") != std::string::npos;
}

SourceLine FindLine(uintptr_t pc, const std::string &kernel) {
  Dl_info library;
  if (pc == 0 || dladdr(reinterpret_cast<void *>(pc), &library) == 0) return {};
  const std::vector<Frame> frames = Frames(library, pc - 1);  // pc is where the call returns to
  size_t first = 0;
  while (first < frames.size() && IsOurs(frames[first].file)) ++first;
  if (first == frames.size()) return {};
  const std::string name = PlainName(kernel);
  SourceLine found{frames[first].file, frames[first].line, PlainName(frames[first].function) == name, 0};
  for (size_t i = first + 1; i < frames.size() && !found.in_kernel; ++i)
    if (PlainName(frames[i].function) == name) found.called_from = frames[i].line;
  return found;
}

}  // namespace cudasim
