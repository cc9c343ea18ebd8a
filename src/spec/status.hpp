// The device's verdict on a command: the status field without the phase tag (Base 2.0 §3.3.3.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/spec/bits.hpp"
#include "src/spec/status_codes.hpp"

namespace phasebit::spec {

/// Status Code Type.
enum class Sct : std::uint8_t { generic = 0, command_specific = 1, media = 2, path = 3, vendor_specific = 7 };

/// 15 bits, as bits 31:17 of dword 3 of a completion; tools print this number, e.g. 4002h. Zero is success.
struct Status : Bits<Status, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<Status, 0, 8> sc{};
  static constexpr Field<Status, 8, 3, Sct> sct{};
  static constexpr Field<Status, 11, 2> crd{};  ///< 0: retry at once; 1 to 3: after CRDT1 to CRDT3 of Identify Controller
  static constexpr Field<Status, 13, 1> m{};    ///< the error log holds more
  static constexpr Field<Status, 14, 1> dnr{};  ///< the same command would fail again
};

/// A status of any type and code, without CRD, M and DNR.
constexpr Status make_status(Sct sct, std::uint8_t sc) {
  return Status{}.with(Status::sct, sct).with(Status::sc, sc);
}
constexpr Status make_status(GenericStatus code) {
  return make_status(Sct::generic, static_cast<std::uint8_t>(code));
}
constexpr Status make_status(CommandStatus code) {
  return make_status(Sct::command_specific, static_cast<std::uint8_t>(code));
}
constexpr Status make_status(MediaStatus code) {
  return make_status(Sct::media, static_cast<std::uint8_t>(code));
}
constexpr Status make_status(PathStatus code) {
  return make_status(Sct::path, static_cast<std::uint8_t>(code));
}

/// SCT and SC alone: what happened, without what to do about it.
constexpr Status verdict_of(Status status) {
  return Status{static_cast<std::uint16_t>(status.raw & 0x7ff)};
}

/// True for SCT 0 with SC 0, whatever CRD, M and DNR say.
constexpr bool is_success(Status status) {
  return verdict_of(status) == Status{};
}

/// True if the status has the type and code of an enumerator, whatever CRD, M and DNR say: `is(status, MediaStatus::write_fault)`.
template <class Code>
constexpr bool is(Status status, Code code) {
  return verdict_of(status) == make_status(code);
}

/// The specification's words for a status, as nvme-cli prints them: "Invalid Field in Command"; "Vendor Specific" or "Unknown" for the
/// rest.
std::string_view status_name(Status status);

/// The enumerator's own name, for scenario files and logs: "invalid_field"; empty if the code has none.
std::string_view status_identifier(Status status);

/// The status that an enumerator's name stands for, e.g. "lba_out_of_range", with CRD, M and DNR 0.
std::optional<Status> status_from_name(std::string_view identifier);

}  // namespace phasebit::spec
