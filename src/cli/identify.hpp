// Identify: attach, ask the drive what it is, detach. The same code for every bus.
#pragma once

#include <cstring>

#include "src/cli/session.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/identify_controller.hpp"

namespace phasebit::cli {

/// Asks an attached drive itself, as any host would.
template <class S>
Result<spec::IdentifyController> ask(S& session) {
  const Result<DmaRegion> memory = session.backend().allocate_dma(spec::identify_bytes);
  if (!memory) {
    return fail(memory.error());
  }
  driver::RawCommand command;
  command.sqe = spec::Identify{}.sqe();
  command.buffers = {&*memory, 1};
  const Result<driver::OperationResult> result = session.admin(command);
  spec::IdentifyController identify;
  std::memcpy(&identify, memory->data, sizeof(identify));
  session.backend().free_dma(*memory);
  if (!result || result->outcome != driver::Outcome::ok) {
    return fail(result ? Errc::device_failed : result.error());
  }
  return identify;
}

template <Bus B, Clock C>
Result<spec::IdentifyController> identify(B& bus, C& clock, PciAddress address) {
  Session session(bus, clock, address);
  if (!session.find()) {
    return fail(Errc::not_found);
  }
  const auto attached = session.attach();
  return attached ? ask(session) : fail(attached.error().error);
}

}  // namespace phasebit::cli
