// A machine whose kernel is a directory of files and a few lines: it binds drivers, keeps hugepages, and can die between any two writes.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "hw/machine.hpp"
#include "src/backend/bus.hpp"

namespace phasebit::hw {

/// A directory that goes with this object.
class FakeRoot {
 public:
  FakeRoot() {
    std::string name = (std::filesystem::temp_directory_path() / "phasebit-machine-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class FakeMachine : private FakeRoot, public Machine {
 public:
  /// What the process that writes meets when it is killed.
  struct Killed {};

  FakeMachine() : Machine(path()) {
    put("/sys/bus/pci/drivers_probe", "");
    put("/proc/self/mountinfo", "");
    put("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority");
    link("/proc/self/ns/mnt", "mnt:[1]");
  }

  void put(const std::string& file, const std::string& line) const {
    std::filesystem::create_directories(at(file).parent_path());
    std::ofstream(at(file)) << line << "\n";
  }
  void add_line(const std::string& file, const std::string& line) const { std::ofstream(at(file), std::ios::app) << line << "\n"; }
  void link(const std::string& file, const std::string& target) const {
    std::filesystem::create_directories(at(file).parent_path());
    std::filesystem::remove(at(file));
    std::filesystem::create_symlink(target, at(file));
  }

  void add_driver(const std::string& driver) const { put("/sys/bus/pci/drivers/" + driver + "/unbind", ""); }
  void add_function(const std::string& name, const std::string& class_code = "0x010802") const {
    for (const auto& [file, line] : std::map<std::string, std::string>{
             {"class", class_code}, {"vendor", "0x1b36"}, {"device", "0x0010"}, {"numa_node", "-1"}, {"driver_override", "(null)"}}) {
      put(function(name) + file, line);
    }
  }
  /// A function of class NVMe that the kernel's driver holds, with one namespace: 0000:01:00.0 is nvme1 with nvme1n1 of number 259:1.
  void add_drive(const std::string& name) {
    add_function(name);
    add_driver("nvme");
    give(name, "nvme");
  }
  void set_group(const std::string& name, const std::string& group) const {
    link(function(name) + "iommu_group", "../../../kernel/iommu_groups/" + group);
    put("/sys/kernel/iommu_groups/" + group + "/type", "DMA");
  }
  void add_partition(const std::string& device, const std::string& partition, const std::string& number) const {
    put("/sys/class/block/" + device + "/" + partition + "/partition", "1");
    put("/sys/class/block/" + partition + "/partition", "1");
    put("/sys/class/block/" + partition + "/dev", number);
    std::filesystem::create_directories(at("/sys/class/block/" + partition + "/holders"));
  }
  /// As a real root directory is, and unlike one that mkdtemp makes.
  void show_to_everybody() const {
    using std::filesystem::perms;
    std::filesystem::permissions(at("/"),
                                 perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec);
  }
  void open_in(const std::string& process, const std::string& program, const std::string& file) const {
    put("/proc/" + process + "/comm", program);
    link("/proc/" + process + "/fd/7", file);
  }
  void add_pool(std::optional<unsigned> node, const std::string& size, std::uint64_t total, std::uint64_t free) const {
    const auto folder = pool(node, size);
    put(folder + "nr_hugepages", std::to_string(total));
    put(folder + "free_hugepages", std::to_string(free));
    put(folder + "surplus_hugepages", "0");
    if (!node) {
      put(folder + "resv_hugepages", "1");
    }
  }
  static std::string pool(std::optional<unsigned> node, const std::string& size) {
    return (node ? "/sys/devices/system/node/node" + std::to_string(*node) + "/hugepages" : std::string("/sys/kernel/mm/hugepages")) +
           "/hugepages-" + size + "/";
  }
  static std::string function(const std::string& name) { return "/sys/bus/pci/devices/" + name + "/"; }

  std::string driver_of(const std::string& name) const {
    std::error_code error;
    return std::filesystem::read_symlink(at(function(name) + "driver"), error).filename().string();
  }
  std::string override_of(const std::string& name) const { return line_of(function(name) + "driver_override").value_or(""); }

  Answer<void> write(const std::string& file, std::string_view text) override {
    if (writes_left == 0) {
      throw Killed();
    }
    --writes_left;
    if (denied.contains(file)) {
      return refuse(Errc::permission_denied, file + ": cannot be written");
    }
    if (auto written = Machine::write(file, text); !written) {
      return written;
    }
    obey(file, std::string(text));
    return {};
  }
  std::optional<std::string> device_number(const std::string& file) const override {
    const auto known = devices.find(file);
    return known != devices.end() ? std::optional(known->second) : std::nullopt;
  }
  Answer<FileDescriptor> open_exclusively(const std::string& file) const override {
    if (on_open) {
      on_open();
    }
    const bool late = opens_left == 0;
    opens_left -= late ? 0 : 1;
    return late || opened.contains(file) ? Answer<FileDescriptor>(refuse(Errc::busy, file + ": cannot be opened: busy"))
                                         : Machine::open_exclusively(file);
  }

  std::uint64_t writes_left = ~std::uint64_t{0};
  mutable std::uint64_t opens_left = ~std::uint64_t{0};  ///< then somebody has every device for himself
  std::function<void()> on_open;                         ///< what happens meanwhile, whenever we open a device for ourselves
  std::map<std::string, std::string> devices;            ///< the numbers that files have
  std::set<std::string> held;                            ///< devices that we had open when a drive was taken from its driver
  std::set<std::string> denied;                          ///< files that cannot be written
  std::set<std::string> opened;                          ///< devices that somebody has for himself
  std::set<std::string> unwilling;                       ///< drivers that take no function
  std::uint64_t hugepages_max = 10'000;                  ///< of a pool

 private:
  void obey(const std::string& file, const std::string& text) {
    if (file.ends_with("/driver_override") && text == "\n") {
      put(file, "(null)");
    } else if (file.ends_with("/driver/unbind")) {
      look_at_own_files();
      take(text);
    } else if (file == "/sys/bus/pci/drivers_probe" && driver_of(text).empty()) {
      const auto wanted = override_of(text) == "(null)" ? "nvme" : override_of(text);
      if (has("/sys/bus/pci/drivers/" + wanted) && !unwilling.contains(wanted)) {
        give(text, wanted);
      }
    } else if (file.ends_with("/nr_hugepages")) {
      put(file, std::to_string(std::min<std::uint64_t>(std::stoull(text), hugepages_max)));
      settle(file, std::filesystem::path(file).parent_path().filename().string());
    }
  }
  /// The machine's count is the sum of its nodes': the first node takes what cannot be divided among them.
  void settle(const std::string& file, const std::string& size) const {
    const auto nodes = names_in("/sys/devices/system/node");
    const auto of_machine = "/sys/kernel/mm/hugepages/" + size + "/nr_hugepages";
    const auto of_node = [&](const std::string& node) {
      return "/sys/devices/system/node/" + node + "/hugepages/" + size + "/nr_hugepages";
    };
    std::uint64_t sum = 0;
    std::uint64_t left = number_in(of_machine).value_or(0);
    for (std::size_t i = nodes.size(); i > 0; --i) {
      if (file == of_machine) {
        put(of_node(nodes[i - 1]), std::to_string(i == 1 ? left : left / i));
        left -= left / i;
      }
      sum += number_in(of_node(nodes[i - 1])).value_or(0);
    }
    if (!nodes.empty()) {
      put(of_machine, std::to_string(sum));
    }
  }
  void give(const std::string& name, const std::string& driver) const {
    link(function(name) + "driver", at("/sys/bus/pci/drivers/" + driver).string());
    if (driver == "nvme") {
      const std::string number = std::to_string(std::stoi(name.substr(5, 2), nullptr, 16));
      const std::string device = "nvme" + number + "n1";
      put(function(name) + "nvme/nvme" + number + "/" + device + "/size", "8");
      put("/sys/class/block/" + device + "/dev", "259:" + number);
      std::filesystem::create_directories(at("/sys/class/block/" + device + "/holders"));
      put("/dev/" + device, "");
    }
  }
  void look_at_own_files() {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      const auto file = std::filesystem::read_symlink(entry.path(), error).string();
      if (file.starts_with(at("/dev/").string())) {
        held.insert(file.substr(at("/").string().size() - 1));
      }
    }
  }
  void take(const std::string& name) const {
    std::filesystem::remove(at(function(name) + "driver"));
    std::filesystem::remove_all(at(function(name) + "nvme"));
  }
};

class OnFakeMachine : public ::testing::Test {
 protected:
  static constexpr PciAddress drive{0, 1, 0, 0};
  const std::string drive_name = "0000:01:00.0";
  FakeMachine machine_;
};

}  // namespace phasebit::hw
