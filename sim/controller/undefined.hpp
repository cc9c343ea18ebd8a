// What a controller does where the specification leaves it open: the seed chooses among what real ones do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "sim/stream/digest.hpp"
#include "src/base/random.hpp"

namespace phasebit::sim {

/// A mistake of the host that has no defined result. Part of what draws depend on: never renumber.
enum class UndefinedSite : std::uint8_t {
  enable_while_ready = 0,    ///< CC.EN set while CSTS.RDY is still 1 (Base 2.0 §3.1.3.5)
  disable_while_not_ready,   ///< CC.EN cleared while CSTS.RDY is still 0
  bad_configuration,         ///< enabled with CC, AQA, ASQ or ACQ that the controller cannot work with
  changed_while_enabled,     ///< CC.MPS, CSS or AMS changed, or AQA, ASQ, ACQ written, while enabled
  reserved_shutdown,         ///< CC.SHN = 11b
  doorbell_of_no_queue,      ///< PCIe Transport 1.0 §3.1.2
  doorbell_value,            ///< out of range, unchanged, or past the other index
  doorbell_while_not_ready,  ///< before CSTS.RDY is 1
  queue_memory_refused,      ///< an entry could not be read or written
};
inline constexpr std::size_t undefined_sites = 9;

enum class Reaction : std::uint8_t {
  ignore,  ///< nothing happens
  event,   ///< an asynchronous event is reported
  fatal,   ///< CSTS.CFS
  late,    ///< it takes effect, later
};

/// Draws by site and by how often it was reached: what happens at one place depends on no other.
class Undefined {
 public:
  explicit Undefined(std::uint64_t seed) : seed_(seed) {}

  Reaction choose(UndefinedSite site, std::initializer_list<Reaction> among) {
    const auto index = static_cast<std::size_t>(site);
    const std::uint64_t draw = keyed(seed_, index, reached_[index]++);
    return *(among.begin() + static_cast<std::ptrdiff_t>(draw % among.size()));
  }

  void fingerprint(Hasher& hasher) const {
    for (const std::uint32_t count : reached_) {
      hasher.add(count);
    }
  }

 private:
  std::uint64_t seed_;
  std::array<std::uint32_t, undefined_sites> reached_{};
};

}  // namespace phasebit::sim
