#include "scenarios/oracles/exactly_once.hpp"

#include <fmt/format.h>

namespace phasebit::scenarios {

void ExactlyOnce::judge(const Event& event) {
  switch (event.kind) {
    case EventKind::operation_begun:
      if (!operations_.emplace(std::pair{event.drive, event.b.get()}, event_number()).second) {
        object(fmt::format("operation {} was begun twice", event.b.get()));
      }
      return;
    case EventKind::operation_ended:
      return operation_ended(event);
    case EventKind::command_pushed:
      return command_pushed(event);
    case EventKind::command_finished:
      return command_finished(event);
    default:
      return;
  }
}

void ExactlyOnce::operation_ended(const Event& event) {
  if (operations_.erase({event.drive, event.b.get()}) == 0) {
    object(fmt::format("operation {} ended, though it was not under way", event.b.get()));
  }
}

void ExactlyOnce::command_pushed(const Event& event) {
  const auto cid = static_cast<std::uint16_t>(event.a & 0xffff);
  const auto [place, fresh] = commands_.try_emplace({event.drive, event.queue.get(), cid}, Command{event.b.get(), event_number()});
  if (!fresh) {
    object(fmt::format("SQ {} command {:#x} was pushed for operation {} while operation {} still had it", event.queue.get(), cid,
                       event.b.get(), place->second.tag));
    place->second = {event.b.get(), event_number()};
  }
}

void ExactlyOnce::command_finished(const Event& event) {
  const auto cid = static_cast<std::uint16_t>(event.a & 0xffff);
  const auto found = commands_.find({event.drive, event.queue.get(), cid});
  if (found == commands_.end()) {
    object(fmt::format("SQ {} command {:#x} was given back, though it was not outstanding", event.queue.get(), cid));
    return;
  }
  if (found->second.tag != event.b) {
    object(fmt::format("SQ {} command {:#x} was given back to operation {} and belongs to {}", event.queue.get(), cid, event.b.get(),
                       found->second.tag));
  }
  commands_.erase(found);
}

void ExactlyOnce::finish() {
  for (const auto& [key, begun] : operations_) {
    keep({name(), {}, fmt::format("operation {} never ended", key.second), begun, {}, key.first, true});
  }
  for (const auto& [key, command] : commands_) {
    keep({name(),
          {},
          fmt::format("SQ {} command {:#x} of operation {} was never given back", std::get<1>(key), std::get<2>(key), command.tag),
          command.pushed,
          {},
          std::get<0>(key),
          true});
  }
}

}  // namespace phasebit::scenarios
