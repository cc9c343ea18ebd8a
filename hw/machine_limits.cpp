#include "hw/machine_limits.hpp"

#include <fcntl.h>
#include <mntent.h>
#include <rte_config.h>
#include <rte_eal.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

namespace phasebit::hw {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kib = 1024;

ProcessorSet permitted_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ProcessorSet processors;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (unsigned processor = 0; processor < processors_max; ++processor) {
      if (CPU_ISSET(processor, &allowed)) {
        processors.insert(processor);
      }
    }
  }
  return processors;
}

/// Of one size of hugepages; 0 for a size that the kernel does not have.
std::uint64_t hugepage_bytes_free(std::uint64_t page_bytes) {
  std::uint64_t pages = 0;
  std::ifstream("/sys/kernel/mm/hugepages/hugepages-" + std::to_string(page_bytes / kib) + "kB/free_hugepages") >> pages;
  return pages * page_bytes;
}

std::set<std::uint64_t> hugepage_sizes() {
  std::set<std::uint64_t> sizes;
  std::error_code error;
  for (fs::directory_iterator entry("/sys/kernel/mm/hugepages", error), end; !error && entry != end; entry.increment(error)) {
    std::uint64_t size_kib = 0;
    if (std::sscanf(entry->path().filename().c_str(), "hugepages-%lukB", &size_kib) == 1) {
      sizes.insert(size_kib * kib);
    }
  }
  return sizes;
}

/// The sizes for which a hugetlbfs is mounted: its blocks are its pages.
std::set<std::uint64_t> mounted_hugepage_sizes() {
  std::set<std::uint64_t> sizes;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> mounts(setmntent("/proc/self/mounts", "r"), endmntent);
  while (const mntent* const mount = mounts ? getmntent(mounts.get()) : nullptr) {
    struct statfs file_system {};
    if (std::string_view(mount->mnt_type) == "hugetlbfs" && statfs(mount->mnt_dir, &file_system) == 0) {
      sizes.insert(static_cast<std::uint64_t>(file_system.f_bsize));
    }
  }
  return sizes;
}

std::uint64_t bytes_free(const std::set<std::uint64_t>& page_sizes) {
  std::uint64_t bytes = 0;
  for (const std::uint64_t size : page_sizes) {
    bytes += hugepage_bytes_free(size);
  }
  return bytes;
}

std::uint64_t ordinary_bytes_free() {
  std::ifstream lines("/proc/meminfo");
  for (std::string line; std::getline(lines, line);) {
    std::uint64_t free_kib = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %lu kB", &free_kib) == 1) {
      return free_kib * kib;
    }
  }
  return 0;
}

/// Whether /proc/self/pagemap gives the frame of a page that is surely there; to the unprivileged it gives 0.
bool knows_physical_addresses() {
  constexpr std::uint64_t frame_mask = (1ull << 55) - 1;
  const std::uint64_t here = 1;
  const auto page = reinterpret_cast<std::uintptr_t>(&here) / static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  std::uint64_t entry = 0;
  const int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  const bool is_read = file >= 0 && pread(file, &entry, sizeof entry, static_cast<off_t>(page * sizeof entry)) == sizeof entry;
  close(file);
  return is_read && (entry & frame_mask) != 0;
}

std::uint64_t file_descriptors_free() {
  rlimit limit{};
  std::error_code error;
  const auto open_ones = std::distance(fs::directory_iterator("/proc/self/fd", error), fs::directory_iterator());
  const bool is_known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && !error;
  const auto used = static_cast<std::uint64_t>(open_ones);
  return is_known && limit.rlim_max > used ? limit.rlim_max - used : 0;
}

/// Where EAL has its files, as it finds the place itself.
fs::path runtime_directory() {
  for (const char* variable : {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"}) {
    const bool is_asked = getuid() != 0 || std::string_view(variable) == "RUNTIME_DIRECTORY";
    if (const char* directory = is_asked ? std::getenv(variable) : nullptr) {
      return directory;
    }
  }
  return getuid() == 0 ? "/var/run" : "/tmp";
}

bool has_primary(const EnvironmentOptions& options) {
  const std::string prefix = options.file_prefix.empty() ? std::string(default_file_prefix) : options.file_prefix;
  return rte_eal_primary_proc_alive((runtime_directory() / "dpdk" / prefix / "config").c_str()) == 1;
}

}  // namespace

MachineLimits read_machine_limits(const EnvironmentOptions& options) {
  MachineLimits machine;
  machine.processors = permitted_processors();
  machine.lcores_max = RTE_MAX_LCORE;
  machine.hugepage_bytes_free = bytes_free(hugepage_sizes());
  machine.hugetlbfs_bytes_free = bytes_free(mounted_hugepage_sizes());
  machine.ordinary_bytes_free = ordinary_bytes_free();
  machine.knows_physical_addresses = knows_physical_addresses();
  machine.has_primary = shares_memory(options) && has_primary(options);
  machine.file_descriptors_free = file_descriptors_free();
  return machine;
}

}  // namespace phasebit::hw
