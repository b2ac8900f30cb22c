// A failed assert() in a kernel is a fault; on the host it ends the program, as it always does.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fibers.h"
#include "scheduler.h"

[[noreturn]] static void FailAssertion(const char *expression, const char *file, int line) {
  if (!cudasim::OnFiber()) {
    fprintf(stderr, "%s:%d: assertion `%s` failed\n", file, line, expression);
    abort();
  }
  static std::string text;  // outlives the stack that is left here
  text = "fails the assertion `" + std::string(expression) + "`";
  cudasim::Mistake mistake = {};
  mistake.kind = cudasim::FaultKind::kAssertion;
  mistake.file = file;
  mistake.line = line;
  mistake.text = text.c_str();
  cudasim::Stop(mistake);
}

// What -fsanitize=alignment calls for a pointer at an address that its type's alignment does not divide.
struct AlignmentCheck {
  const char *file;
  unsigned line, column;
  const void *type;
  unsigned char log_alignment, access;
};

extern "C" __attribute__((visibility("hidden"))) void __ubsan_handle_type_mismatch_v1(
    const AlignmentCheck *check, uintptr_t address) {
  if (!cudasim::OnFiber()) return;
  cudasim::Mistake mistake = {};
  mistake.kind = cudasim::FaultKind::kMisaligned;
  mistake.file = check->file;
  mistake.line = static_cast<int>(check->line);
  mistake.address = address;
  mistake.bytes = size_t{1} << check->log_alignment;
  mistake.access = check->access == 1 ? cudasim::AccessKind::kWrite : cudasim::AccessKind::kRead;
  cudasim::Stop(mistake);
}

#ifdef __APPLE__
extern "C"
    __attribute__((visibility("hidden"), noreturn)) void __assert_rtn(const char *, const char *file,
                                                                      int line, const char *expression) {
  FailAssertion(expression, file, line);
}
#else
extern "C" __attribute__((visibility("hidden"), noreturn)) void __assert_fail(const char *expression,
                                                                              const char *file, unsigned line,
                                                                              const char *) noexcept {
  FailAssertion(expression, file, static_cast<int>(line));
}
#endif
