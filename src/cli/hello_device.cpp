#include "src/cli/hello_device.hpp"

#include "src/cli/hello.hpp"

#ifdef PHASEBIT_HW
#include "hw/clock.hpp"
#include "hw/device_name.hpp"
#include "hw/environment.hpp"
#include "hw/pcie_bus.hpp"
#endif

namespace phasebit::cli {

#ifdef PHASEBIT_HW

namespace {

/// The machine's time; letting it pass is looking again.
struct MachineClock {
  Instant now() const { return hw::now(); }
  void pass(Instant) {}
};

scenarios::ExitCode say(scenarios::ExitCode code, const hw::Refusal& refusal) {
  fmt::print(stderr, "phasebit: {}\n", refusal.why);
  return code;
}

}  // namespace

scenarios::ExitCode hello_device(const std::string& device, const std::string& serial, bool write) {
  const hw::Answer<PciAddress> address = hw::parse_device_name(device);
  if (!address) {
    return say(scenarios::ExitCode::usage, address.error());
  }
  // Before DPDK starts: whoever names a wrong drive need not set up hugepages to hear of it.
  if (const auto group = hw::SysfsPci().group_to_open(*address); !group) {
    return say(scenarios::ExitCode::environment, group.error());
  }
  const auto environment = hw::Environment::start();
  if (!environment) {
    return say(scenarios::ExitCode::environment, environment.error());
  }
  hw::PcieBus bus;
  MachineClock clock;
  const scenarios::ExitCode code = Hello(bus, clock, HelloTarget{*address, serial, write}).run();
  if (code == scenarios::ExitCode::environment && !bus.why().empty()) {
    fmt::print(stderr, "phasebit: {}\n", bus.why());
  }
  return code;
}

#else

scenarios::ExitCode hello_device(const std::string&, const std::string&, bool) {
  fmt::print(stderr, "phasebit: this build has no PCIe backend; configure with -DPHASEBIT_HW=ON\n");
  return scenarios::ExitCode::environment;
}

#endif

}  // namespace phasebit::cli
