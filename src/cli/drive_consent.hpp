// What a user has said of a drive before it may be written to, and whether that is enough.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/cli/existing_content.hpp"
#include "src/cli/output.hpp"
#include "src/cli/session.hpp"
#include "src/spec/opcodes.hpp"

namespace phasebit::cli {

/// A real drive is only read, unless its user says that it may be overwritten and which one he means.
struct DriveConsent {
  bool destructive = false;
  std::string serial;   ///< that it must have; empty: any
  bool i_know = false;  ///< overwrite even what has a partition table or a file system
};

/// What is wrong with the flags themselves; nothing if they fit together. `device` is empty for the emulated drive.
std::optional<std::string> wrong_consent(const DriveConsent& consent, const std::string& device);

/// What is wrong with the drive itself; nothing if it is the one that the user means.
std::optional<std::string> is_another(const driver::AnyDriver& driver, const DriveConsent& consent);

/// A drive as it was when its user's consent was looked at: what was found holds for this one and for these namespaces.
struct KnownDrive {
  std::string serial;
  std::string model;
  std::vector<driver::Namespace> namespaces;
};
KnownDrive known(const driver::AnyDriver& driver);

/// What is wrong with a drive that is attached again; nothing if it is the one that is known.
std::optional<std::string> is_another(const driver::AnyDriver& driver, const KnownDrive& known);

/// As much memory as is read at once of what is on a drive; a block, if that is larger.
inline std::uint64_t inspection_bytes(const driver::Namespace& space) {
  return std::max<std::uint64_t>(256 << 10, space.block_bytes);
}

/// Reads whole blocks from `first` on into `into`, through `memory`.
template <class S>
bool read_blocks(S& session, const driver::Namespace& space, std::uint64_t first, std::span<std::byte> into, const DmaRegion& memory) {
  for (std::uint64_t done = 0; done < into.size();) {
    const DmaRegion part =
        memory.slice(0, std::min<std::uint64_t>(memory.bytes / space.block_bytes * space.block_bytes, into.size() - done));
    driver::Operation operation;
    operation.opcode = spec::NvmOpcode::read;
    operation.nsid = space.nsid;
    operation.lba = Lba{first + done / space.block_bytes};
    operation.blocks = part.bytes / space.block_bytes;
    operation.buffers = {&part, 1};
    const Result<driver::OperationResult> result = session.io(operation);
    if (!result || result->outcome != driver::Outcome::ok) {
      return false;
    }
    std::ranges::copy(part.span(), into.begin() + static_cast<std::ptrdiff_t>(done));
    done += part.bytes;
  }
  return true;
}

/// Why an attached drive with an open channel may not be written to; nothing if it may. A drive that cannot be read where signatures lie
/// may not be either, unless its user knows.
template <class S>
std::optional<std::string> forbids_writing(S& session, const driver::Namespace& space, const DriveConsent& consent) {
  if (!consent.destructive) {
    return "the drive is only read without --destructive";
  }
  if (consent.i_know) {
    return std::nullopt;
  }
  const std::uint64_t capacity = space.blocks * space.block_bytes;
  const std::uint64_t bytes = std::min(capacity, inspected_bytes / space.block_bytes * space.block_bytes);
  const Result<DmaRegion> memory = session.backend().allocate_dma(inspection_bytes(space));
  if (!memory) {
    return "there is no memory to look at what is on it";
  }
  std::vector<std::byte> front(bytes);
  std::vector<std::byte> back(bytes);
  const bool readable = read_blocks(session, space, 0, front, *memory) &&
                        read_blocks(session, space, space.blocks - bytes / space.block_bytes, back, *memory);
  const auto content =
      readable ? existing_content(front, back, capacity, space.block_bytes) : Result<std::optional<std::string>>(fail(Errc::device_failed));
  session.backend().free_dma(*memory);
  if (!content) {
    return "its ends, where a file system would show, cannot be looked at; --i-know overwrites it nevertheless";
  }
  return *content ? std::optional("there is " + **content + " on it; --i-know overwrites it nevertheless") : std::nullopt;
}

}  // namespace phasebit::cli
