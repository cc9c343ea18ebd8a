// How a driver comes to be and goes, for those who must not know its backend afterwards.
#pragma once

#include <memory_resource>
#include <utility>

#include "src/driver/driver.hpp"
#include "src/driver/secondary_driver.hpp"

namespace phasebit::driver {

/// A driver that begins to attach with its first poll; in a process that is not the function's owner one that asks the owner for a queue.
/// `memory` and `backend` outlive it. The problem says why there is none.
template <Backend B>
tl::expected<AnyDriver*, Problem> make_driver(B& backend, const Options& options, std::pmr::memory_resource* memory) {
  std::pmr::polymorphic_allocator<> allocator(memory);
  if constexpr (HasPrimary<B>) {
    return allocator.new_object<SecondaryDriver<B>>(backend, options, memory);
  } else {
    auto attachment = Driver<B>::attach(backend, options);
    if (!attachment) {
      return tl::unexpected(attachment.error());
    }
    return allocator.new_object<Driver<B>>(backend, options, std::move(*attachment), memory);
  }
}

/// The same for those who ask no further.
template <Backend B>
Result<AnyDriver*> make_any_driver(B& backend, const Options& options, std::pmr::memory_resource* memory) {
  const auto made = make_driver(backend, options, memory);
  return made ? Result<AnyDriver*>(*made) : fail(errc_of(made.error()));
}

/// Gives back all memory; the driver's state has to be detached, failed or gone.
inline void destroy_any_driver(AnyDriver* driver) {
  driver->destroy();
}

}  // namespace phasebit::driver
