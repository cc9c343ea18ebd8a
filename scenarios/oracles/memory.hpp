// Memory: what was allocated or mapped for a device is given back by the end, and never while a command owns it.
#pragma once

#include <cstdint>
#include <map>

#include "scenarios/oracles/oracle.hpp"

namespace phasebit::scenarios {

/// Counts allocations and mappings by IOVA; objects to what is left when the run has ended, to freeing what is not allocated, and to an
/// unmap of memory that a command owns.
class Memory : public Oracle {
 public:
  std::string_view name() const override { return "memory"; }
  void finish() override;

 protected:
  void judge(const Event& event) override;

 private:
  using Key = std::pair<std::uint8_t, std::uint64_t>;  // drive, IOVA

  struct Held {
    std::uint64_t bytes = 0;
    std::uint32_t count = 0;
    std::uint64_t event_number = 0;
  };

  void give_back(std::map<Key, Held>& from, const Event& event, const char* what);

  std::map<Key, Held> allocated_;
  std::map<Key, Held> mapped_;
};

}  // namespace phasebit::scenarios
