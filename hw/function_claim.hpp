// A function that this process has for itself, and how it is opened.
#pragma once

#include <memory>

#include "hw/dma_domain.hpp"
#include "hw/find_device.hpp"
#include "hw/opened_function.hpp"
#include "hw/refusal.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// The two sides of an open function. The domain ends after the function.
struct FunctionParts {
  std::unique_ptr<DmaDomain> domain;
  std::unique_ptr<OpenedFunction> function;
};

/// No other process can have the function, as far as the kernel can see to that, until the claim ends. What was opened ends before it.
class FunctionClaim {
 public:
  FunctionClaim() = default;
  FunctionClaim(const FunctionClaim&) = delete;
  FunctionClaim& operator=(const FunctionClaim&) = delete;
  virtual ~FunctionClaim() = default;

  /// Once for each claim. Errors: what the kernel says to it.
  virtual Answer<FunctionParts> open() = 0;
};

/// Claims a function in the way that is open to us. Errors: busy if another process has it; permission_denied; environment, also if DPDK
/// does not run as this way needs it.
Answer<std::unique_ptr<FunctionClaim>> claim_function(PciAddress address, const FunctionAccess& access);

}  // namespace phasebit::hw
