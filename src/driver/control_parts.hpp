// What the parts of the control plane share: the function, what is known of it, and how things are told.
#pragma once

#include <optional>

#include "src/driver/admin_plane.hpp"
#include "src/driver/controller_memory.hpp"
#include "src/driver/controller_registers.hpp"
#include "src/driver/device_view.hpp"
#include "src/driver/event_list.hpp"
#include "src/driver/grant_table.hpp"
#include "src/driver/namespace_book.hpp"
#include "src/driver/queue_registry.hpp"
#include "src/driver/wait.hpp"

namespace phasebit::driver {

/// References to what the driver owns; all of it outlives the control plane.
template <Backend B>
struct ControlParts {
  B& backend;
  const Options& options;
  const ControllerSettings& settings;
  ControllerInfo& info;
  EventList& events;
  AdminPlane<B>& admin;
  BringUpScript& script;
  NamespaceBook& book;
  QueueRegistry& queues;
  GrantTable<B>& grants;
  DeviceView& view;
  ControllerRegisters<B>& registers;
  ControllerMemory& controller_memory;
  Quirks quirks;

  void tell(const std::optional<Transition>& transition) {
    if (transition) {
      backend.record(event_of(*transition));
    }
  }

  /// The bounds of waits, as far as they are known by now.
  Duration shutdown_timeout() const { return std::max(script.facts().shutdown_latency, options.shutdown_timeout_floor); }
};

}  // namespace phasebit::driver
