// Errors that an operation can return, and Result<T>, which carries them.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

namespace phasebit {

/// Why an operation of ours failed. What a device says of a command is a status, never an Errc.
enum class Errc : std::uint8_t {
  invalid_argument,   ///< the caller asked for something that has no meaning
  misaligned,         ///< an address or length breaks an alignment that NVMe demands
  out_of_range,       ///< beyond the namespace, the BAR, or a limit of the controller
  too_large,          ///< larger than one command, pool or region can carry
  unsupported,        ///< the controller, the backend or this build cannot do it
  out_of_memory,      ///< no host or DMA memory is left
  no_space,           ///< no IOVA mapping is left (the kernel's ENOSPC)
  queue_full,         ///< back-pressure: try again after reaping
  busy,               ///< in use: claimed by another, or still owned by a command
  not_found,          ///< no such function, queue, namespace or mapping
  not_ready,          ///< the state machine is not where this is allowed
  permission_denied,  ///< the operating system refused
  timed_out,          ///< a deadline passed
  device_gone,        ///< the function no longer answers
  device_failed,      ///< the controller reported a fatal status or never became ready
  device_nonsense,    ///< the device gave a value that the specification rules out
  environment,        ///< a tool, kernel facility or resource of the machine is missing
};

/// The enumerator's own name, for messages and logs.
constexpr std::string_view name(Errc error) {
  switch (error) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::misaligned:
      return "misaligned";
    case Errc::out_of_range:
      return "out_of_range";
    case Errc::too_large:
      return "too_large";
    case Errc::unsupported:
      return "unsupported";
    case Errc::out_of_memory:
      return "out_of_memory";
    case Errc::no_space:
      return "no_space";
    case Errc::queue_full:
      return "queue_full";
    case Errc::busy:
      return "busy";
    case Errc::not_found:
      return "not_found";
    case Errc::not_ready:
      return "not_ready";
    case Errc::permission_denied:
      return "permission_denied";
    case Errc::timed_out:
      return "timed_out";
    case Errc::device_gone:
      return "device_gone";
    case Errc::device_failed:
      return "device_failed";
    case Errc::device_nonsense:
      return "device_nonsense";
    case Errc::environment:
      return "environment";
  }
  return "unknown";
}

/// A value of T, or why there is none.
template <class T>
using Result = tl::expected<T, Errc>;

/// Shorthand for returning an error: `return fail(Errc::busy);`
constexpr tl::unexpected<Errc> fail(Errc error) {
  return tl::unexpected<Errc>(error);
}

}  // namespace phasebit
