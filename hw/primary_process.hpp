// The primary process of this one: the function that it has open, and the talk with it.
#pragma once

#include "hw/file_descriptor.hpp"
#include "hw/message_socket.hpp"
#include "src/backend/bus.hpp"
#include "src/backend/process_link.hpp"

namespace phasebit::hw {

class PrimaryProcess final : public PrimaryLink {
 public:
  /// What the primary gives to one who makes himself known: see FunctionShare.
  struct Introduction {
    FileDescriptor device;  ///< VFIO's file of the function
    MessageSocket socket;
  };
  /// Waits for the primary's EAL, a few seconds at most. Errors: busy if the primary has not opened this function; environment if it does
  /// not answer.
  static Answer<Introduction> introduce(PciAddress address);

  explicit PrimaryProcess(MessageSocket socket) : socket_(std::move(socket)) {}

  void send(const ProcessMessage& message) override { socket_.send(message); }
  std::optional<ProcessMessage> next_message() override { return socket_.receive(); }
  bool is_gone() override { return socket_.is_other_gone(); }
  /// Readable once the primary has said something, or is gone.
  int descriptor() const { return socket_.number(); }

 private:
  MessageSocket socket_;
};

}  // namespace phasebit::hw
