// An attached drive as the checks of validate use it: whatever the bus, behind one virtual call per step.
#pragma once

#include <algorithm>
#include <functional>
#include <span>

#include "src/cli/session.hpp"

namespace phasebit::cli {

/// One thread's. Each step returns when it has ended, and every step ends: the driver bounds them all. What is out has to come back before
/// its memory is given back, however long the driver takes.
class DriveAccess {
 public:
  DriveAccess() = default;
  DriveAccess(const DriveAccess&) = delete;
  DriveAccess& operator=(const DriveAccess&) = delete;
  virtual ~DriveAccess() = default;

  virtual driver::AnyDriver& driver() = 0;
  /// An open channel.
  virtual driver::ChannelId channel() const = 0;
  virtual PciFunction function() const = 0;
  /// Somebody wants the drive back.
  virtual bool is_asked_for() const = 0;
  virtual Instant now() = 0;
  /// The driver's turn, then a little time.
  virtual void turn() = 0;
  virtual Result<DmaRegion> allocate(std::uint64_t bytes) = 0;
  virtual void free(const DmaRegion& memory) = 0;

  /// Turns until `done` says so, which waits for something that the driver ends.
  void turn_until(const std::function<bool()>& done);
  /// The same of what nobody has to end; false if `at_most` has passed before.
  bool turn_until(const std::function<bool()>& done, Duration at_most);
  Result<driver::OperationResult> admin(const driver::RawCommand& command);
  /// An operation on the channel; waits for a reset that is under way.
  Result<driver::OperationResult> io(const driver::Operation& operation);
  /// A command as it stands, on the channel.
  Result<driver::OperationResult> raw(const driver::RawCommand& command);

 private:
  Result<driver::OperationResult> submitted(const Result<void>& accepted,
                                            const std::function<std::uint32_t(driver::OperationResult&)>& reap);
};

template <class S, Clock C>
class DriveAccessOf final : public DriveAccess {
 public:
  /// The session has attached and opened its channel.
  DriveAccessOf(S& session, C& clock, const PciFunction& function) : session_(session), clock_(clock), function_(function) {}

  driver::AnyDriver& driver() override { return session_.driver(); }
  driver::ChannelId channel() const override { return session_.channel(); }
  PciFunction function() const override { return function_; }
  bool is_asked_for() const override { return session_.is_asked_for(); }
  Instant now() override { return clock_.now(); }
  void turn() override {
    const Instant wake = session_.poll();
    clock_.pass(std::min(wake, clock_.now() + microseconds(20)));
  }
  Result<DmaRegion> allocate(std::uint64_t bytes) override { return session_.backend().allocate_dma(bytes); }
  void free(const DmaRegion& memory) override { session_.backend().free_dma(memory); }

 private:
  S& session_;
  C& clock_;
  PciFunction function_;
};

/// Memory that the drive reaches, for as long as this lives.
class DriveMemory {
 public:
  DriveMemory(DriveAccess& drive, std::uint64_t bytes) : drive_(drive), region_(drive.allocate(bytes)) {}
  DriveMemory(const DriveMemory&) = delete;
  DriveMemory& operator=(const DriveMemory&) = delete;
  ~DriveMemory() {
    if (region_) {
      drive_.free(*region_);
    }
  }

  bool is_there() const { return region_.has_value(); }
  const DmaRegion& region() const { return *region_; }
  std::span<std::byte> bytes() const { return region_->span(); }

 private:
  DriveAccess& drive_;
  Result<DmaRegion> region_;
};

/// The operation came back and the drive said yes.
inline bool is_ok(const Result<driver::OperationResult>& result) {
  return result && result->outcome == driver::Outcome::ok;
}
/// What came of an operation, in words.
std::string outcome_text(const Result<driver::OperationResult>& result);

/// An operation of whole blocks over all of `memory`.
driver::Operation block_operation(spec::NvmOpcode opcode, const driver::Namespace& space, std::uint64_t first, const DmaRegion& memory);

}  // namespace phasebit::cli
