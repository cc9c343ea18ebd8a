// The driver of each kind of drive that a verb can be given: the largest template of all, compiled once, in driver_instances.cpp.
#pragma once

#include "sim/world/emulated_backend.hpp"
#include "src/driver/make_any_driver.hpp"

#ifdef PHASEBIT_HW
#include "hw/granted_backend.hpp"
#include "hw/pcie_backend.hpp"
#endif

namespace phasebit::driver {

extern template tl::expected<AnyDriver*, Problem> make_driver(sim::EmulatedBackend&, const Options&, std::pmr::memory_resource*);

#ifdef PHASEBIT_HW
extern template tl::expected<AnyDriver*, Problem> make_driver(hw::PcieBackend&, const Options&, std::pmr::memory_resource*);
extern template tl::expected<AnyDriver*, Problem> make_driver(hw::GrantedBackend&, const Options&, std::pmr::memory_resource*);
#endif

}  // namespace phasebit::driver
