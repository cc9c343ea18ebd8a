#include "hw/vfio_device.hpp"

#include <rte_vfio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "hw/bar_range.hpp"
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

int make_event() {
  return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/// The first so many interrupts of this kind make the event happen; none of the kind does if it is 0. The kernel's answer: 0 for done, else
/// how many it could have had, or less than 0.
int set_interrupts(int descriptor, std::uint32_t index, std::uint32_t count, std::int32_t event) {
  vfio_irq_set head{};
  std::vector<std::byte> request(sizeof head + count * sizeof event);  // the head, then a descriptor for each
  head.argsz = static_cast<std::uint32_t>(request.size());
  head.flags = (count == 0 ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD) | VFIO_IRQ_SET_ACTION_TRIGGER;
  head.index = index;
  head.count = count;
  std::memcpy(request.data(), &head, sizeof head);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::memcpy(request.data() + sizeof head + i * sizeof event, &event, sizeof event);
  }
  return ioctl(descriptor, VFIO_DEVICE_SET_IRQS, request.data());
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
  if (auto ready = device->find_regions(); !ready) {
    return tl::unexpected(ready.error());
  }
  device->listen_for_removal();
  return device;
}

Answer<std::unique_ptr<VfioDevice>> VfioDevice::join(PciAddress address, FileDescriptor file) {
  std::unique_ptr<VfioDevice> device(new VfioDevice(address, file.number()));
  device->joined_ = std::move(file);
  if (auto ready = device->find_regions(); !ready) {
    return tl::unexpected(ready.error());
  }
  return device;
}

Answer<void> VfioDevice::find_regions() {
  return map_bar().and_then([this] { return find_config(); });
}

VfioDevice::~VfioDevice() {
  bar_.reset();
  memory_.reset();
  for (const int event : {interrupt_event_, removal_event_}) {
    if (event >= 0) {
      close(event);
    }
  }
  if (!joined_.is_open()) {
    rte_vfio_release_device(sysfs, text(address_).c_str(), descriptor_);
  }
}

Answer<void> VfioDevice::map_bar() {
  vfio_region_info region;
  if (!region_of(descriptor_, VFIO_PCI_BAR0_REGION_INDEX, region) || (region.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) {
    return refuse(Errc::unsupported, text(address_) + ": BAR0 is not memory that can be mapped");
  }
  return BarMapping::map(address_, descriptor_, region.offset, region.size).map([this](std::unique_ptr<BarMapping> bar) {
    bar_ = std::move(bar);
  });
}

Result<std::byte*> VfioDevice::map_memory(const BarRange& range) {
  vfio_region_info region;
  const bool can_be = range.bar < spec::pci::bars && region_of(descriptor_, VFIO_PCI_BAR0_REGION_INDEX + range.bar, region);
  if (!can_be || (region.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) {
    return fail(Errc::unsupported);
  }
  if (const auto refusal = refusal_of(range, range.bar == 0 ? bar_->bytes() : region.size)) {
    return fail(*refusal);
  }
  if (range.bar == 0) {
    return bar_->memory() + range.offset;
  }
  if (memory_ == nullptr || !(memory_range_ == range)) {
    memory_.reset();
    auto mapped = BarMapping::map(address_, descriptor_, region.offset + range.offset, range.bytes);
    if (!mapped) {
      return fail(mapped.error().error);
    }
    memory_ = std::move(*mapped);
    memory_range_ = range;
  }
  return memory_->memory();
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
  removal_event_ = make_event();
  if (removal_event_ >= 0 && set_interrupts(descriptor_, VFIO_PCI_REQ_IRQ_INDEX, 1, removal_event_) != 0) {
    close(removal_event_);
    removal_event_ = -1;
  }
}

std::uint32_t VfioDevice::enable_interrupts(std::uint32_t wanted) {
  vfio_irq_info info{};
  info.argsz = sizeof info;
  info.index = VFIO_PCI_MSIX_IRQ_INDEX;
  interrupt_event_ = interrupt_event_ < 0 ? make_event() : interrupt_event_;
  if (interrupt_event_ < 0 || ioctl(descriptor_, VFIO_DEVICE_GET_IRQ_INFO, &info) != 0) {
    return 0;
  }
  set_interrupts(descriptor_, info.index, 0, -1);  // those of an earlier driver may have been fewer
  std::uint32_t count = std::min(wanted, info.count);
  for (int answer = 1; count > 0; count = static_cast<std::uint32_t>(answer)) {
    answer = set_interrupts(descriptor_, info.index, count, interrupt_event_);
    if (answer == 0) {
      return count;
    }
    answer = answer < 0 || static_cast<std::uint32_t>(answer) >= count ? 0 : answer;
  }
  return 0;
}

bool VfioDevice::take(int event) {
  std::uint64_t times = 0;
  return event >= 0 && read(event, &times, sizeof times) == static_cast<ssize_t>(sizeof times);
}

std::uint32_t VfioDevice::config_read32(std::uint32_t offset) const {
  Le32 value;
  const auto bytes = pread(descriptor_, &value, sizeof value, static_cast<off_t>(config_offset_ + offset));
  return bytes == static_cast<ssize_t>(sizeof value) ? value.get() : ~0u;
}

void VfioDevice::config_write16(std::uint32_t offset, std::uint16_t value) {
  const Le16 stored = value;
  [[maybe_unused]] const auto bytes = pwrite(descriptor_, &stored, sizeof stored, static_cast<off_t>(config_offset_ + offset));
  if (offset == spec::pci::config::command) {
    bar_->renew_after(value);
    if (memory_ != nullptr) {
      memory_->renew_after(value);
    }
  }
}

}  // namespace phasebit::hw
