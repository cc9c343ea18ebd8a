// Assertions about our own promises. They stay on in release; the failure path is cold and out of line.
#pragma once

namespace phasebit {

/// Called once with the broken promise before the process aborts, so that a runner can add seed and time.
using AssertionHook = void (*)(const char* condition, const char* file, int line) noexcept;

/// Installs the hook of this process and returns the one before it; nullptr removes it.
AssertionHook set_assertion_hook(AssertionHook hook) noexcept;

/// Prints the broken promise to stderr, calls the hook, aborts.
[[noreturn, gnu::cold]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace phasebit

/// A promise of our own code. Never for anything that a device or a user can cause.
#define PHASEBIT_ASSERT(condition) \
  (__builtin_expect(static_cast<bool>(condition), true) ? void() : ::phasebit::assertion_failed(#condition, __FILE__, __LINE__))
