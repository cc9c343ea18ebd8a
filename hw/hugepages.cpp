#include "hw/hugepages.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <tuple>

namespace phasebit::hw {
namespace {

constexpr std::string_view machine_folder = "/sys/kernel/mm/hugepages";
constexpr std::string_view nodes_folder = "/sys/devices/system/node";

/// PREFIX, a decimal number, SUFFIX, as hugepages-2048kB and node0.
std::optional<std::uint64_t> number_between(std::string_view prefix, std::string_view name, std::string_view suffix) {
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) {
    return std::nullopt;
  }
  const auto digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

std::string sizes_folder(std::optional<unsigned> node) {
  return node ? std::string(nodes_folder) + "/node" + std::to_string(*node) + "/hugepages" : std::string(machine_folder);
}

std::string pool_folder(std::uint64_t page_bytes, std::optional<unsigned> node) {
  return sizes_folder(node) + "/hugepages-" + std::to_string(page_bytes / 1024) + "kB";
}

HugepagePool read_pool(const Machine& machine, std::uint64_t page_bytes, std::optional<unsigned> node) {
  const auto folder = pool_folder(page_bytes, node);
  return {page_bytes,
          node,
          machine.number_in(folder + "/nr_hugepages").value_or(0),
          machine.number_in(folder + "/free_hugepages").value_or(0),
          machine.number_in(folder + "/surplus_hugepages").value_or(0),
          machine.number_in(folder + "/resv_hugepages")};
}

void add_pools(const Machine& machine, std::optional<unsigned> node, std::vector<HugepagePool>& pools) {
  for (const auto& name : machine.names_in(sizes_folder(node))) {
    if (const auto kib = number_between("hugepages-", name, "kB")) {
      pools.push_back(read_pool(machine, *kib * 1024, node));
    }
  }
}

std::string pool_name(std::uint64_t page_bytes, std::optional<unsigned> node) {
  return page_size_text(page_bytes) + (node ? " on node " + std::to_string(*node) : std::string());
}

/// The machine's, or if a node was asked for the nodes'.
std::string known_pools(const Machine& machine, bool of_nodes) {
  std::string names;
  for (const auto& pool : hugepage_pools(machine)) {
    if (pool.node.has_value() == of_nodes) {
      names += (names.empty() ? "there are " : ", ") + pool_name(pool.page_bytes, pool.node);
    }
  }
  return names.empty() ? "this kernel has none at all" : names;
}

}  // namespace

std::string page_size_text(std::uint64_t page_bytes) {
  std::uint64_t number = page_bytes >> 10;
  std::size_t unit = 0;
  for (; number % 1024 == 0 && number != 0 && unit < 2; number /= 1024) {
    ++unit;
  }
  return std::to_string(number) + "KMG"[unit];
}

std::vector<HugepagePool> hugepage_pools(const Machine& machine) {
  std::vector<HugepagePool> pools;
  add_pools(machine, std::nullopt, pools);
  for (const auto& name : machine.names_in(nodes_folder)) {
    if (const auto node = number_between("node", name, "")) {
      add_pools(machine, static_cast<unsigned>(*node), pools);
    }
  }
  std::sort(pools.begin(), pools.end(),
            [](const HugepagePool& a, const HugepagePool& b) { return std::tie(a.page_bytes, a.node) < std::tie(b.page_bytes, b.node); });
  return pools;
}

Answer<HugepagePool> hugepage_pool(const Machine& machine, std::uint64_t page_bytes, std::optional<unsigned> node) {
  for (const auto& pool : hugepage_pools(machine)) {
    if (pool.page_bytes == page_bytes && pool.node == node) {
      return pool;
    }
  }
  return refuse(Errc::not_found, "no hugepages of " + pool_name(page_bytes, node) + ": " + known_pools(machine, node.has_value()));
}

Answer<void> set_hugepages(Machine& machine, std::uint64_t page_bytes, std::optional<unsigned> node, std::uint64_t count) {
  const auto before = hugepage_pool(machine, page_bytes, node);
  if (!before) {
    return tl::unexpected(before.error());
  }
  const auto file = pool_folder(page_bytes, node) + "/nr_hugepages";
  if (auto written = machine.write(file, std::to_string(count)); !written) {
    return written;
  }
  const auto given = read_pool(machine, page_bytes, node).count();
  if (given == count) {
    return {};
  }
  auto put_back = machine.write(file, std::to_string(before->count()));
  return put_back.and_then([&] {
    return Answer<void>(refuse(Errc::out_of_memory, "of " + std::to_string(count) + " hugepages of " + pool_name(page_bytes, node) +
                                                        " the kernel could give " + std::to_string(given) +
                                                        ": memory is short or in pieces; they are " + std::to_string(before->count()) +
                                                        " again, as before"));
  });
}

}  // namespace phasebit::hw
