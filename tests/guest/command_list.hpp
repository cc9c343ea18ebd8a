// The list of commands that two drives are compared by.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/guest/listed_command.hpp"

namespace phasebit::guest {

/// What the list has to know of a drive for its values to lie just within and just beyond its limits.
struct DriveFacts {
  std::uint64_t blocks = 0;  ///< of namespace 1, of 512 bytes each
  std::uint64_t transfer_bytes_max = 0;
  std::uint32_t namespaces_max = 0;
  std::uint32_t queue_entries_max = 0;
  std::uint32_t io_queues = 0;  ///< granted
};

/// Every command with each of its fields in order and out of order, and then `draws` commands whose field and value the seed chooses. For a
/// drive whose I/O queue pair 1 is there and whose other queues are not. Equal arguments, equal list.
std::vector<ListedCommand> command_list(const DriveFacts& facts, std::uint64_t seed, std::uint32_t draws);

}  // namespace phasebit::guest
