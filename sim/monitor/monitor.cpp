#include "sim/monitor/monitor.hpp"

#include <cstring>

#include "sim/monitor/judgements.hpp"

namespace phasebit::sim {

Monitor::Drive& Monitor::drive(std::uint8_t index) {
  if (drives_.size() <= index) {
    drives_.resize(index + 1u);
  }
  return drives_[index];
}

void Monitor::on_event(std::uint64_t number, const Event& event) {
  Drive& on = drive(event.drive);
  found_.set_place(number, event.instant(), event.drive);
  judge(event, on);
  on.view.apply(number, event);
}

void Monitor::judge(const Event& event, Drive& on) {
  switch (event.kind) {
    case EventKind::register_write:
      return judge_write(event, on.view);
    case EventKind::sqe_part:
      return take_part(event, on);
    case EventKind::prp_entry:
      return judge_prp_entry(event, on.view, found_);
    case EventKind::dma_access:
      return judge_dma_access(event, on.view, found_);
    case EventKind::dataset_range:
      return judge_dataset_range(event, on.view, found_);
    case EventKind::command_finished:
      return judge_finished(event, on.view);
    case EventKind::function_released:
      return judge_idleness(event.instant(), on.view, found_);
    case EventKind::phase_entered:
      return judge_phase(event);
    case EventKind::queue_made:
      if ((event.a >> 31) != 0 && (event.c >> 16) != 0) {
        found_.add("INI-20",
                   "CQ " + std::to_string(event.queue) + " was made over " + std::to_string(event.c >> 16) + " slots with phase 1");
      }
      return;
    case EventKind::dma_unmapped:
      if (event.a != 0) {
        found_.add("DMA-08", std::to_string(event.c) + " bytes at " + hex(event.b) + " were to be unmapped while a command uses them");
      }
      return;
    default:
      return;
  }
}

void Monitor::judge_write(const Event& event, DriveView& view) {
  judge_register_write(event, view, found_);
  const bool lost = (event.c >> 8) != 0;
  if (lost) {
    return;
  }
  const auto value = static_cast<std::uint32_t>(event.b);
  if (event.a == spec::offset::cc) {
    judge_controller_configuration(value, event.instant(), view, found_);
  } else if (event.a >= spec::offset::doorbells) {
    judge_doorbell(event.a, value, view, found_);
  }
}

/// At the end of a run whoever waits does so for ever.
void Monitor::judge_phase(const Event& event) {
  constexpr std::uint32_t end = 3;
  for (std::size_t index = 0; index < drives_.size() && event.a == end; ++index) {
    found_.set_drive(static_cast<std::uint8_t>(index));
    judge_idleness(event.instant(), drives_[index].view, found_);
  }
}

/// Outcomes 0 (ok) and 1 (failed) are the device's verdict; the host gives all others by itself and needs no entry for them.
void Monitor::judge_finished(const Event& event, DriveView& view) {
  const auto cid = static_cast<std::uint16_t>(event.a & 0xffff);
  if (event.c > 1 || view.answered(event.queue, cid)) {
    return;
  }
  found_.add("QUE-24", "SQ " + std::to_string(event.queue) + " command " + hex(cid) + " was reported complete before any entry was posted");
}

void Monitor::take_part(const Event& event, Drive& on) {
  const std::uint64_t halves[2] = {event.b, event.c};
  const Le64 wire[2] = {halves[0], halves[1]};
  std::memcpy(reinterpret_cast<std::byte*>(&on.sqe) + 16ul * (event.a & 3), wire, sizeof wire);
  if (event.a == 3) {
    judge_command(event.queue, on.sqe, on.view, found_);
    on.view.command_fetched(event.queue, on.sqe);
  }
}

}  // namespace phasebit::sim
