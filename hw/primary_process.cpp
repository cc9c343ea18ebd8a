#include "hw/primary_process.hpp"

#include <rte_eal.h>
#include <rte_errno.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "hw/device_name.hpp"
#include "hw/function_share.hpp"

namespace phasebit::hw {
namespace {

constexpr timespec answer_timeout{5, 0};

Refusal no_answer(PciAddress address) {
  return {Errc::environment, text(address) + ": the primary process does not answer (" + rte_strerror(rte_errno) +
                                 "): it has not opened this drive, or has ended; its log says more"};
}

}  // namespace

Answer<PrimaryProcess::Introduction> PrimaryProcess::introduce(PciAddress address) {
  auto sockets = MessageSocket::pair();
  if (!sockets) {
    return tl::unexpected(sockets.error());
  }
  auto& [ours, theirs] = *sockets;
  rte_mp_msg request{};
  std::snprintf(request.name, sizeof request.name, "%s", share_name(address).c_str());
  request.num_fds = 1;
  request.fds[0] = theirs.number();
  struct rte_mp_reply reply {};
  const bool is_asked = rte_mp_request_sync(&request, &reply, &answer_timeout) == 0;
  const std::unique_ptr<rte_mp_msg, void (*)(void*)> messages(reply.msgs, std::free);
  if (!is_asked || reply.nb_received != 1) {
    return tl::unexpected(no_answer(address));
  }
  if (messages->num_fds != 1) {
    return refuse(Errc::busy, text(address) + ": the primary process does not share this drive");
  }
  return Introduction{FileDescriptor(messages->fds[0]), std::move(ours)};  // theirs is closed with the pair: only the primary has it now
}

}  // namespace phasebit::hw
