#include "tests/support/two_processes.hpp"

namespace phasebit::driver {

template tl::expected<AnyDriver*, Problem> make_driver(testing::PrimaryBackend&, const Options&, std::pmr::memory_resource*);
template tl::expected<AnyDriver*, Problem> make_driver(testing::SecondaryBackend&, const Options&, std::pmr::memory_resource*);

}  // namespace phasebit::driver
