// Enabling, disabling and shutting down: what CC asks for, and how CSTS follows in time (Base 2.0 §3.1.3.5, §3.5, §3.6).
#pragma once

#include <cstdint>

#include "sim/controller/register_file.hpp"
#include "sim/controller/undefined.hpp"
#include "sim/controller/wiring.hpp"
#include "src/base/time.hpp"

namespace phasebit::sim {

/// What the rest of the controller has to do when it changes state.
struct LifecycleHooks {
  virtual ~LifecycleHooks() = default;
  virtual void on_enabling(Instant now) = 0;                        ///< CC.EN is 1 and the configuration makes sense
  virtual void on_ready(Instant now) = 0;                           ///< CSTS.RDY is 1
  virtual void on_disabling(Instant now, Instant disabled_at) = 0;  ///< CC.EN is 0; memory may still be reached until on_disabled
  virtual void on_disabled(Instant now) = 0;                        ///< CSTS.RDY is 0: nothing of before may happen any more
  virtual void on_shut_down(bool orderly, Instant now) = 0;         ///< CSTS.SHST is 10b
};

class Lifecycle {
 public:
  Lifecycle(const Wiring& wiring, RegisterFile& registers, Undefined& undefined, LifecycleHooks& hooks)
      : wiring_(wiring), registers_(registers), undefined_(undefined), hooks_(hooks) {}

  /// Power comes up with the state that the options say is found.
  void find(const StateFound& found, Instant now);
  /// Any reset but Controller Reset: at once.
  void reset();

  void on_cc_changed(spec::Cc before, spec::Cc after, Instant now);
  void make_fatal();

  void step(Instant now);
  Instant next_due() const;

  bool ready() const { return state_ == State::ready; }
  bool disabled() const { return state_ == State::disabled; }
  bool fatal() const { return csts().get(spec::Csts::cfs); }
  /// New commands are fetched.
  bool fetches() const { return ready() && !fatal() && shutdown_ == Shutdown::none; }
  /// Commands go on and complete.
  bool executes() const { return (ready() || state_ == State::disabling) && !fatal() && shutdown_ != Shutdown::complete; }
  /// Commands that need the media may run (§3.5.4: ready independent of media).
  bool media_ready(Instant now) const { return now >= media_ready_at_; }
  bool shut_down_orderly() const { return shutdown_ == Shutdown::complete && orderly_; }
  spec::Csts csts() const { return registers_.csts(); }

  void fingerprint(Hasher& hasher) const;

 private:
  enum class State : std::uint8_t { disabled, enabling, ready, disabling };
  enum class Shutdown : std::uint8_t { none, occurring, complete };

  void enable(Instant now);
  void disable(Instant now);
  void begin_shutdown(bool orderly, Instant now);
  void become_ready(Instant now);
  void become_disabled(Instant now);
  void become_shut_down(Instant now);
  bool configuration_works() const;
  bool admin_queues_in_own_memory() const;
  bool transition_blocked() const;
  bool shutdown_blocked() const;
  void set_csts(spec::Csts value);
  Duration extra(ControllerMoment moment, Verb late);

  Wiring wiring_;
  RegisterFile& registers_;
  Undefined& undefined_;
  LifecycleHooks& hooks_;
  State state_ = State::disabled;
  Shutdown shutdown_ = Shutdown::none;
  bool orderly_ = false;
  bool enable_after_disable_ = false;  ///< a late effect
  bool disable_after_enable_ = false;
  Instant due_ = never;  ///< of the transition under way
  Instant shutdown_due_ = never;
  Instant media_ready_at_;
};

}  // namespace phasebit::sim
