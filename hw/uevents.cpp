#include "hw/uevents.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "hw/device_name.hpp"

namespace phasebit::hw {
namespace {

constexpr unsigned kernel_group = 1;  ///< the kernel's own messages; udev sends its to group 2

int listen_to_kernel() {
  const int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kernel_group;
  if (descriptor >= 0 && bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

}  // namespace

std::optional<BusEvent> parse_uevent(std::string_view message) {
  std::optional<BusEvent::Kind> kind;
  std::optional<PciAddress> address;
  bool pci = false;
  bool bound = false;  // to a driver, which need not be one that lets us have it
  bool is_ours = false;
  while (!message.empty()) {
    const auto line = message.substr(0, message.find('\0'));
    message.remove_prefix(line.size() < message.size() ? line.size() + 1 : line.size());
    if (line == "ACTION=add") {
      kind = BusEvent::Kind::added;
    } else if (line == "ACTION=bind") {
      bound = true;
    } else if (line == "DRIVER=vfio-pci" || line == "DRIVER=uio_pci_generic") {
      is_ours = true;
    } else if (line == "ACTION=remove") {
      kind = BusEvent::Kind::removed;
    } else if (line == "SUBSYSTEM=pci") {
      pci = true;
    } else if (line.starts_with("PCI_SLOT_NAME=")) {
      const auto named = parse_device_name(line.substr(line.find('=') + 1));
      address = named ? std::optional(*named) : std::nullopt;
    }
  }
  if (bound && is_ours) {
    kind = BusEvent::Kind::added;  // what came without a driver can be claimed now
  }
  return pci && kind && address ? std::optional(BusEvent{*kind, *address}) : std::nullopt;
}

Uevents::Uevents() : socket_(listen_to_kernel()) {}

Uevents::~Uevents() {
  if (socket_ >= 0) {
    close(socket_);
  }
}

std::optional<BusEvent> Uevents::next() {
  std::array<char, 8192> message;
  while (socket_ >= 0) {
    const auto bytes = recv(socket_, message.data(), message.size(), 0);
    if (bytes < 0 && errno != ENOBUFS) {  // ENOBUFS: some were lost, those that follow are good
      return std::nullopt;
    }
    if (auto event = parse_uevent({message.data(), bytes < 0 ? 0 : static_cast<std::size_t>(bytes)})) {
      return event;
    }
  }
  return std::nullopt;
}

}  // namespace phasebit::hw
