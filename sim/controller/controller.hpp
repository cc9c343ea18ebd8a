// One NVMe controller: registers in front, queues and commands behind, DMA and media beyond.
#pragma once

#include <cstdint>

#include "sim/controller/device.hpp"
#include "sim/controller/executor.hpp"
#include "sim/controller/lifecycle.hpp"
#include "sim/controller/wiring.hpp"
#include "sim/faults/fault.hpp"

namespace phasebit::sim {

/// Resets other than Controller Reset, which CC.EN does (Base 2.0 §3.7.2), and the loss of power.
enum class ResetKind : std::uint8_t { function_level, conventional, subsystem };

/// An NVMe controller as others see one. Time is the stream's. A step in which nothing is due changes nothing and draws nothing, so that
/// `step` need only be called when `next_due` has come; draws are keyed by what they are for.
class Controller final : private LifecycleHooks {
 public:
  /// Power is on; the state found is the options'.
  explicit Controller(const Wiring& wiring);
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  ~Controller() override = default;

  /// A load of 4 or 8 bytes from the registers. Doorbells read as zero.
  std::uint64_t register_read(std::uint32_t offset, std::uint32_t bytes) const;
  /// A store takes effect now.
  void register_write(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes);

  void step();
  /// When `step` has something to do next; an instant that has come means in the next cycle.
  Instant next_due() const;

  void reset(ResetKind kind);
  /// Power is lost; `outcome` (modulo their count) says what the volatile cache keeps.
  void power_cut(std::uint64_t outcome);
  /// What cuts at this moment could leave.
  std::uint64_t count_cut_outcomes() const { return device_.wiring.media.count_outcomes(); }
  /// Power comes back, with nothing enabled.
  void power_on();

  /// Carries out a fault of the controller that struck somewhere else: fatal, namespace changes, event storm, thermal throttle.
  void strike(const Fault& fault);

  // For whoever plays the administrator of the drive; each tells the host as the host has asked to be told.
  bool set_namespace_active(Nsid nsid, bool active);
  bool resize_namespace(Nsid nsid, std::uint64_t blocks);
  void make_fatal() { lifecycle_.make_fatal(); }

  const Device& device() const { return device_; }
  const Lifecycle& lifecycle() const { return lifecycle_; }

  void fingerprint(Hasher& hasher) const;

 private:
  // LifecycleHooks
  void on_enabling(Instant now) override;
  void on_ready(Instant now) override;
  void on_disabling(Instant now, Instant disabled_at) override;
  void on_disabled(Instant now) override;
  void on_shut_down(bool orderly, Instant at) override;

  Instant now() const { return device_.wiring.stream.now(); }
  void announce_once();
  void on_register_change(const RegisterChange& change);
  void ring(std::uint32_t offset, std::uint64_t value, std::uint32_t bytes);
  void on_invalid_doorbell(DoorbellResult result, std::uint32_t offset, std::uint32_t value);
  void expire_keep_alive();
  void drop_everything();
  void place_memory();
  void forget_memory();

  Device device_;
  Lifecycle lifecycle_;
  Executor executor_;
  bool announced_ = false;  ///< facts were told since power came on
};

}  // namespace phasebit::sim
