// A register that nobody answers for: instead of ending the process, it reads as all ones.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "hw/refusal.hpp"

namespace phasebit::hw {

/// Watches over the mapping of a BAR. If the kernel answers an access to it with SIGBUS, because the function is gone or does not decode
/// its memory, the whole mapping becomes ordinary memory full of ones, private to the process, and the access goes on. A store into it then
/// stays there and reaches nobody. SIGBUS of any other address goes to whoever handled it before the first guard was made, or ends the
/// process. Guards are made and ended by any thread; the handler takes no lock and allocates nothing.
class BusErrorGuard {
 public:
  static constexpr std::size_t guards_max = 64;

  /// From before the first access to the mapping, which is whole pages and outlives the guard. Errors: no_space beyond guards_max,
  /// environment.
  static Answer<std::unique_ptr<BusErrorGuard>> watch(std::span<std::byte> mapping);

  BusErrorGuard(const BusErrorGuard&) = delete;
  BusErrorGuard& operator=(const BusErrorGuard&) = delete;
  ~BusErrorGuard();

  /// The mapping is full of ones.
  bool has_struck() const;
  /// The owner has put the function's memory there again.
  void renew();

 private:
  explicit BusErrorGuard(std::size_t place) : place_(place) {}

  std::size_t place_;  ///< in the table that the handler searches
};

}  // namespace phasebit::hw
