// The rules as functions: each looks at one event and at the view before it, and adds what is broken.
#pragma once

#include <cstdint>

#include "sim/monitor/drive_view.hpp"
#include "sim/monitor/violation.hpp"
#include "src/backend/event.hpp"
#include "src/spec/command.hpp"

namespace phasebit::sim {

/// REG-04, REG-05, REG-15, INI-03, INI-04, RST-11: writes to registers, whatever their effect.
void judge_register_write(const Event& event, const DriveView& view, ViolationList& found);

/// INI-01, INI-02, INI-05 to INI-10, RST-05, RST-06: a new value of CC.
void judge_controller_configuration(std::uint32_t value, Instant now, const DriveView& view, ViolationList& found);

/// REG-09, REG-10, INI-18, INI-27, QUE-15 to QUE-21, QUE-25, QUE-27, RST-01, RST-04, RST-10.
void judge_doorbell(std::uint32_t offset, std::uint32_t value, DriveView& view, ViolationList& found);

/// QUE-27 of a host that ends what it does with the drive, or lets the run end.
void judge_idleness(Instant now, const DriveView& view, ViolationList& found);

/// CMD-01, CMD-06, CMD-09 to CMD-12: every command.
void judge_command(std::uint16_t sqid, const spec::Sqe& sqe, DriveView& view, ViolationList& found);

/// CMD-11: a range of a list that a command brought. The entry has told nothing of it.
void judge_dataset_range(const Event& event, const DriveView& view, ViolationList& found);

/// INI-23, INI-24, QUE-01 to QUE-07, QUE-11 to QUE-13, QUE-32, CMD-15, CMD-16: commands of the admin queue.
void judge_admin_command(const spec::Sqe& sqe, DriveView& view, ViolationList& found);

/// CMD-06, CMD-12: what a command of the admin queue names and moves.
void judge_admin_scope(const spec::Sqe& sqe, const DriveView& view, ViolationList& found);

/// DMA-01 to DMA-04, DMA-21: an address of a PRP walk.
void judge_prp_entry(const Event& event, DriveView& view, ViolationList& found);

/// DMA-07, DMA-13: what a command makes the controller touch.
void judge_dma_access(const Event& event, DriveView& view, ViolationList& found);

}  // namespace phasebit::sim
