// The processes at one function, all in one: what they say to one another, and the memory that they share.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "src/backend/dma_arena.hpp"
#include "src/backend/process_link.hpp"
#include "tests/support/any_backend.hpp"

namespace phasebit::testing {

class ProcessLinks final : public SecondaryLinks {
 public:
  /// The end of one other process.
  class Peer final : public PrimaryLink {
   public:
    Peer(ProcessLinks& links, PeerId id) : links_(links), id_(id) {}
    void send(const ProcessMessage& message) override { links_.letters.push_back({id_, message}); }
    std::optional<ProcessMessage> next_message() override {
      if (inbox.empty()) {
        return std::nullopt;
      }
      const ProcessMessage message = inbox.front();
      inbox.pop_front();
      return message;
    }
    bool is_gone() override { return primary_is_gone; }
    PeerId id() const { return id_; }

    std::deque<ProcessMessage> inbox;
    bool primary_is_gone = false;
    bool is_over = false;  ///< this process has ended, or let go

   private:
    ProcessLinks& links_;
    PeerId id_;
  };

  Peer& join() {
    peers.push_back(std::make_unique<Peer>(*this, PeerId{static_cast<std::uint32_t>(peers.size())}));
    return *peers.back();
  }
  /// The primary's process ends.
  void end_primary() {
    for (const auto& peer : peers) {
      peer->primary_is_gone = true;
    }
    letters.clear();
  }

  std::optional<Letter> next_letter() override {
    if (letters.empty()) {
      return std::nullopt;
    }
    const Letter letter = letters.front();
    letters.pop_front();
    return letter;
  }
  void send(PeerId to, const ProcessMessage& message) override { peers.at(to.value)->inbox.push_back(message); }
  bool is_gone(PeerId peer) override { return peers.at(peer.value)->is_over; }
  Result<std::span<std::byte>> allocate_shared(std::uint64_t bytes) override {
    if (!has_shared_memory) {
      return fail(Errc::out_of_memory);
    }
    auto memory = std::make_unique<std::byte[]>(bytes + alignment);
    void* begin = memory.get();
    std::size_t room = bytes + alignment;
    auto* aligned = static_cast<std::byte*>(std::align(alignment, bytes, begin, room));
    shared[aligned] = std::move(memory);
    return std::span(aligned, bytes);
  }
  void free_shared(std::span<std::byte> memory) override { shared.erase(memory.data()); }

  std::vector<std::unique_ptr<Peer>> peers;
  std::deque<Letter> letters;
  std::map<std::byte*, std::unique_ptr<std::byte[]>> shared;
  bool has_shared_memory = true;

 private:
  static constexpr std::size_t alignment = 64;
};

/// The primary's backend at a drive.
class PrimaryBackend : public tests::AnyBackend {
 public:
  template <Backend B>
  PrimaryBackend(B& drive, ProcessLinks& links) : AnyBackend(drive), links_(links) {}
  SecondaryLinks* secondaries() { return &links_; }
  void leave_dma(const DmaRegion& region) { left.push_back(region); }

  std::vector<DmaRegion> left;

 private:
  ProcessLinks& links_;
};
static_assert(HasSecondaries<PrimaryBackend> && !HasPrimary<PrimaryBackend>);

/// Another process's, at the same drive.
class SecondaryBackend : public tests::AnyBackend {
 public:
  template <Backend B>
  SecondaryBackend(B& drive, PrimaryLink& link) : AnyBackend(drive), link_(link) {}
  PrimaryLink& primary() { return link_; }
  void take_granted(const DmaRegion& region) { arena_ = DmaArena(region); }
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) { return arena_.take(bytes); }
  void free_dma(const DmaRegion& region) { arena_.give_back(region); }
  static Result<Iova> map(std::span<std::byte>, DmaRights) { return fail(Errc::unsupported); }
  static Result<void> unmap(std::span<std::byte>) { return fail(Errc::not_found); }

 private:
  PrimaryLink& link_;
  DmaArena arena_;
};
static_assert(HasPrimary<SecondaryBackend> && !HasSecondaries<SecondaryBackend>);

}  // namespace phasebit::testing
