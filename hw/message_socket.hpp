// One end of a socket between two processes: messages whole and in order, and the other's end noticed at once.
#pragma once

#include <optional>
#include <utility>

#include "hw/file_descriptor.hpp"
#include "hw/refusal.hpp"
#include "src/backend/process_link.hpp"

namespace phasebit::hw {

/// Nothing here waits. An end that nobody holds any more, because its process has let go or was killed, cannot be missed: the kernel closes
/// it. For that no process may keep a copy of the other's end.
class MessageSocket {
 public:
  /// Both ends. Errors: environment.
  static Answer<std::pair<MessageSocket, MessageSocket>> pair();
  explicit MessageSocket(FileDescriptor end) : end_(std::move(end)) {}

  /// Lost if the other is gone, or has left more unread than the kernel keeps.
  void send(const ProcessMessage& message) const;
  /// The oldest one not yet taken, also of one that is gone.
  std::optional<ProcessMessage> receive() const;
  bool is_other_gone() const;

  int number() const { return end_.number(); }

 private:
  FileDescriptor end_;
};

}  // namespace phasebit::hw
