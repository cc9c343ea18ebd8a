// A function that this process, the primary, has open: other processes that share its memory may ask for a part of it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hw/message_socket.hpp"
#include "src/backend/bus.hpp"
#include "src/backend/process_link.hpp"

namespace phasebit::hw {

/// Who asks makes himself known by rte_mp, which EAL answers in a thread of its own: he gives one end of a socket, and gets the function's
/// device file. All that follows goes through the socket, which can be polled, and which tells when he is gone; rte_mp can do neither.
class FunctionShare final : public SecondaryLinks {
 public:
  /// Nothing where this process shares no memory, or is not the primary of those that do, or the function has no file to share. `device` is
  /// that file, or -1, and outlives this.
  static std::unique_ptr<FunctionShare> offer(PciAddress address, int device);

  FunctionShare(const FunctionShare&) = delete;
  FunctionShare& operator=(const FunctionShare&) = delete;
  ~FunctionShare();

  std::optional<Letter> next_letter() override;
  void send(PeerId to, const ProcessMessage& message) override;
  bool is_gone(PeerId peer) override;
  /// DPDK's heap, which lies at the same address in every process that shares it.
  Result<std::span<std::byte>> allocate_shared(std::uint64_t bytes) override;
  void free_shared(std::span<std::byte> memory) override;

  /// Called by EAL's thread: one more who asks. The file that he is to get.
  int welcome(MessageSocket socket);

 private:
  FunctionShare(std::string name, int device) : name_(std::move(name)), device_(device) {}
  void take_newcomers();

  std::string name_;  ///< that rte_mp knows it by
  int device_;
  std::mutex mutex_;
  std::vector<MessageSocket> newcomers_;  ///< guarded by the mutex; everything else is the owner's
  std::map<PeerId, MessageSocket> peers_;
  std::uint32_t next_peer_ = 0;
};

/// The name that rte_mp knows a shared function by.
std::string share_name(PciAddress address);

}  // namespace phasebit::hw
