#include "hw/granted_bus.hpp"

#include <poll.h>

#include <utility>

#include "hw/clock.hpp"
#include "hw/device_name.hpp"

namespace phasebit::hw {

tl::unexpected<Errc> GrantedBus::fail_with(Refusal refusal) {
  why_ = std::move(refusal.why);
  return fail(refusal.error);
}

Result<void> GrantedBus::claim(PciAddress address) {
  if (!claimed_.emplace(address, nullptr).second) {
    return fail_with({Errc::busy, text(address) + ": this process has claimed it already"});
  }
  return {};
}

void GrantedBus::release(PciAddress address) {
  claimed_.erase(address);
}

Result<GrantedBackend*> GrantedBus::open(PciAddress address) {
  const auto found = claimed_.find(address);
  if (found == claimed_.end()) {
    return fail_with({Errc::not_ready, text(address) + ": it is not claimed"});
  }
  if (found->second != nullptr) {
    return fail_with({Errc::busy, text(address) + ": it is open"});
  }
  auto introduction = PrimaryProcess::introduce(address);
  if (!introduction) {
    return fail_with(std::move(introduction.error()));
  }
  auto device = VfioDevice::join(address, std::move(introduction->device));
  if (!device) {
    return fail_with(std::move(device.error()));
  }
  found->second = std::make_unique<GrantedBackend>(std::move(*device), std::move(introduction->socket));
  return found->second.get();
}

void GrantedBus::close(PciAddress address) {
  if (const auto found = claimed_.find(address); found != claimed_.end()) {
    found->second.reset();
  }
}

bool GrantedBus::wait(Instant until) {
  std::vector<pollfd> awaited{{uevents_.descriptor(), POLLIN, 0}};  // one that is -1 is passed over
  for (const auto& [address, backend] : claimed_) {
    if (backend != nullptr) {
      awaited.push_back({backend->process().descriptor(), POLLIN, 0});
    }
  }
  const timespec longest = time_until(until);
  return ppoll(awaited.data(), awaited.size(), &longest, nullptr) > 0;
}

}  // namespace phasebit::hw
