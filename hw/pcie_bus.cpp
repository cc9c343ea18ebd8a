#include "hw/pcie_bus.hpp"

#include <utility>

#include "hw/device_name.hpp"

namespace phasebit::hw {

Answer<std::unique_ptr<VfioContainer>> PcieBus::take(PciAddress address) const {
  return sysfs_.group_to_open(address).and_then([&](std::uint32_t group) { return VfioContainer::take(address, group); });
}

tl::unexpected<Errc> PcieBus::fail_with(Refusal refusal) {
  why_ = std::move(refusal.why);
  return fail(refusal.error);
}

Result<void> PcieBus::claim(PciAddress address) {
  if (claimed_.contains(address)) {
    return fail_with({Errc::busy, text(address) + ": this process has claimed it already"});
  }
  auto container = take(address);
  if (!container) {
    return fail_with(std::move(container.error()));
  }
  claimed_[address].container = std::move(*container);
  return {};
}

void PcieBus::release(PciAddress address) {
  claimed_.erase(address);
}

Result<PcieBackend*> PcieBus::open(PciAddress address) {
  auto found = claimed_.find(address);
  if (found == claimed_.end()) {
    return fail_with({Errc::not_ready, text(address) + ": it is not claimed"});
  }
  auto& claimed = found->second;
  if (claimed.backend != nullptr) {
    return fail_with({Errc::busy, text(address) + ": it is open"});
  }
  if (claimed.container == nullptr) {
    auto container = take(address);
    if (!container) {
      return fail_with(std::move(container.error()));
    }
    claimed.container = std::move(*container);
  }
  auto device = VfioDevice::open(address);
  if (!device) {
    return fail_with(std::move(device.error()));
  }
  claimed.backend = std::make_unique<PcieBackend>(*claimed.container, std::move(*device));
  return claimed.backend.get();
}

/// DPDK lets go of the group with its last function, so the claim is made anew.
void PcieBus::close(PciAddress address) {
  auto found = claimed_.find(address);
  if (found != claimed_.end() && found->second.backend != nullptr) {
    found->second.backend.reset();
    found->second.container.reset();
    found->second.container = take(address).value_or(nullptr);
  }
}

std::optional<BusEvent> PcieBus::next_event() {
  for (auto& [address, claimed] : claimed_) {
    if (claimed.backend != nullptr && claimed.backend->removal_asked()) {
      return BusEvent{BusEvent::Kind::removal_asked, address};
    }
  }
  return uevents_.next();
}

}  // namespace phasebit::hw
