// A bus of model drives.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "src/backend/bus.hpp"
#include "tests/support/model_drive.hpp"

namespace phasebit::testing {

class ModelBus {
 public:
  using BackendType = ModelDrive;

  struct Slot {
    PciFunction function;
    std::unique_ptr<ModelDrive> drive;
    bool opens = true;
  };

  ModelDrive& add(std::uint8_t device, const ModelDriveOptions& options = {}, std::uint32_t class_code = 0x01'08'02) {
    Slot slot;
    slot.function.address = {0, 0, device, 0};
    slot.function.class_code = class_code;
    slot.function.vendor_id = options.vendor_id;
    slot.function.device_id = options.device_id;
    slot.drive = std::make_unique<ModelDrive>(options);
    slots[slot.function.address] = std::move(slot);
    return *slots[{0, 0, device, 0}].drive;
  }

  std::vector<PciFunction> enumerate() {
    std::vector<PciFunction> functions;
    for (const auto& [address, slot] : slots) {
      if (!slot.drive->gone) {
        functions.push_back(slot.function);
      }
    }
    return functions;
  }
  Result<void> claim(PciAddress address) {
    if (!claimed.insert(address).second) {
      return fail(Errc::busy);
    }
    return {};
  }
  void release(PciAddress address) { claimed.erase(address); }
  Result<ModelDrive*> open(PciAddress address) {
    Slot& slot = slots.at(address);
    if (!claimed.contains(address) || !slot.opens) {
      return fail(Errc::permission_denied);
    }
    opened.insert(address);
    return slot.drive.get();
  }
  void close(PciAddress address) { opened.erase(address); }
  std::optional<BusEvent> next_event() {
    if (events.empty()) {
      return std::nullopt;
    }
    const BusEvent event = events.front();
    events.pop_front();
    return event;
  }

  std::map<PciAddress, Slot> slots;
  std::set<PciAddress> claimed;
  std::set<PciAddress> opened;
  std::deque<BusEvent> events;
};
static_assert(Bus<ModelBus>);

}  // namespace phasebit::testing
