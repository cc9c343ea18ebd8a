#include "tests/hw/eal/hugepages.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace phasebit::hw {
namespace {

const std::string pages_of_2_mib = "/sys/kernel/mm/hugepages/hugepages-2048kB/";

std::uint64_t read_count(const std::string& name) {
  std::uint64_t count = 0;
  std::ifstream(pages_of_2_mib + name) >> count;
  return count;
}

void write_total(std::uint64_t count) {
  std::ofstream(pages_of_2_mib + "nr_hugepages") << count << std::flush;
}

}  // namespace

Hugepages::Hugepages(std::uint64_t pages) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "phasebit-hugepages.lock";
  lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0 || flock(lock_, LOCK_EX) != 0) {
    why_not_ = file.string() + " cannot be locked";
    return;
  }
  if (const std::uint64_t free = read_count("free_hugepages"); free < pages) {
    total_before_ = read_count("nr_hugepages");
    is_changed_ = true;
    write_total(total_before_ + pages - free);
  }
  if (read_count("free_hugepages") < pages) {
    why_not_ = "there are too few hugepages, and this process cannot make the kernel set " + std::to_string(pages) + " aside";
  }
}

Hugepages::~Hugepages() {
  if (is_changed_) {
    write_total(total_before_);
  }
  close(lock_);
}

}  // namespace phasebit::hw
