// Registers that read as all ones although the function is there: what a dead link looks like to loads, without any fault.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "hw/device_name.hpp"
#include "hw/file_descriptor.hpp"
#include "src/spec/pci.hpp"
#include "tests/guest/guest_drive.hpp"
#include "tests/guest/on_qemu.hpp"
#include "tests/guest/read_load.hpp"

namespace phasebit::driver {
namespace {

namespace fs = std::filesystem;

/// First and last address of the drive's BAR0.
struct BarPlace {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
BarPlace bar_of(PciAddress drive) {
  BarPlace place;
  std::ifstream("/sys/bus/pci/devices/" + hw::text(drive) + "/resource") >> std::hex >> place.first >> place.last;
  return place;
}

/// QEMU's ivshmem (run-in-guest --ones), whose memory of FFh is laid over the drive's registers: loads find it first, stores are lost. Ends
/// with this.
class Ones {
 public:
  Ones() {
    for (const auto& entry : fs::directory_iterator("/sys/bus/pci/devices")) {
      std::string vendor;
      std::string device;
      std::ifstream(entry.path() / "vendor") >> vendor;
      std::ifstream(entry.path() / "device") >> device;
      if (vendor == "0x1af4" && device == "0x1110") {
        config_ = hw::FileDescriptor(open((entry.path() / "config").c_str(), O_RDWR | O_CLOEXEC));
      }
    }
  }
  Ones(const Ones&) = delete;
  Ones& operator=(const Ones&) = delete;
  ~Ones() { lift(); }

  bool are_there() const { return config_.is_open(); }
  void cover(std::uint64_t address) {
    write(bar2, static_cast<std::uint32_t>(address));
    write(bar2 + 4, static_cast<std::uint32_t>(address >> 32));
    write(spec::pci::config::command, std::uint16_t{2});
  }
  void lift() { write(spec::pci::config::command, std::uint16_t{0}); }

 private:
  static constexpr off_t bar2 = 0x18;

  template <class T>
  void write(off_t offset, T value) {
    EXPECT_EQ(static_cast<ssize_t>(sizeof value), pwrite(config_.number(), &value, sizeof value, offset));
  }

  hw::FileDescriptor config_;
};

TEST_F(OnQemu, registers_of_all_ones_are_those_of_a_drive_that_is_gone_and_it_can_be_attached_anew) {
  Ones ones;
  ASSERT_TRUE(ones.are_there()) << "run-in-guest --ones";
  const BarPlace bar = bar_of(hw::guest_drive());
  ASSERT_EQ(bar.last - bar.first + 1, 16384u) << "as many bytes as run-in-guest makes ones";
  const auto channel = make_channel({.operations_max = ReadLoad::reads_max});
  const auto pool = memory(ReadLoad::reads_max * ReadLoad::read_bytes);
  ReadLoad load(pool);
  load.submit(*driver_, channel);
  EXPECT_EQ(ReadLoad::reads_max, load.out());
  ones.cover(bar.first);
  EXPECT_EQ(spec::all_ones64, backend_->read64(spec::offset::cap));
  EXPECT_EQ(spec::all_ones32, backend_->read32(spec::offset::csts));
  backend_->write32(spec::offset::cc, 0);
  EXPECT_NE(spec::all_ones32, backend_->config_read32(spec::pci::config::revision_id)) << "the function itself is there";
  const Instant begin = hw::now();
  poll_until([&] {
    load.submit(*driver_, channel);
    return load.reap(*driver_, channel) && is_over();
  });
  EXPECT_LT(hw::now() - begin, seconds(60));
  EXPECT_EQ(State::gone, driver_->state()) << driver_->failure_text();
  driver_->destroy();
  driver_ = nullptr;

  ones.lift();
  EXPECT_NE(0u, backend_->read32(spec::offset::cc)) << "no store came through";
  attach({});
  const auto block = pool.slice(0, 512);
  EXPECT_TRUE(is_ok(run(make_channel(), Operation{.opcode = NvmOpcode::read, .blocks = 1, .buffers = {&block, 1}})));
}

}  // namespace
}  // namespace phasebit::driver
