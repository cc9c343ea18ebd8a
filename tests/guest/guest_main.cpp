// usage: PROGRAM ADDRESS [--adopt] [GoogleTest options]
// Exit code 1 too if no test was to be run. --adopt: EAL is initialised by the program itself, as an application of DPDK's does, and only
// then taken over.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "hw/device_name.hpp"
#include "hw/environment.hpp"
#include "hw/environment_rules.hpp"
#include "hw/find_device.hpp"
#include "tests/guest/guest_drive.hpp"
#include "tests/hw/eal/real_eal.hpp"

namespace phasebit::hw {
namespace {

PciAddress drive;

/// As the drive needs it. A drive that cannot be had is the tests' own affair.
EnvironmentOptions options_for(PciAddress address) {
  const auto access = SysfsPci().access_to(address);
  return access && !access->is_behind_iommu() ? with_physical_addresses({}).value() : EnvironmentOptions();
}

Answer<std::unique_ptr<Environment>> adopt_own() {
  if (!initialise_eal({"-l", "0", "--in-memory", "--no-telemetry", "--log-level=error"})) {
    return refuse(Errc::environment, "rte_eal_init failed");
  }
  return Environment::adopt();
}

int run(int count, char** words) {
  ::testing::InitGoogleTest(&count, words);
  const bool adopts = count > 2 && std::string_view(words[2]) == "--adopt";
  const auto address = parse_device_name(count > 1 ? words[1] : "");
  const auto environment =
      address.and_then([&](PciAddress named) { return adopts ? adopt_own() : Environment::start(options_for(named)); });
  if (!environment) {
    std::fputs((environment.error().why + "\n").c_str(), stderr);
    return 5;
  }
  drive = *address;
  const int code = RUN_ALL_TESTS();
  if (::testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::fputs("the filter matches no test\n", stderr);
    return 1;
  }
  return code;
}

}  // namespace

PciAddress guest_drive() {
  return drive;
}

}  // namespace phasebit::hw

int main(int count, char** words) {
  return phasebit::hw::run(count, words);
}
