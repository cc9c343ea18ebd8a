// Whether this build is for debugging, sanitized or counted. Such a build shows nothing new by the hundredth repetition of what it has
// done, and takes minutes for it: there, tests that go through everything may take a part.
#pragma once

namespace phasebit::tests {

#if defined(PHASEBIT_SLOW_BUILD)
inline constexpr bool is_slow_build = true;
#else
inline constexpr bool is_slow_build = false;
#endif

}  // namespace phasebit::tests
