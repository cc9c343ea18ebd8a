#include "src/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace phasebit {
namespace {
AssertionHook current_hook = nullptr;
}  // namespace

AssertionHook set_assertion_hook(AssertionHook hook) noexcept {
  AssertionHook before = current_hook;
  current_hook = hook;
  return before;
}

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "phasebit: assertion failed: %s (%s:%d)\n", condition, file, line);
  if (current_hook != nullptr) {
    current_hook(condition, file, line);
  }
  std::abort();
}

}  // namespace phasebit
