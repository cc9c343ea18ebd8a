#include "hw/message_socket.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace phasebit::hw {

Answer<std::pair<MessageSocket, MessageSocket>> MessageSocket::pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return refuse(Errc::environment, std::string("no socket can be made for the other process: ") + std::strerror(errno));
  }
  return std::pair(MessageSocket(FileDescriptor(ends[0])), MessageSocket(FileDescriptor(ends[1])));
}

void MessageSocket::send(const ProcessMessage& message) const {
  (void)::send(end_.number(), message.data.data(), message.bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<ProcessMessage> MessageSocket::receive() const {
  ProcessMessage message;
  const ssize_t bytes = recv(end_.number(), message.data.data(), message.data.size(), MSG_DONTWAIT);
  if (bytes <= 0) {
    return std::nullopt;
  }
  message.bytes = static_cast<std::uint32_t>(bytes);
  return message;
}

bool MessageSocket::is_other_gone() const {
  pollfd seen{end_.number(), 0, 0};
  return poll(&seen, 1, 0) == 1 && (seen.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace phasebit::hw
