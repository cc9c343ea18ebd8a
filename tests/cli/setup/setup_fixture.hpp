// A machine with two drives, an IOMMU and hugepages on two nodes, and what the verbs of setup say on it.
#pragma once

#include <functional>
#include <sstream>

#include "scenarios/engine/exit_code.hpp"
#include "src/cli/setup_bind.hpp"
#include "src/cli/setup_hugepages.hpp"
#include "src/cli/setup_record.hpp"
#include "src/cli/setup_reset.hpp"
#include "tests/support/fake_machine.hpp"

namespace phasebit::cli {

using hw::FakeMachine;

struct Said {
  ExitCode code = ExitCode::clean;
  std::string out;
  std::string err;
};

inline Said listen(const std::function<ExitCode()>& verb) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const ExitCode code = verb();
  const std::string out = testing::internal::GetCapturedStdout();
  return {code, out, testing::internal::GetCapturedStderr()};
}

class OnSetup : public hw::OnFakeMachine {
 protected:
  static constexpr const char* first = "0000:01:00.0";
  static constexpr const char* second = "0000:02:00.0";

  OnSetup() { furnish(machine_); }

  static void furnish(FakeMachine& machine) {
    machine.add_drive(first);
    machine.add_drive(second);
    machine.add_function("0000:00:1f.0", "0x060100");
    machine.set_group(first, "5");
    machine.set_group(second, "6");
    machine.add_driver("vfio-pci");
    machine.add_driver("uio_pci_generic");
    machine.put("/dev/vfio/5", "");
    machine.put("/dev/vfio/6", "");
    machine.add_pool(std::nullopt, "2048kB", 64, 60);
    machine.add_pool(0, "2048kB", 40, 36);
    machine.add_pool(1, "2048kB", 24, 24);
  }

  Said bind(const std::vector<std::string>& devices = {}, const std::string& driver = "") {
    return listen([&] { return bind_drives(machine_, devices, driver); });
  }
  Said unbind(const std::vector<std::string>& devices) {
    return listen([&] { return unbind_drives(machine_, devices); });
  }
  Said hugepages(std::uint64_t count, std::optional<unsigned> node = std::nullopt) {
    return listen([&] { return change_hugepages(machine_, {count, 2 << 20, node}); });
  }
  Said reset() {
    return listen([&] { return reset_setup(machine_); });
  }
  void mount(const std::string& device) const {
    machine_.add_line("/proc/self/mountinfo", "36 25 0:31 / /mnt rw - ext4 /dev/" + device + " rw");
  }
  void unmount_all() const { machine_.put("/proc/self/mountinfo", ""); }

  /// Drivers, overrides and counts, in a line.
  static std::string state_of(const FakeMachine& machine) {
    std::ostringstream state;
    for (const char* name : {first, second}) {
      state << machine.driver_of(name) << ' ' << machine.override_of(name) << ' ';
    }
    for (const std::optional<unsigned> node : {std::optional<unsigned>(), std::optional(0u), std::optional(1u)}) {
      state << machine.line_of(FakeMachine::pool(node, "2048kB") + "nr_hugepages").value_or("none") << ' ';
    }
    return state.str();
  }
  std::string state() const { return state_of(machine_); }

  static constexpr const char* untouched = "nvme (null) nvme (null) 64 40 24 ";
};

}  // namespace phasebit::cli
