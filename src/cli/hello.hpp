// Hello, drive: probe, attach, write one block, read it, compare, detach, each step printed. The same code for every bus.
#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/engine/interrupt.hpp"
#include "src/backend/bus.hpp"
#include "src/base/random.hpp"
#include "src/cli/drive_consent.hpp"
#include "src/cli/output.hpp"
#include "src/cli/session.hpp"
#include "src/cli/usable_namespace.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/status.hpp"

namespace phasebit::cli {

/// Which drive, and what the user has said of it.
struct HelloTarget {
  PciAddress address;
  std::optional<DriveConsent> consent;  ///< nothing: it is an emulated drive, which may be written to
};

std::string address_text(PciAddress address);
/// One line about a step: its name, then what came of it.
void print_step(std::string_view step, std::string_view what);
/// What identity and namespaces an attached driver has found.
std::string controller_text(const driver::AnyDriver& driver);

template <Bus B, Clock C>
class Hello {
 public:
  Hello(B& bus, C& clock, const HelloTarget& target) : bus_(bus), clock_(clock), target_(target) {}

  scenarios::ExitCode run() {
    Session<B, C> session(bus_, clock_, target_.address);
    const std::optional<PciFunction> function = session.find();
    if (!function) {
      tell(fmt::format("phasebit: probe: there is no NVMe controller at {}\n", address_text(target_.address)));
      return ExitCode::environment;
    }
    print_step("probe", fmt::format("{} is an NVMe controller, vendor {:04x}h, device {:04x}h", address_text(function->address),
                                    function->vendor_id, function->device_id));
    if (const auto attached = session.attach(); !attached) {
      return refuse(attached.error());
    }
    return talk(session);
  }

 private:
  using ExitCode = scenarios::ExitCode;

  template <class S>
  ExitCode talk(S& session) {
    print_step("attach", controller_text(session.driver()));
    if (const auto other = target_.consent ? is_another(session.driver(), *target_.consent) : std::nullopt) {
      tell(fmt::format("phasebit: attach: {}\n", *other));
      return ExitCode::environment;
    }
    const ExitCode exchanged = exchange(session);
    if (const Result<void> detached = session.detach(); !detached) {
      return scenarios::louder(exchanged, refuse("detach", "the drive did not shut down", detached.error()));
    }
    print_step("detach", "the drive was shut down in good order");
    return exchanged;
  }

  template <class S>
  ExitCode exchange(S& session) {
    const auto usable = first_usable_namespace(session.driver().namespaces());
    if (!usable) {
      return refuse("write", "the drive has no namespace with blocks and without metadata", Errc::not_found);
    }
    const driver::Namespace space = *usable;
    const Result<DmaRegion> memory = session.backend().allocate_dma(2ull * space.block_bytes);
    if (!memory) {
      return refuse("write", "there is no memory for two blocks", memory.error());
    }
    ExitCode code = ExitCode::internal;
    if (const Result<void> opened = session.open_channel(); !opened) {
      code = refuse("write", "no queue could be made", opened.error());
    } else {
      code = write_and_read(session, space, *memory);
    }
    session.backend().free_dma(*memory);
    return code;
  }

  template <class S>
  ExitCode write_and_read(S& session, const driver::Namespace& space, const DmaRegion& memory) {
    const DmaRegion written = memory.slice(0, space.block_bytes);
    const DmaRegion read = memory.slice(space.block_bytes, space.block_bytes);
    Random content(clock_.now().ns);  // other than what an earlier hello left
    for (std::byte& byte : written.span()) {
      byte = static_cast<std::byte>(content.next());
    }
    const auto forbidden = target_.consent ? forbids_writing(session, space, *target_.consent) : std::nullopt;
    if (forbidden) {
      print_step("write", "left out: " + *forbidden);
      const bool done = transfer(session, "read", spec::NvmOpcode::read, space, read);
      return !done ? ExitCode::objected : target_.consent->destructive ? ExitCode::environment : ExitCode::clean;
    }
    if (!transfer(session, "write", spec::NvmOpcode::write, space, written) ||
        !transfer(session, "read", spec::NvmOpcode::read, space, read)) {
      return ExitCode::objected;
    }
    const bool equal = std::memcmp(written.data, read.data, space.block_bytes) == 0;
    print_step("compare", equal ? "what was read is what was written" : "what was read is NOT what was written");
    return equal ? ExitCode::clean : ExitCode::objected;
  }

  template <class S>
  bool transfer(S& session, std::string_view step, spec::NvmOpcode opcode, const driver::Namespace& space, const DmaRegion& region) {
    if (scenarios::interrupt_seen() != 0) {
      return false;
    }
    driver::Operation operation;
    operation.opcode = opcode;
    operation.nsid = space.nsid;
    operation.blocks = 1;
    operation.buffers = {&region, 1};
    const Result<driver::OperationResult> result = session.io(operation);
    const bool done = result && result->outcome == driver::Outcome::ok;
    const std::string what =
        result ? fmt::format("{} ({})", name(result->outcome), spec::status_name(result->status)) : std::string(name(result.error()));
    print_step(step, fmt::format("block 0 of namespace {}, {} bytes: {}", space.nsid.value, space.block_bytes, done ? "ok" : what));
    return done;
  }

  ExitCode refuse(const driver::AttachFailure& failure) {
    switch (failure.step) {
      case driver::AttachFailure::Step::claim:
        return refuse("probe", "the drive cannot be claimed", failure.error);
      case driver::AttachFailure::Step::open:
        return refuse("attach", "the drive cannot be opened", failure.error);
      case driver::AttachFailure::Step::bring_up:
        break;
    }
    return refuse("attach", "the drive did not become ready", failure.error);
  }
  ExitCode refuse(std::string_view step, std::string_view what, Errc error) {
    tell(fmt::format("phasebit: {}: {} ({})\n", step, what, name(error)));
    return ExitCode::environment;
  }

  B& bus_;
  C& clock_;
  HelloTarget target_;
};

}  // namespace phasebit::cli
