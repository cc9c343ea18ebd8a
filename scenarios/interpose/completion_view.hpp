// One completion queue as the host is to see it: what the device wrote, less what is withheld, plus what was never there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/base/little_endian.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"
#include "src/spec/completion.hpp"

namespace phasebit::scenarios {

/// How an entry shows itself.
enum class EntryShape : std::uint8_t {
  whole,        ///< at once
  torn,         ///< dword by dword, the phase last
  early_phase,  ///< the dword with the phase first, the others later
  stale_phase,  ///< with the old phase, put right later or never
};

/// An entry on its way to the host. The phase is set when it is shown.
struct ShownEntry {
  spec::CqeDwords dwords{};
  Qid sqid;                    ///< the submission queue that it answers, whatever the dwords say
  std::uint16_t sqhd_xor = 0;  ///< what SQHD is falsified by
  EntryShape shape = EntryShape::whole;
  Duration step;  ///< between the parts of a shape that has parts; for a stale phase 0 is never
};

/// Two rings of one size. The device's lies in memory, and the host's is a copy, shown through the seam's loads. As long as nothing was
/// ever changed in it the view is transparent: the two are the same, entry by entry, and loads and doorbells go through as they are.
/// Afterwards a slot of one is no longer that slot of the other, and a head that the host rings is translated.
class CompletionView {
 public:
  struct Place {
    std::uint32_t slot = 0;
    std::uint32_t dword = 0;
  };

  /// `ring` holds `entries` (2 to 65536) entries; what lies there now is old.
  CompletionView(Qid id, std::byte* ring, std::uint32_t entries, std::pmr::memory_resource* memory);
  CompletionView(const CompletionView&) = delete;
  CompletionView& operator=(const CompletionView&) = delete;

  Qid id() const { return id_; }
  std::uint32_t entries() const { return entries_; }
  bool contains(const Le32& dword) const { return &dword >= ring_ && &dword < ring_ + std::uint64_t{entries_} * spec::cqe_dwords; }
  bool overlaps(const std::byte* begin, const std::byte* end) const;
  Place place(const Le32& dword) const;

  // The device's end.
  /// The dword of the device's ring that stands behind this one of the host's; nullptr if the copy alone answers.
  const Le32* behind(const Le32& dword) const;
  /// The device has written its next entry, and the host looks at its own next slot. `dword3` is the phase's dword as just loaded, if that
  /// was the one.
  bool has_new(const Place& looked_at, std::optional<std::uint32_t> dword3) const;
  /// Takes the device's next entry, which must be new.
  spec::CqeDwords take();
  /// A head to ring at the device by itself, because entries that the host does not see fill its ring.
  std::optional<std::uint32_t> head_to_ring();

  // The host's end.
  bool transparent() const { return transparent_; }
  void end_transparency() { transparent_ = false; }
  bool has_room() const { return shown_count_ - acknowledged_ < entries_ - 1; }
  struct Shown {
    std::uint32_t slot = 0;
    bool phase = true;
    spec::CqeDwords dwords{};  ///< with the phase as it shows itself first
  };
  /// Puts an entry into the host's next slot; there must be room.
  Shown show(const ShownEntry& entry, Instant now);
  /// Shows it at `due`, or once `later_entries` (if not 0) more have been shown.
  void hold(const ShownEntry& entry, Instant due, std::uint32_t later_entries = 0);
  /// The next entry that was held back long enough, if there is room.
  std::optional<ShownEntry> take_due(Instant now);
  /// Parts of entries that are due land.
  void land_parts(Instant now);
  Instant next_due() const;

  /// A dword as the host sees it when `behind` gave nothing, or when the view is not transparent.
  std::uint32_t dword(const Place& place) const;
  /// The device wrote it, the host has not loaded it; it is no longer fresh then.
  bool is_fresh(const Place& place) const { return (fresh_[place.slot] >> place.dword & 1) != 0; }
  void set_loaded(const Place& place) { fresh_[place.slot] &= static_cast<std::uint8_t>(~(1u << place.dword)); }

  /// The head to ring at the device for one that the host rings; nothing if the device knows it already.
  std::optional<std::uint32_t> translate_head(std::uint32_t value);

  /// The controller no longer knows the queue; the host may still look at what was left, and clears the memory when it is done.
  void close();
  bool closed() const { return closed_; }
  /// The function is gone: nothing new shows any more, whatever the device does.
  void freeze();

 private:
  struct Held {
    ShownEntry entry;
    Instant due;
    std::uint64_t number = 0;
    std::uint32_t later_entries = 0;
  };
  struct Part {
    Place place;
    std::uint32_t value = 0;
    Instant due;
  };

  const Le32* device_slot(std::uint32_t slot) const { return ring_ + std::uint64_t{slot} * spec::cqe_dwords; }
  std::uint32_t device_slot_index() const { return static_cast<std::uint32_t>(taken_ % entries_); }
  std::uint32_t host_slot_index() const { return static_cast<std::uint32_t>(shown_count_ % entries_); }
  bool was_cleared(std::uint32_t slot) const;
  void put(const Place& place, std::uint32_t value);
  void put_parts(std::uint32_t slot, const ShownEntry& entry, const spec::CqeDwords& dwords, Instant now);
  void let_go(Instant now);

  Qid id_;
  const Le32* ring_;
  std::uint32_t entries_;
  bool transparent_ = true;
  bool closed_ = false;
  bool frozen_ = false;

  // All counts are of the queue's life.
  std::uint64_t taken_ = 0;                ///< of the device
  std::uint64_t device_acknowledged_ = 0;  ///< as its doorbell says
  std::uint64_t shown_count_ = 0;
  std::uint64_t acknowledged_ = 0;  ///< by the host; never more than were shown
  std::uint32_t head_ = 0;          ///< the host's doorbell
  std::uint64_t held_count_ = 0;

  std::pmr::vector<std::uint32_t> dwords_;      ///< the copy, in host order
  std::pmr::vector<std::uint8_t> fresh_;        ///< by slot, a bit for each dword
  std::pmr::vector<std::uint64_t> taken_then_;  ///< by slot: how many of the device's had been taken when this was shown
  std::pmr::vector<Held> held_;
  std::pmr::vector<Part> parts_;
};

}  // namespace phasebit::scenarios
