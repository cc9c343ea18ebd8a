// Whether somebody keeps something on a drive: partition tables, file systems, RAID members, volumes, swap.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "src/base/error.hpp"

namespace phasebit::cli {

/// How much of either end of a namespace is looked at: the signatures that libblkid knows lie there (the last of them, VMFS's, at 2 MiB).
inline constexpr std::uint64_t inspected_bytes = 4 << 20;

/// What lies on a namespace of `bytes` bytes in blocks of `block_bytes`, of which the first and the last bytes are given (they may
/// overlap); nothing if no signature is found. Names are libblkid's: gpt, ext4, linux_raid_member. Of NTFS and BitLocker the boot sector is
/// enough, for libblkid looks for more in their middle. Errors: environment if it cannot be
/// asked.
Result<std::optional<std::string>> existing_content(std::span<const std::byte> front, std::span<const std::byte> back, std::uint64_t bytes,
                                                    std::uint32_t block_bytes);

}  // namespace phasebit::cli
