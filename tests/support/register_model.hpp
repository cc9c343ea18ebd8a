// CC and CSTS of a controller, as a host sees them over time: written from the specification's text alone, for tests of the driver.
// It complains about whatever a host must not do, and knows nothing of queues.
#pragma once

#include <string>
#include <vector>

#include "src/base/time.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::testing {

struct RegisterModelOptions {
  bool found_enabled = false;
  bool found_ready = false;
  bool found_fatal = false;
  spec::Shst found_shutdown = spec::Shst::normal_operation;
  Duration enable_takes = milliseconds(20);
  Duration disable_takes = milliseconds(7);
  Duration shutdown_takes = milliseconds(30);
  bool never_ready = false;
  bool never_stops = false;
  bool shutdown_never_ends = false;
  bool fatal_on_enable = false;
};

class RegisterModel {
 public:
  explicit RegisterModel(const RegisterModelOptions& options) : options_(options), shst_(options.found_shutdown) {
    cc_.set(spec::Cc::en, options.found_enabled);
    ready_ = options.found_ready;
    fatal_ = options.found_fatal;
    if (options.found_enabled != options.found_ready) {  // found on its way
      change_at_ = Instant{} + (options.found_enabled ? options.enable_takes : options.disable_takes);
    }
    shutdown_at_ = Instant{} + options.shutdown_takes;
  }

  spec::Cc cc() const { return cc_; }

  spec::Csts csts(Instant now) {
    settle(now);
    return spec::Csts{}.with(spec::Csts::rdy, ready_).with(spec::Csts::cfs, fatal_).with(spec::Csts::shst, shst_);
  }

  void write_cc(spec::Cc value, Instant now) {
    settle(now);
    const bool was = cc_.get(spec::Cc::en);
    const bool is = value.get(spec::Cc::en);
    if (!was && is && ready_) {
      complain("EN set while RDY is 1");
    }
    if (was && !is && !ready_ && !fatal_) {
      complain("EN cleared while RDY is 0");
    }
    if (was && is && ((cc_.raw ^ value.raw) & ~spec::Cc::shn.mask) != 0) {
      complain("CC changed while enabled");
    }
    if (shst_ == spec::Shst::occurring && value.get(spec::Cc::shn) != cc_.get(spec::Cc::shn)) {
      complain("SHN changed while a shutdown occurs");
    }
    if (was != is) {
      change_at_ = now + (is ? options_.enable_takes : options_.disable_takes);
      fatal_ = is && options_.fatal_on_enable;
    }
    if (is && value.get(spec::Cc::shn) != spec::Shn::none && cc_.get(spec::Cc::shn) == spec::Shn::none) {
      shst_ = spec::Shst::occurring;
      shutdown_at_ = now + options_.shutdown_takes;
    }
    if (!was && is) {
      shst_ = spec::Shst::normal_operation;
    }
    cc_ = value;
  }

  void write_admin_register() {
    if (cc_.get(spec::Cc::en)) {
      complain("AQA, ASQ or ACQ written while enabled");
    }
  }

  void become_fatal() { fatal_ = true; }
  void forget_everything() {
    cc_ = spec::Cc{};
    ready_ = fatal_ = false;
    shst_ = spec::Shst::normal_operation;
    change_at_ = never;
  }
  const std::vector<std::string>& complaints() const { return complaints_; }
  RegisterModelOptions& options() { return options_; }

 private:
  void settle(Instant now) {
    if (now >= change_at_) {
      const bool enabled = cc_.get(spec::Cc::en);
      const bool stuck = enabled ? options_.never_ready || fatal_ : options_.never_stops;
      ready_ = stuck ? ready_ : enabled;
      change_at_ = stuck ? change_at_ : never;
    }
    if (shst_ == spec::Shst::occurring && now >= shutdown_at_ && !options_.shutdown_never_ends) {
      shst_ = spec::Shst::complete;
    }
  }
  void complain(std::string what) { complaints_.push_back(std::move(what)); }

  RegisterModelOptions options_;
  spec::Cc cc_;
  bool ready_ = false;
  bool fatal_ = false;
  spec::Shst shst_;
  Instant change_at_ = never;
  Instant shutdown_at_ = never;
  std::vector<std::string> complaints_;
};

}  // namespace phasebit::testing
