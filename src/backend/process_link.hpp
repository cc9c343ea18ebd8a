// Two processes at one function: the primary, which owns it, and others, which it lets have a part of it. Both see the same memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

#include "src/backend/backend.hpp"

namespace phasebit {

/// Plain bytes from one process to another.
struct ProcessMessage {
  static constexpr std::size_t bytes_max = 128;

  std::uint32_t bytes = 0;  ///< at most bytes_max
  std::array<std::byte, bytes_max> data{};

  template <class T>
  static ProcessMessage of(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= bytes_max);
    ProcessMessage message;
    message.bytes = sizeof(T);
    std::memcpy(message.data.data(), &value, sizeof(T));
    return message;
  }
  /// Nothing if it has another length.
  template <class T>
  std::optional<T> as() const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= bytes_max);
    T value{};
    if (bytes != sizeof(T)) {
      return std::nullopt;
    }
    std::memcpy(&value, data.data(), sizeof(T));
    return value;
  }
};

/// A process that has made itself known to the primary; never given to another.
struct PeerId : Strong<struct PeerIdTag, std::uint32_t> {
  using Strong::Strong;
};

/// The primary's end: everybody else who wants a part of its function. Nothing here waits.
class SecondaryLinks {
 public:
  struct Letter {
    PeerId from;
    ProcessMessage message;
  };

  /// The oldest message not yet fetched.
  virtual std::optional<Letter> next_letter() = 0;
  /// Lost if the peer is gone.
  virtual void send(PeerId to, const ProcessMessage& message) = 0;
  /// The process has ended, however, or has let go of the function: it touches neither that nor shared memory any more.
  virtual bool is_gone(PeerId peer) = 0;

  /// Zeroed memory that lies at the same address in all processes, aligned for anything, and that no device reaches. Errors: out_of_memory.
  virtual Result<std::span<std::byte>> allocate_shared(std::uint64_t bytes) = 0;
  virtual void free_shared(std::span<std::byte> memory) = 0;

 protected:
  ~SecondaryLinks() = default;
};

/// The end of a process that is not the primary. Nothing here waits.
class PrimaryLink {
 public:
  /// Lost if the primary is gone.
  virtual void send(const ProcessMessage& message) = 0;
  virtual std::optional<ProcessMessage> next_message() = 0;
  /// The primary has ended, however, or has closed the function.
  virtual bool is_gone() = 0;

 protected:
  ~PrimaryLink() = default;
};

/// A backend whose memory of allocate_dma lies at the same address in all processes, so that it can be lent to them. `secondaries()` is
/// nullptr where processes share nothing. `leave_dma(region)` is free_dma for memory that another process may still touch: the device loses
/// it, and nobody gets it.
template <class B>
concept HasSecondaries = Backend<B> && requires(B b, const DmaRegion& region) {
  { b.secondaries() } -> std::same_as<SecondaryLinks*>;
  { b.leave_dma(region) } -> std::same_as<void>;
};

/// A backend of a process that is not the primary: registers and configuration space are the function's own, memory is what the primary
/// grants. `take_granted(region)` is told once what allocate_dma gives out of from then on; it is the primary's, and never given back here.
template <class B>
concept HasPrimary = Backend<B> && requires(B b, const DmaRegion& region) {
  { b.primary() } -> std::same_as<PrimaryLink&>;
  { b.take_granted(region) } -> std::same_as<void>;
};

}  // namespace phasebit
