#include "sim/memory/dma_port.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace phasebit::sim {
namespace {

constexpr std::uint64_t all_bytes = ~0ull;

/// How much of a burst really happens.
std::uint64_t bytes_kept(const FiredFaults& fired, std::uint64_t bytes) {
  if (fired.has(Verb::lose)) {
    return 0;
  }
  const Fault* tear = fired.find(Verb::tear);
  return tear == nullptr ? all_bytes : std::min(tear->value != 0 ? tear->value : bytes / 2, bytes);
}

/// What the byte in the middle of the burst is XORed with; 0 if nothing corrupts it.
std::byte corruption(const FiredFaults& fired) {
  const Fault* corrupt = fired.find(Verb::corrupt);
  const auto mask = static_cast<std::uint8_t>(corrupt == nullptr ? 0 : corrupt->value);
  return static_cast<std::byte>(corrupt != nullptr && mask == 0 ? 0xff : mask);
}

}  // namespace

Iommu::Translation DmaPort::translate(Iova iova, DmaDirection direction) const {
  if (is_own(iova)) {
    const std::span<std::byte> own = own_->at(iova);
    return {DmaFault::none, own.data(), own.size()};
  }
  return bus_master_ ? iommu_.translate(iova, direction) : Iommu::Translation{DmaFault::bus_master_off, nullptr, 0};
}

template <class Move>
DmaFault DmaPort::for_each_piece(Iova iova, std::uint64_t bytes, DmaDirection direction, Move move) {
  std::uint64_t done = 0;
  while (done < bytes) {
    const Iommu::Translation piece = translate(iova + done, direction);
    if (piece.fault != DmaFault::none) {
      return piece.fault;
    }
    const std::uint64_t piece_bytes = std::min(piece.bytes, bytes - done);
    move(piece.host, done, piece_bytes);
    done += piece_bytes;
  }
  return DmaFault::none;
}

bool DmaPort::read(Iova iova, std::span<std::byte> to, DmaContext context) {
  const FiredFaults fired = ask(iova, to.size(), DmaDirection::from_host, context);
  const std::uint64_t kept = bytes_kept(fired, to.size());
  const DmaFault fault =
      for_each_piece(iova, to.size(), DmaDirection::from_host, [&](const std::byte* host, std::uint64_t done, std::uint64_t bytes) {
        if (done < kept) {
          std::memcpy(to.data() + done, host, std::min(bytes, kept - done));
        }
      });
  if (fault == DmaFault::none && !to.empty()) {
    to[to.size() / 2] ^= corruption(fired);
  }
  record(iova, to.size(), DmaDirection::from_host, context, fault);
  return fault == DmaFault::none;
}

bool DmaPort::write(Iova iova, std::span<const std::byte> from, DmaContext context) {
  const FiredFaults fired = ask(iova, from.size(), DmaDirection::to_host, context);
  const std::uint64_t kept = bytes_kept(fired, from.size());
  const std::byte mask = corruption(fired);
  const std::uint64_t corrupted = from.size() / 2;
  const DmaFault fault =
      for_each_piece(iova, from.size(), DmaDirection::to_host, [&](std::byte* host, std::uint64_t done, std::uint64_t bytes) {
        if (done >= kept) {
          return;
        }
        const std::uint64_t moved = std::min(bytes, kept - done);
        std::memcpy(host, from.data() + done, moved);
        if (done <= corrupted && corrupted < done + moved) {
          host[corrupted - done] ^= mask;
        }
        if (watcher_ != nullptr && !is_own(iova + done)) {
          watcher_->on_device_write({host, moved});
        }
      });
  record(iova, from.size(), DmaDirection::to_host, context, fault);
  return fault == DmaFault::none;
}

FiredFaults DmaPort::ask(Iova iova, std::uint64_t bytes, DmaDirection direction, const DmaContext& context) {
  if (context.purpose != DmaPurpose::data || is_own(iova)) {
    return {};
  }
  return faults_.on_dma({drive_, context.queue, context.cid, iova, bytes, direction == DmaDirection::to_host});
}

void DmaPort::record(Iova iova, std::uint64_t bytes, DmaDirection direction, const DmaContext& context, DmaFault fault) {
  if ((context.purpose != DmaPurpose::data || is_own(iova)) && fault == DmaFault::none) {
    return;
  }
  const std::uint32_t a = context.cid.value | static_cast<std::uint32_t>(direction) << 16 | static_cast<std::uint32_t>(fault) << 24;
  stream_.append(make_event(EventKind::dma_access, drive_, context.queue.value, a, iova.value, bytes));
}

}  // namespace phasebit::sim
