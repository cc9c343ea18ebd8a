// What goes wrong here? One question per site, answered from an explicit list of faults.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <span>
#include <vector>

#include "sim/faults/fault.hpp"
#include "sim/faults/fault_place.hpp"
#include "sim/stream/digest.hpp"
#include "sim/stream/stream.hpp"
#include "src/base/strong.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// The faults that strike at one place: at most eight, in the order of the list.
class FiredFaults {
 public:
  static constexpr std::size_t faults_max = 8;

  void add(const Fault& fault) { faults_[count_++] = &fault; }
  bool full() const { return count_ == faults_max; }
  bool empty() const { return count_ == 0; }
  /// The first one with this verb, or nullptr.
  const Fault* find(Verb verb) const;
  bool has(Verb verb) const { return find(verb) != nullptr; }
  std::span<const Fault* const> all() const { return {faults_.data(), count_}; }

 private:
  std::array<const Fault*, faults_max> faults_{};
  std::size_t count_ = 0;
};

/// An access of the host to BAR0.
struct RegisterPlace {
  std::uint8_t drive = 0;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 4;
  /// False for a look that would be no event (an unchanged CSTS): it counts for no `nth` and only timed episodes and states strike.
  bool counted = true;
};

/// A command at its fetch, execution or completion.
struct CommandPlace {
  std::uint8_t drive = 0;
  Qid queue;  ///< submission queue
  Cid cid;
  std::span<const std::byte, 64> sqe;
};

/// A burst of data.
struct DmaPlace {
  std::uint8_t drive = 0;
  Qid queue;
  Cid cid;
  Iova iova;
  std::uint64_t bytes = 0;
  bool to_host = false;
};

/// A fault that the world (not the site) carries out, and the drive that it is for.
struct TimedFault {
  const Fault* fault = nullptr;  ///< nullptr: none
  std::uint8_t drive = 0;
};

/// The explicit list and how far each fault is. Reads command_pushed and driver_state from the stream; every strike is a fault_fired event
/// and every end of an episode a fault_lifted event. Dropping one fault from the list leaves the others where they were.
class FaultPlan final : public StreamReader {
 public:
  FaultPlan(std::span<const Fault> faults, Stream& stream, std::pmr::memory_resource* memory);

  // One question per site. Asking makes the faults strike: it is asked once for each place.
  FiredFaults on_register_read(const RegisterPlace& place);
  FiredFaults on_register_write(const RegisterPlace& place);
  /// Register accesses and loads of fresh CQE dwords, together; asked before the access takes place.
  FiredFaults on_access(const RegisterPlace& place);
  FiredFaults on_fetch(const CommandPlace& place);
  FiredFaults on_dma(const DmaPlace& burst);
  FiredFaults on_command(const CommandPlace& place);
  FiredFaults on_completion(const CommandPlace& place);
  FiredFaults on_controller_state(std::uint8_t drive, ControllerMoment moment);

  /// The next fault for the world to carry out now: of site `time`, or one with a verb of the world that struck anywhere. Asked until it
  /// gives none.
  TimedFault next_timed();
  /// The earliest instant at which `next_timed` has something or an episode ends; it may lie in the past.
  Instant next_due() const;
  /// Ends the episodes that are over: emits fault_lifted. The world calls it in every cycle in which something is due, before anything
  /// else.
  void lift_expired();

  /// A fault with this verb has struck this drive, lasts, and is not lifted; else nullptr. For verbs whose `lasts` is set.
  const Fault* active(std::uint8_t drive, Verb verb) const;

  /// Lifts everything, for ever.
  void heal();
  bool healed() const { return healed_; }

  std::size_t size() const { return entries_.size(); }
  const Fault& fault(std::size_t index) const { return entries_[index].fault; }
  /// How often a fault has struck.
  std::uint64_t fired(std::size_t index) const { return entries_[index].fired; }

  void on_event(std::uint64_t number, const Event& event) override;
  void fingerprint(Hasher& hasher) const;

 private:
  struct Entry {
    Fault fault;
    Site site = Site::time;
    std::uint64_t matched = 0;
    std::uint64_t fired = 0;
    Instant until = never;   ///< end of the state or episode
    bool underway = false;   ///< a state or an episode has begun and is not over
    bool pending = false;    ///< of site `time`: its row was entered
    bool over = false;       ///< nothing more will come of it
    std::uint8_t drive = 0;  ///< of the last strike, or of the pending one
  };
  struct DriverState {
    std::uint16_t row = 0;
    std::uint16_t visit = 0;
  };
  struct Timed {
    std::size_t index = 0;
    std::uint8_t drive = 0;
  };

  static std::uint64_t key(std::uint8_t drive, std::uint16_t queue, std::uint16_t cid);
  FiredFaults ask(const FaultPlace& place);
  FiredFaults ask_register(Site site, const RegisterPlace& place);
  FiredFaults ask_command(Site site, const CommandPlace& command);
  const CarriedCommand* carried_by(std::uint8_t drive, Qid queue, Cid cid) const;
  bool matches(const Entry& entry, const FaultPlace& place) const;
  bool matches_state(const Trigger& when, std::uint8_t drive) const;
  bool may_strike(Entry& entry, bool counted) const;
  void strike(std::size_t index, const FaultPlace& place);
  void end(std::size_t index);
  Instant due_of(const Entry& entry) const;
  void on_driver_state(const Event& event);
  void fingerprint_host(Hasher& hasher) const;

  std::pmr::vector<Entry> entries_;
  std::pmr::vector<Timed> timed_;                            ///< struck, for the world to carry out
  std::pmr::map<std::uint64_t, CarriedCommand> carried_;     ///< by drive, queue and CID
  std::pmr::map<std::uint32_t, DriverState> driver_states_;  ///< by drive and machine
  Stream& stream_;
  bool healed_ = false;
};

}  // namespace phasebit::sim
