#include "hw/vfio_device.hpp"

#include <rte_vfio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "hw/device_name.hpp"
#include "src/base/little_endian.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::hw {
namespace {

constexpr const char* sysfs = "/sys/bus/pci/devices";

bool region_of(int descriptor, std::uint32_t index, vfio_region_info& region) {
  region = {};
  region.argsz = sizeof region;
  region.index = index;
  return ioctl(descriptor, VFIO_DEVICE_GET_REGION_INFO, &region) == 0;
}

}  // namespace

Answer<std::unique_ptr<VfioDevice>> VfioDevice::open(PciAddress address) {
  int descriptor = -1;
  vfio_device_info info{};
  info.argsz = sizeof info;
  if (rte_vfio_setup_device(sysfs, text(address).c_str(), &descriptor, &info) != 0) {
    return refuse(Errc::environment, text(address) + ": VFIO does not open it");
  }
  std::unique_ptr<VfioDevice> device(new VfioDevice(address, descriptor));
  auto ready = device->map_bar().and_then([&] { return device->find_config(); });
  if (!ready) {
    return tl::unexpected(ready.error());
  }
  device->listen_for_removal();
  return device;
}

VfioDevice::~VfioDevice() {
  guard_.reset();
  if (bar_ != nullptr) {
    munmap(bar_, bar_bytes_);
  }
  if (removal_event_ >= 0) {
    close(removal_event_);
  }
  rte_vfio_release_device(sysfs, text(address_).c_str(), descriptor_);
}

Answer<void> VfioDevice::map_bar() {
  vfio_region_info region;
  if (!region_of(descriptor_, VFIO_PCI_BAR0_REGION_INDEX, region) || (region.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) {
    return refuse(Errc::unsupported, text(address_) + ": BAR0 is not memory that can be mapped");
  }
  void* memory = mmap(nullptr, region.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, static_cast<off_t>(region.offset));
  if (memory == MAP_FAILED) {
    return refuse(Errc::environment, text(address_) + ": BAR0 cannot be mapped");
  }
  bar_ = static_cast<std::byte*>(memory);
  bar_bytes_ = region.size;
  bar_offset_ = region.offset;
  return BusErrorGuard::watch({bar_, bar_bytes_}).map([this](std::unique_ptr<BusErrorGuard> guard) { guard_ = std::move(guard); });
}

void VfioDevice::map_bar_again() {
  if (mmap(bar_, bar_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptor_, static_cast<off_t>(bar_offset_)) != MAP_FAILED) {
    guard_->renew();
  }
}

Answer<void> VfioDevice::find_config() {
  vfio_region_info region;
  if (!region_of(descriptor_, VFIO_PCI_CONFIG_REGION_INDEX, region)) {
    return refuse(Errc::environment, text(address_) + ": VFIO shows no configuration space");
  }
  config_offset_ = region.offset;
  return {};
}

void VfioDevice::listen_for_removal() {
  removal_event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  const std::int32_t descriptor = removal_event_;
  vfio_irq_set head{};
  std::array<std::byte, sizeof head + sizeof descriptor> request;  // the head, then one descriptor
  head.argsz = sizeof request;
  head.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
  head.index = VFIO_PCI_REQ_IRQ_INDEX;
  head.count = 1;
  std::memcpy(request.data(), &head, sizeof head);
  std::memcpy(request.data() + sizeof head, &descriptor, sizeof descriptor);
  if (removal_event_ >= 0 && ioctl(descriptor_, VFIO_DEVICE_SET_IRQS, request.data()) != 0) {
    close(removal_event_);
    removal_event_ = -1;
  }
}

bool VfioDevice::removal_asked() {
  std::uint64_t times = 0;
  return removal_event_ >= 0 && read(removal_event_, &times, sizeof times) == static_cast<ssize_t>(sizeof times);
}

std::uint32_t VfioDevice::config_read32(std::uint32_t offset) const {
  Le32 value;
  const auto bytes = pread(descriptor_, &value, sizeof value, static_cast<off_t>(config_offset_ + offset));
  return bytes == static_cast<ssize_t>(sizeof value) ? value.get() : ~0u;
}

void VfioDevice::config_write16(std::uint32_t offset, std::uint16_t value) {
  const Le16 stored = value;
  [[maybe_unused]] const auto bytes = pwrite(descriptor_, &stored, sizeof stored, static_cast<off_t>(config_offset_ + offset));
  if (offset == spec::pci::config::command && spec::pci::Command{value}.get(spec::pci::Command::memory_space) && guard_->has_struck()) {
    map_bar_again();
  }
}

}  // namespace phasebit::hw
