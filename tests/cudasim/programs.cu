// Run a program. Return 0 and its numbers, 1 and a fault's text, or 2 and another error's, as text.
#include "programs.h"

static int Give(int code, const std::string &text, char *out, size_t size) {
  snprintf(out, size, "%s", text.c_str());
  return code;
}

static std::string Joined(const Numbers &numbers) {
  std::string text;
  for (double number : numbers) {
    char one[40];
    snprintf(one, sizeof(one), "%.9g ", number);
    text += one;
  }
  return text;
}

extern "C" int run(const char *name, char *out, size_t size) {
  try {
    return Give(0, Joined(Programs().at(name)()), out, size);
  } catch (const cudasim::Fault &fault) {
    return Give(1, fault.what(), out, size);
  } catch (const std::exception &error) {
    return Give(2, error.what(), out, size);
  }
}
