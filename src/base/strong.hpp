// Strong integers: an Iova is not an Lba, though both are 64 bits wide.
#pragma once

#include <compare>
#include <cstdint>

namespace phasebit {

/// An integer with a meaning. Compares and copies like its representation, converts only when asked.
template <class Tag, class Representation>
struct Strong {
  using representation = Representation;

  Representation value = 0;

  constexpr Strong() = default;
  constexpr explicit Strong(Representation v) : value(v) {}

  friend constexpr auto operator<=>(Strong, Strong) = default;
};

/// An address as the device sees it, after the IOMMU if there is one. Unit: bytes.
struct Iova : Strong<struct IovaTag, std::uint64_t> {
  using Strong::Strong;
  friend constexpr Iova operator+(Iova a, std::uint64_t bytes) { return Iova{a.value + bytes}; }
  friend constexpr std::uint64_t operator-(Iova a, Iova b) { return a.value - b.value; }
};

/// A logical block address within one namespace. Unit: logical blocks.
struct Lba : Strong<struct LbaTag, std::uint64_t> {
  using Strong::Strong;
  friend constexpr Lba operator+(Lba a, std::uint64_t blocks) { return Lba{a.value + blocks}; }
  friend constexpr std::uint64_t operator-(Lba a, Lba b) { return a.value - b.value; }
};

/// A namespace identifier; 0 is "none", FFFFFFFFh is "all" (Base 2.0 §3.2.1).
struct Nsid : Strong<struct NsidTag, std::uint32_t> {
  using Strong::Strong;
};
inline constexpr Nsid nsid_none{0};
inline constexpr Nsid nsid_all{0xffff'ffff};

/// A queue identifier; 0 is the admin queue.
struct Qid : Strong<struct QidTag, std::uint16_t> {
  using Strong::Strong;
};
inline constexpr Qid admin_qid{0};

/// A command identifier as it stands in SQE and CQE.
struct Cid : Strong<struct CidTag, std::uint16_t> {
  using Strong::Strong;
};

}  // namespace phasebit
