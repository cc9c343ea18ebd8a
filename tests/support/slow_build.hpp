// Whether this build is sanitized or not optimized. Such a build shows nothing new by the hundredth repetition of what it has done, and
// takes minutes for it: there, tests that go through everything may take a part.
#pragma once

namespace phasebit::tests {

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
inline constexpr bool is_slow_build = true;
#else
inline constexpr bool is_slow_build = false;
#endif

}  // namespace phasebit::tests
