// The bus and one opened backend, for tests that run in the guest without a driver.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>

#include "hw/pcie_bus.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/registers.hpp"
#include "tests/guest/guest_drive.hpp"

namespace phasebit::hw {

/// A host in a few lines: an admin queue of two entries, one command at a time.
class AdminQueue {
 public:
  explicit AdminQueue(PcieBackend& backend) : backend_(backend), queues_(backend.allocate_dma(8192).value()) {
    backend_.config_write16(spec::pci::config::command, 0x406);  // memory and bus master on, INTx off
    backend_.write32(spec::offset::aqa, 1 << 16 | 1);
    backend_.write64(spec::offset::asq, queues_.iova.value);
    backend_.write64(spec::offset::acq, (queues_.iova + 4096).value);
    backend_.write32(spec::offset::cc, 4 << 20 | 6 << 16 | 1);
    while ((backend_.read32(spec::offset::csts) & 1) == 0) {
    }
  }
  AdminQueue(const AdminQueue&) = delete;
  AdminQueue& operator=(const AdminQueue&) = delete;
  ~AdminQueue() {
    if (abandoned_) {
      return;
    }
    backend_.write32(spec::offset::cc, 0);
    while ((backend_.read32(spec::offset::csts) & 1) != 0) {
    }
    backend_.free_dma(queues_);
  }

  /// As a process that ends in the middle: nothing is disabled, nothing given back.
  void abandon() { abandoned_ = true; }

  spec::Status run(spec::Sqe command) {
    auto* submission = reinterpret_cast<spec::Sqe*>(queues_.data);
    auto* completion = reinterpret_cast<const Le32*>(queues_.data + 4096);
    submission[done_ % 2] = command;
    backend_.write32(spec::offset::doorbells, (done_ + 1) % 2);
    const auto* entry = completion + std::size_t{4} * (done_ % 2);
    const bool phase_expected = (done_ / 2) % 2 == 0;
    spec::CqeDword3 dword3;
    do {
      dword3 = spec::CqeDword3{backend_.load_acquire32(entry[3])};
    } while (spec::phase_of(dword3) != phase_expected);
    ++done_;
    backend_.write32(spec::offset::doorbells + 4, done_ % 2);
    return spec::status_of(dword3);
  }

  spec::Status identify(Iova to) {
    auto command = spec::Identify{}.sqe();
    command.prp1 = to.value;
    return run(command);
  }

 private:
  PcieBackend& backend_;
  DmaRegion queues_;
  std::uint32_t done_ = 0;
  bool abandoned_ = false;
};

inline std::string serial_in(const std::byte* identify) {
  return std::string(reinterpret_cast<const char*>(identify) + 4, 20);
}

inline constexpr const char* serial = "phasebit-guest      ";

/// The next event of our drive; the root port and its other functions do not matter.
inline BusEvent::Kind next_kind(PcieBus& bus, PciAddress drive) {
  for (;;) {
    auto event = bus.next_event();
    if (event && event->address == drive) {
      return event->kind;
    }
  }
}

class OnTheBus : public ::testing::Test {
 protected:
  const PciAddress drive_ = guest_drive();
  PcieBus bus_;
};

class Opened : public OnTheBus {
 protected:
  Opened() {
    EXPECT_TRUE(bus_.claim(drive_).has_value()) << bus_.why();
    auto opened = bus_.open(drive_);
    EXPECT_TRUE(opened.has_value()) << bus_.why();
    backend_ = opened.value();
  }

  alignas(4096) std::array<std::byte, std::size_t{2} * 4096> buffer_{};
  PcieBackend* backend_ = nullptr;
};

}  // namespace phasebit::hw
