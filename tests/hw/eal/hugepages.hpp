// Hugepages for a test.
#pragma once

#include <cstdint>
#include <string>

namespace phasebit::hw {

/// Sees to it that the machine has hugepages of 2 MiB free, one test after the other, and puts their number back as it was.
class Hugepages {
 public:
  explicit Hugepages(std::uint64_t pages);
  Hugepages(const Hugepages&) = delete;
  Hugepages& operator=(const Hugepages&) = delete;
  ~Hugepages();

  /// Empty if they are there.
  const std::string& why_not() const { return why_not_; }

 private:
  int lock_ = -1;
  bool is_changed_ = false;
  std::uint64_t total_before_ = 0;
  std::string why_not_;
};

}  // namespace phasebit::hw
