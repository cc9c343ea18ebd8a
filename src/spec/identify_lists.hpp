// The lists that Identify returns: active namespaces (CNS 02h) and a namespace's identification descriptors (CNS 03h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/little_endian.hpp"
#include "src/spec/cns.hpp"

namespace phasebit::spec {

inline constexpr std::uint32_t namespace_list_entries = 1024;

/// NSIDs in ascending order, all greater than the one asked with; a zero ends the list if it is not full (Base 2.0 §5.17.2.2).
struct NamespaceList {
  std::array<Le32, namespace_list_entries> nsid{};
};
static_assert(sizeof(NamespaceList) == identify_bytes);

/// Namespace Identifier Type (Base 2.0 Figure 277). 0 ends the list.
enum class Nidt : std::uint8_t { end = 0, eui64 = 1, nguid = 2, uuid = 3, csi = 4 };

/// In front of each identifier. `nidl` bytes follow; all identifiers but CSI are big endian.
struct NamespaceDescriptorHeader {
  std::uint8_t nidt = 0;
  std::uint8_t nidl = 0;
  Le16 reserved_2;
};
static_assert(sizeof(NamespaceDescriptorHeader) == 4 && offsetof(NamespaceDescriptorHeader, nidl) == 1);

/// Bytes of an identifier of a type; 0 for a type that we do not know.
constexpr std::uint32_t namespace_identifier_bytes(Nidt nidt) {
  switch (nidt) {
    case Nidt::eui64:
      return 8;
    case Nidt::nguid:
    case Nidt::uuid:
      return 16;
    case Nidt::csi:
      return 1;
    case Nidt::end:
      return 0;
  }
  return 0;
}

/// I/O Command Set data structure, CNS 1Ch (Base 2.0 Figure 291): one vector of bits by CSI for each combination that can be enabled.
struct IoCommandSetVectors {
  std::array<Le64, 512> vector{};
};
static_assert(sizeof(IoCommandSetVectors) == identify_bytes);

}  // namespace phasebit::spec
