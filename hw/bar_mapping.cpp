#include "hw/bar_mapping.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "hw/device_name.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::hw {
namespace {

constexpr int bar_protection = PROT_READ | PROT_WRITE;

}  // namespace

Answer<std::unique_ptr<BarMapping>> BarMapping::map(PciAddress address, int descriptor, std::uint64_t offset, std::uint64_t bytes) {
  void* memory = mmap(nullptr, bytes, bar_protection, MAP_SHARED, descriptor, static_cast<off_t>(offset));
  if (memory == MAP_FAILED) {
    return refuse(Errc::environment, text(address) + ": a BAR cannot be mapped: " + std::generic_category().message(errno));
  }
  std::unique_ptr<BarMapping> mapping(new BarMapping(static_cast<std::byte*>(memory), descriptor, offset, bytes));
  auto guard = BusErrorGuard::watch({mapping->memory_, bytes});
  if (!guard) {
    return tl::unexpected(std::move(guard.error()));
  }
  mapping->guard_ = std::move(*guard);
  return mapping;
}

BarMapping::~BarMapping() {
  guard_.reset();
  munmap(memory_, bytes_);
}

void BarMapping::renew_after(std::uint16_t command) {
  if (spec::pci::Command{command}.get(spec::pci::Command::memory_space) && guard_->has_struck() &&
      mmap(memory_, bytes_, bar_protection, MAP_SHARED | MAP_FIXED, descriptor_, static_cast<off_t>(offset_)) != MAP_FAILED) {
    guard_->renew();
  }
}

}  // namespace phasebit::hw
