// The machine's PCI bus, as far as its functions can be had: by VFIO, or by sysfs where there is no IOMMU.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hw/find_device.hpp"
#include "hw/function_claim.hpp"
#include "hw/pcie_backend.hpp"
#include "hw/registered_memory.hpp"
#include "hw/uevents.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// Needs a running Environment, which must outlive it. Only functions that SysfsPci::access_to knows a way to can be claimed: nothing is
/// ever taken from a kernel driver. Functions of one IOMMU group cannot be claimed twice, not even by one process.
class PcieBus {
 public:
  using BackendType = PcieBackend;

  explicit PcieBus(SysfsPci sysfs = SysfsPci()) : sysfs_(std::move(sysfs)) {}

  std::vector<PciFunction> enumerate() const { return sysfs_.functions(); }
  /// Against other processes too, and for the whole IOMMU group if there is one. Errors: as SysfsPci::access_to and claim_function.
  Result<void> claim(PciAddress address);
  /// Closes the function if it is open.
  void release(PciAddress address);
  /// All registered memory is mapped for it. Errors: not_ready without a claim; busy if it is open; as FunctionClaim::open and
  /// PcieBackend::add_registered.
  Result<PcieBackend*> open(PciAddress address);
  void close(PciAddress address);
  /// What came and went, as Uevents tells it; `removal_asked` for open functions, again and again while they stay open. Never waits.
  std::optional<BusEvent> next_event();
  /// In the kernel: costs no processor time. A signal ends it too.
  bool wait(Instant until);

  /// Memory of the caller's own that each open function reaches, and each that is opened later: RegisteredMemory. It is read and written,
  /// whole pages are pinned, and mapping a range within it costs nothing. No other thread may map in it or unmap while it is unregistered.
  /// An open function without an IOMMU has it refused (unsupported) unless it is DPDK's and in one piece.
  Result<void> register_memory(std::span<std::byte> memory);
  Result<void> unregister_memory(std::span<std::byte> memory);

  /// What the last claim, open or registration that failed was refused for, in words for a user.
  const std::string& why() const { return why_; }

 private:
  struct Claimed {
    std::unique_ptr<FunctionClaim> claim;  ///< nullptr if the function could not be claimed again after close
    std::unique_ptr<PcieBackend> backend;  ///< ends before the claim
  };

  Answer<std::unique_ptr<FunctionClaim>> take(PciAddress address) const;
  Answer<std::unique_ptr<PcieBackend>> open_backend(PciAddress address, FunctionClaim& claim);
  void end_backend(Claimed& claimed);
  void claim_anew(PciAddress address, Claimed& claimed);
  tl::unexpected<Errc> fail_with(Refusal refusal);

  SysfsPci sysfs_;
  Uevents uevents_;
  RegisteredMemory<PcieBackend> registered_;
  std::map<PciAddress, Claimed> claimed_;
  std::string why_;
};
static_assert(CanWait<PcieBus>);

}  // namespace phasebit::hw
