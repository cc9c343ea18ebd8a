#include "hw/function_share.hpp"

#include <rte_eal.h>
#include <rte_malloc.h>

#include <cstring>
#include <utility>

#include "hw/device_name.hpp"

namespace phasebit::hw {
namespace {

constexpr unsigned alignment_of_shared = 64;

/// The functions that are shared now. EAL's thread may be about to look for one that ends just then.
std::mutex table_mutex;
std::map<std::string, FunctionShare*, std::less<>>& table() {
  static std::map<std::string, FunctionShare*, std::less<>> shares;
  return shares;
}

/// Called by EAL's thread, once for each who asks. The answer has no file if there is nothing to share.
int answer_newcomer(const rte_mp_msg* request, const void* peer) {
  std::vector<FileDescriptor> given;  // whatever was sent is ours to close
  for (int i = 0; i < request->num_fds; ++i) {
    given.emplace_back(request->fds[i]);
  }
  rte_mp_msg answer{};
  std::memcpy(answer.name, request->name, sizeof answer.name);
  const std::lock_guard lock(table_mutex);
  if (const auto found = table().find(std::string_view(request->name)); found != table().end() && given.size() == 1) {
    answer.num_fds = 1;
    answer.fds[0] = found->second->welcome(MessageSocket(std::move(given.front())));
  }
  return rte_mp_reply(&answer, static_cast<const char*>(peer));
}

}  // namespace

std::string share_name(PciAddress address) {
  return "phasebit " + text(address);
}

std::unique_ptr<FunctionShare> FunctionShare::offer(PciAddress address, int device) {
  if (device < 0 || rte_eal_process_type() != RTE_PROC_PRIMARY) {
    return nullptr;
  }
  std::unique_ptr<FunctionShare> share(new FunctionShare(share_name(address), device));
  {
    const std::lock_guard lock(table_mutex);
    table()[share->name_] = share.get();
  }
  if (rte_mp_action_register(share->name_.c_str(), answer_newcomer) != 0) {
    return nullptr;  // EAL shares nothing
  }
  return share;
}

FunctionShare::~FunctionShare() {
  {
    const std::lock_guard lock(table_mutex);
    table().erase(name_);
  }
  rte_mp_action_unregister(name_.c_str());
}

int FunctionShare::welcome(MessageSocket socket) {
  const std::lock_guard lock(mutex_);
  newcomers_.push_back(std::move(socket));
  return device_;
}

void FunctionShare::take_newcomers() {
  const std::lock_guard lock(mutex_);
  for (MessageSocket& socket : newcomers_) {
    peers_.emplace(PeerId{next_peer_++}, std::move(socket));
  }
  newcomers_.clear();
}

std::optional<SecondaryLinks::Letter> FunctionShare::next_letter() {
  take_newcomers();
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    if (const auto message = peer->second.receive()) {
      return Letter{peer->first, *message};
    }
    peer = peer->second.is_other_gone() ? peers_.erase(peer) : std::next(peer);
  }
  return std::nullopt;
}

void FunctionShare::send(PeerId to, const ProcessMessage& message) {
  if (const auto peer = peers_.find(to); peer != peers_.end()) {
    peer->second.send(message);
  }
}

bool FunctionShare::is_gone(PeerId peer) {
  const auto found = peers_.find(peer);
  return found == peers_.end() || found->second.is_other_gone();
}

Result<std::span<std::byte>> FunctionShare::allocate_shared(std::uint64_t bytes) {
  auto* memory = static_cast<std::byte*>(rte_zmalloc("phasebit", bytes, alignment_of_shared));
  return memory == nullptr ? Result<std::span<std::byte>>(fail(Errc::out_of_memory)) : std::span(memory, bytes);
}

void FunctionShare::free_shared(std::span<std::byte> memory) {
  rte_free(memory.data());
}

}  // namespace phasebit::hw
