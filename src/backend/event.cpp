#include "src/backend/event.hpp"

namespace phasebit {

std::string_view name(EventKind kind) {
  switch (kind) {
    case EventKind::none:
      return "none";
    case EventKind::register_read:
      return "register_read";
    case EventKind::register_write:
      return "register_write";
    case EventKind::config_read:
      return "config_read";
    case EventKind::config_write:
      return "config_write";
    case EventKind::dma_allocated:
      return "dma_allocated";
    case EventKind::dma_freed:
      return "dma_freed";
    case EventKind::dma_mapped:
      return "dma_mapped";
    case EventKind::dma_unmapped:
      return "dma_unmapped";
    case EventKind::cqe_loaded:
      return "cqe_loaded";
    case EventKind::function_claimed:
      return "function_claimed";
    case EventKind::function_released:
      return "function_released";
    case EventKind::command_pushed:
      return "command_pushed";
    case EventKind::command_finished:
      return "command_finished";
    case EventKind::driver_state:
      return "driver_state";
    case EventKind::operation_begun:
      return "operation_begun";
    case EventKind::operation_extent:
      return "operation_extent";
    case EventKind::operation_ended:
      return "operation_ended";
    case EventKind::namespace_seen:
      return "namespace_seen";
    case EventKind::phase_entered:
      return "phase_entered";
    case EventKind::block_digest:
      return "block_digest";
    case EventKind::drive_fact:
      return "drive_fact";
    case EventKind::register_changed:
      return "register_changed";
    case EventKind::sqe_fetched:
      return "sqe_fetched";
    case EventKind::sqe_part:
      return "sqe_part";
    case EventKind::prp_entry:
      return "prp_entry";
    case EventKind::dma_access:
      return "dma_access";
    case EventKind::media_changed:
      return "media_changed";
    case EventKind::media_read:
      return "media_read";
    case EventKind::cqe_posted:
      return "cqe_posted";
    case EventKind::queue_made:
      return "queue_made";
    case EventKind::queue_deleted:
      return "queue_deleted";
    case EventKind::interrupt_raised:
      return "interrupt_raised";
    case EventKind::cache_flushed:
      return "cache_flushed";
    case EventKind::power_cut:
      return "power_cut";
    case EventKind::power_on:
      return "power_on";
    case EventKind::function_gone:
      return "function_gone";
    case EventKind::function_back:
      return "function_back";
    case EventKind::bus_event:
      return "bus_event";
    case EventKind::command_done:
      return "command_done";
    case EventKind::dataset_range:
      return "dataset_range";
    case EventKind::fault_fired:
      return "fault_fired";
    case EventKind::fault_lifted:
      return "fault_lifted";
  }
  return "unknown";
}

}  // namespace phasebit
