// One command of the list that two drives are compared by: what it is, and which of its fields is out of the ordinary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/spec/command.hpp"

namespace phasebit::guest {

/// Bits of a submission queue entry, counted as in the specification's figures: by dword and from bit 0 up. Typed from them by hand, for
/// the builders in src/spec do not make what is wrong.
struct SqeField {
  std::string name;
  std::uint32_t dword = 0;
  std::uint32_t low = 0;
  std::uint32_t bits = 32;  ///< more than 32: the next dword has the upper half
};

/// `sqe` with this field set to `value`, of which what does not fit is left out.
spec::Sqe with_field(const spec::Sqe& sqe, const SqeField& field, std::uint64_t value);

/// Where the data pointer goes wrong: bytes that are added to what would be right. The list is the one that PRP2 points to.
struct PointerError {
  std::uint64_t prp1 = 0;
  std::uint64_t prp2 = 0;
  std::uint64_t list_entry = 0;   ///< the list's second entry
  bool list_at_page_end = false;  ///< one entry and then the pointer to the next page, which `list_entry` is added to
};

/// What PRP1 is.
enum class Pointer : std::uint8_t {
  data,   ///< memory for the command's data
  queue,  ///< memory for a queue
  none,   ///< what the entry says
};

struct ListedCommand {
  std::string command;      ///< "read"
  std::string field;        ///< "nlb"; empty: everything is in order
  std::uint64_t value = 0;  ///< of the field
  bool admin = false;
  Pointer pointer = Pointer::none;
  spec::Sqe sqe;
  std::uint64_t transfer_bytes = 0;  ///< that the entry speaks of; 0: no data
  PointerError error;
  std::vector<std::uint8_t> sends;  ///< what the data memory begins with; zeroes follow
};

}  // namespace phasebit::guest
