#include "hw/pcie_bus.hpp"

#include <poll.h>

#include <cstdio>
#include <utility>

#include "hw/clock.hpp"
#include "hw/device_name.hpp"

namespace phasebit::hw {
namespace {

/// Why registered memory was not mapped, or not let go of.
std::string reason(Errc error) {
  switch (error) {
    case Errc::invalid_argument:
      return "it overlaps registered memory without being equal to it, or is no memory that the process can read and write";
    case Errc::no_space:
      return "no IOVA or no mapping is left (the kernel's limit: /sys/module/vfio_iommu_type1/parameters/dma_entry_limit)";
    case Errc::out_of_memory:
      return "the process may not lock so much memory (ulimit -l), or none is left";
    case Errc::not_found:
      return "it is not registered with this address and length";
    case Errc::busy:
      return "a range within it is still mapped";
    case Errc::unsupported:
      return "without an IOMMU a drive reaches only memory of DPDK's (rte_malloc, rte_memzone), and of that what is in one piece "
             "physically";
    default:
      return std::string(name(error));
  }
}

std::string place(std::span<std::byte> memory) {
  char result[64];
  std::snprintf(result, sizeof result, "%zu bytes at %p", memory.size(), static_cast<void*>(memory.data()));
  return result;
}

}  // namespace

Answer<std::unique_ptr<FunctionClaim>> PcieBus::take(PciAddress address) const {
  return sysfs_.access_to(address).and_then([&](const FunctionAccess& access) { return claim_function(address, access); });
}

tl::unexpected<Errc> PcieBus::fail_with(Refusal refusal) {
  why_ = std::move(refusal.why);
  return fail(refusal.error);
}

Result<void> PcieBus::claim(PciAddress address) {
  if (claimed_.contains(address)) {
    return fail_with({Errc::busy, text(address) + ": this process has claimed it already"});
  }
  auto claim = take(address);
  if (!claim) {
    return fail_with(std::move(claim.error()));
  }
  claimed_[address].claim = std::move(*claim);
  return {};
}

void PcieBus::release(PciAddress address) {
  auto found = claimed_.find(address);
  if (found != claimed_.end()) {
    end_backend(found->second);
    claimed_.erase(found);
  }
}

Answer<std::unique_ptr<PcieBackend>> PcieBus::open_backend(PciAddress address, FunctionClaim& claim) {
  auto parts = claim.open();
  if (!parts) {
    return tl::unexpected(std::move(parts.error()));
  }
  auto backend = std::make_unique<PcieBackend>(std::move(*parts));
  if (auto attached = registered_.attach(*backend); !attached) {
    return refuse(attached.error(), text(address) + ": registered memory cannot be mapped for it: " + reason(attached.error()));
  }
  return backend;
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
  if (claimed.claim == nullptr) {
    auto claim = take(address);
    if (!claim) {
      return fail_with(std::move(claim.error()));
    }
    claimed.claim = std::move(*claim);
  }
  auto backend = open_backend(address, *claimed.claim);
  if (!backend) {
    claim_anew(address, claimed);
    return fail_with(std::move(backend.error()));
  }
  claimed.backend = std::move(*backend);
  return claimed.backend.get();
}

void PcieBus::close(PciAddress address) {
  auto found = claimed_.find(address);
  if (found != claimed_.end() && found->second.backend != nullptr) {
    end_backend(found->second);
    claim_anew(address, found->second);
  }
}

void PcieBus::end_backend(Claimed& claimed) {
  if (claimed.backend != nullptr) {
    registered_.detach(*claimed.backend);
    claimed.backend.reset();
  }
}

/// DPDK lets go of an IOMMU group with its last function.
void PcieBus::claim_anew(PciAddress address, Claimed& claimed) {
  claimed.claim.reset();
  claimed.claim = take(address).value_or(nullptr);
}

Result<void> PcieBus::register_memory(std::span<std::byte> memory) {
  auto done = registered_.register_memory(memory);
  return done ? done : Result<void>(fail_with({done.error(), place(memory) + " cannot be registered: " + reason(done.error())}));
}

Result<void> PcieBus::unregister_memory(std::span<std::byte> memory) {
  auto done = registered_.unregister_memory(memory);
  return done ? done : Result<void>(fail_with({done.error(), place(memory) + " cannot be unregistered: " + reason(done.error())}));
}

std::optional<BusEvent> PcieBus::next_event() {
  for (auto& [address, claimed] : claimed_) {
    if (claimed.backend != nullptr && claimed.backend->removal_asked()) {
      return BusEvent{BusEvent::Kind::removal_asked, address};
    }
  }
  return uevents_.next();
}

bool PcieBus::wait(Instant until) {
  std::vector<pollfd> awaited{{uevents_.descriptor(), POLLIN, 0}};  // one that is -1 is passed over
  for (const auto& [address, claimed] : claimed_) {
    if (claimed.backend != nullptr) {
      awaited.push_back({claimed.backend->function().interrupt_event(), POLLIN, 0});
      awaited.push_back({claimed.backend->function().removal_event(), POLLIN, 0});
    }
  }
  const timespec longest = time_until(until);
  const bool woken = ppoll(awaited.data(), awaited.size(), &longest, nullptr) > 0;
  for (auto& [address, claimed] : claimed_) {
    if (claimed.backend != nullptr) {
      claimed.backend->take_interrupt();  // before its completions are looked at: one that comes from now on ends the next wait
    }
  }
  return woken;
}

}  // namespace phasebit::hw
