#include "src/cli/driver_instances.hpp"

namespace phasebit::driver {

template tl::expected<AnyDriver*, Problem> make_driver(sim::EmulatedBackend&, const Options&, std::pmr::memory_resource*);

#ifdef PHASEBIT_HW
template tl::expected<AnyDriver*, Problem> make_driver(hw::PcieBackend&, const Options&, std::pmr::memory_resource*);
template tl::expected<AnyDriver*, Problem> make_driver(hw::GrantedBackend&, const Options&, std::pmr::memory_resource*);
#endif

}  // namespace phasebit::driver
