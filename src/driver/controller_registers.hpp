// The controller's registers and the few bits of configuration space that the driver touches, as typed values.
#pragma once

#include <cstdint>
#include <optional>

#include "src/backend/backend.hpp"
#include "src/driver/recovery.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/register_units.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::driver {

/// 64-bit registers are accessed in halves, low first: some bridges and hypervisors get wider accesses wrong (Base 2.0 §3.1.3 allows both).
template <Backend B>
class ControllerRegisters {
 public:
  explicit ControllerRegisters(B& backend) : backend_(backend) {}

  spec::Cap capabilities() { return spec::Cap{read64(spec::offset::cap)}; }
  spec::Vs version() { return spec::Vs{backend_.read32(spec::offset::vs)}; }
  spec::Crto ready_timeouts() { return spec::Crto{backend_.read32(spec::offset::crto)}; }
  spec::Cc configuration() { return spec::Cc{backend_.read32(spec::offset::cc)}; }
  void set_configuration(spec::Cc cc) { backend_.write32(spec::offset::cc, cc.raw); }

  /// Empty if all ones was read: no controller says that.
  std::optional<spec::Csts> status() {
    const std::uint32_t raw = backend_.read32(spec::offset::csts);
    return raw == spec::all_ones32 ? std::nullopt : std::optional(spec::Csts{raw});
  }

  /// Only while CC.EN is 0 (§3.1.3.8).
  void set_admin_queues(spec::Aqa attributes, Iova submission, Iova completion) {
    backend_.write32(spec::offset::aqa, attributes.raw);
    write64(spec::offset::asq, submission.value);
    write64(spec::offset::acq, completion.value);
  }

  // The controller memory buffer, where CAP.CMBS says that there is one (§3.1.3.11 to §3.1.3.15).

  /// Makes CMBLOC and CMBSZ tell, and leaves all else of CMBMSC as it was found. False, and nothing was written, if it read as all ones.
  bool show_controller_memory() {
    const std::uint32_t found = backend_.read32(spec::offset::cmbmsc);
    const bool is_shown = spec::Cmbmsc{found}.get(spec::Cmbmsc::cre);
    if (!is_shown) {
      backend_.write32(spec::offset::cmbmsc, static_cast<std::uint32_t>(spec::Cmbmsc{found}.with(spec::Cmbmsc::cre, true).raw));
    }
    return found != spec::all_ones32;
  }
  spec::Cmbloc controller_memory_location() { return spec::Cmbloc{backend_.read32(spec::offset::cmbloc)}; }
  spec::Cmbsz controller_memory_size() { return spec::Cmbsz{backend_.read32(spec::offset::cmbsz)}; }

  /// What came of giving the controller's memory its addresses.
  enum class Placed : std::uint8_t {
    there,
    refused,  ///< CMBSTS says that the addresses are not valid
    silent,   ///< all ones was read: no register may be written now
  };
  /// Only while the controller is stopped. The half that enables comes last.
  Placed place_controller_memory(Iova base) {
    const std::uint64_t placed = spec::cmb_at(base).raw;
    backend_.write32(spec::offset::cmbmsc + 4, static_cast<std::uint32_t>(placed >> 32));
    backend_.write32(spec::offset::cmbmsc, static_cast<std::uint32_t>(placed));
    const spec::Cmbsts status{backend_.read32(spec::offset::cmbsts)};
    if (status.raw == spec::all_ones32) {
      return Placed::silent;
    }
    return status.get(spec::Cmbsts::cbai) ? Placed::refused : Placed::there;
  }

  /// Vendor in bits 15:0, device in 31:16.
  std::uint32_t identifiers() { return backend_.config_read32(spec::pci::config::vendor_id); }

  /// What configuration space says of the function. The class code is looked at because some hosts invent a vendor ID.
  ConfigSpace presence() {
    if (backend_.config_read32(spec::pci::config::revision_id) >> 8 != spec::pci::class_code_nvme) {
      return ConfigSpace::silent;
    }
    return command().get(spec::pci::Command::memory_space) ? ConfigSpace::answers : ConfigSpace::answers_undecoded;
  }

  /// Memory space on, INTx off; bus mastering stays as it is until the controller was stopped once.
  void open() { set_command(true, command().get(spec::pci::Command::bus_master)); }

  spec::pci::Command command() {
    return spec::pci::Command{static_cast<std::uint16_t>(backend_.config_read32(spec::pci::config::command))};
  }
  /// Memory space and bus mastering on or off; INTx off. Writes only what is not so already.
  void set_command(bool memory_space, bool bus_master) {
    const spec::pci::Command is = command();
    const spec::pci::Command wanted = is.with(spec::pci::Command::memory_space, memory_space)
                                          .with(spec::pci::Command::bus_master, bus_master)
                                          .with(spec::pci::Command::intx_disable, true);
    if (is != wanted) {
      backend_.config_write16(spec::pci::config::command, wanted.raw);
    }
  }
  /// Read back: true if the device can no longer reach memory.
  bool bus_master_is_off() { return !command().get(spec::pci::Command::bus_master); }

 private:
  std::uint64_t read64(std::uint32_t offset) {
    const std::uint64_t low = backend_.read32(offset);
    return low | static_cast<std::uint64_t>(backend_.read32(offset + 4)) << 32;
  }
  void write64(std::uint32_t offset, std::uint64_t value) {
    backend_.write32(offset, static_cast<std::uint32_t>(value));
    backend_.write32(offset + 4, static_cast<std::uint32_t>(value >> 32));
  }

  B& backend_;
};

}  // namespace phasebit::driver
