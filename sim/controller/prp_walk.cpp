#include "sim/controller/prp_walk.hpp"

#include <algorithm>
#include <array>

#include "sim/controller/controller_memory_use.hpp"
#include "src/spec/command.hpp"

namespace phasebit::sim {
namespace {

using spec::GenericStatus;
using spec::make_status;
using spec::Status;

constexpr std::uint32_t entry_bytes = spec::prp_entry_bytes;

/// Reads a list entry by entry. A page of it is fetched in chunks, never beyond what the transfer needs.
class ListReader {
 public:
  ListReader(const PrpPointer& pointer, const Wiring& wiring) : pointer_(pointer), wiring_(wiring) {}

  /// The list goes on here with at most `entries_needed` more entries.
  void start(std::uint64_t address) {
    address_ = address;
    chunk_used_ = chunk_filled_ = 0;
  }
  bool at_last_slot_of_page() const { return (address_ & (pointer_.page_bytes - 1)) + entry_bytes == pointer_.page_bytes; }

  /// False if host memory refuses.
  bool next(std::uint64_t entries_needed, std::uint64_t& value) {
    if (chunk_used_ == chunk_filled_ && !fill(entries_needed)) {
      return false;
    }
    value = chunk_[chunk_used_++].get();
    address_ += entry_bytes;
    return true;
  }

 private:
  bool fill(std::uint64_t entries_needed) {
    const std::uint64_t to_page_end = (pointer_.page_bytes - (address_ & (pointer_.page_bytes - 1))) / entry_bytes;
    chunk_filled_ = static_cast<std::uint32_t>(std::min({entries_needed, to_page_end, std::uint64_t{chunk_.size()}}));
    chunk_used_ = 0;
    const auto bytes = std::as_writable_bytes(std::span(chunk_)).first(std::size_t{chunk_filled_} * entry_bytes);
    return wiring_.dma.read(Iova{address_}, bytes, {pointer_.queue, pointer_.cid, DmaPurpose::prp_list});
  }

  const PrpPointer& pointer_;
  const Wiring& wiring_;
  std::uint64_t address_ = 0;
  std::array<Le64, 64> chunk_{};
  std::uint32_t chunk_used_ = 0;
  std::uint32_t chunk_filled_ = 0;
};

/// Walks entries of whole pages from a list and gives each to `take(address, bytes)`.
class Walk {
 public:
  Walk(const PrpPointer& pointer, const Wiring& wiring) : pointer_(pointer), wiring_(wiring), list_(pointer, wiring) {}

  void tell(PrpRole role, std::uint64_t value) {
    const std::uint32_t a = pointer_.cid.value | static_cast<std::uint32_t>(role) << 16;
    wiring_.record(EventKind::prp_entry, pointer_.queue.value, a, value, index_++);
  }
  std::uint64_t offset_in_page(std::uint64_t address) const { return address & (pointer_.page_bytes - 1); }

  template <class Take>
  Status list(std::uint64_t list_address, std::uint64_t bytes, Take take) {
    if (list_address % entry_bytes != 0) {
      return make_status(GenericStatus::prp_offset_invalid);
    }
    if (const Status place = check_list_place(wiring_, Iova{list_address}); !spec::is_success(place)) {
      return place;
    }
    list_.start(list_address);
    while (bytes > 0) {
      const std::uint64_t entries_left = (bytes + pointer_.page_bytes - 1) / pointer_.page_bytes;
      const bool chains = list_.at_last_slot_of_page() && entries_left > 1;
      std::uint64_t value = 0;
      if (!list_.next(entries_left, value)) {
        return make_status(GenericStatus::data_transfer_error);
      }
      tell(chains ? PrpRole::list_chain : PrpRole::list_data, value);
      if (offset_in_page(value) != 0) {
        return make_status(GenericStatus::prp_offset_invalid);
      }
      if (chains) {
        if (const Status place = check_list_place(wiring_, Iova{value}); !spec::is_success(place)) {
          return place;
        }
        list_.start(value);
        continue;
      }
      const std::uint64_t piece = std::min<std::uint64_t>(bytes, pointer_.page_bytes);
      take(value, piece);
      bytes -= piece;
    }
    return {};
  }

 private:
  const PrpPointer& pointer_;
  const Wiring& wiring_;
  ListReader list_;
  std::uint64_t index_ = 0;
};

}  // namespace

Status walk_prp(const PrpPointer& pointer, const Wiring& wiring, std::pmr::vector<DmaPiece>& pieces) {
  Walk walk(pointer, wiring);
  walk.tell(PrpRole::prp1, pointer.prp1);
  if (pointer.prp1 % 4 != 0) {
    return make_status(GenericStatus::prp_offset_invalid);
  }
  const std::uint64_t first = std::min(pointer.bytes, pointer.page_bytes - walk.offset_in_page(pointer.prp1));
  pieces.push_back({Iova{pointer.prp1}, first});
  const std::uint64_t rest = pointer.bytes - first;
  if (rest == 0) {
    return {};
  }
  if (rest > pointer.page_bytes) {
    walk.tell(PrpRole::prp2_list, pointer.prp2);
    return walk.list(pointer.prp2, rest, [&](std::uint64_t address, std::uint64_t bytes) { pieces.push_back({Iova{address}, bytes}); });
  }
  walk.tell(PrpRole::prp2_data, pointer.prp2);
  if (walk.offset_in_page(pointer.prp2) != 0) {
    return make_status(GenericStatus::prp_offset_invalid);
  }
  pieces.push_back({Iova{pointer.prp2}, rest});
  return {};
}

Status walk_queue_pages(const PrpPointer& pointer, const Wiring& wiring, std::pmr::vector<Iova>& pages) {
  Walk walk(pointer, wiring);
  return walk.list(pointer.prp1, pointer.bytes, [&](std::uint64_t address, std::uint64_t) { pages.push_back(Iova{address}); });
}

}  // namespace phasebit::sim
