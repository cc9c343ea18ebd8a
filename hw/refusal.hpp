// Why the machine refuses, for programs and for people.
#pragma once

#include <string>
#include <utility>

#include "src/base/error.hpp"

namespace phasebit::hw {

/// An error with what a user can do about it: names the device, the file, and the remedy where there is one.
struct Refusal {
  Errc error = Errc::environment;
  std::string why;
};

/// A value of T, or why there is none.
template <class T>
using Answer = tl::expected<T, Refusal>;

/// Shorthand for returning a refusal.
inline tl::unexpected<Refusal> refuse(Errc error, std::string why) {
  return tl::unexpected<Refusal>(Refusal{error, std::move(why)});
}

}  // namespace phasebit::hw
