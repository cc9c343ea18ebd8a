#include <string>

#include "sim/monitor/judgements.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {
namespace {

/// DmaFault as dma_access events carry it.
constexpr std::uint32_t fault_bus_master_off = 3;

/// What the controller has to offer for an address in its own memory that plays this part.
bool is_offered(PrpRole role, std::uint8_t opcode, spec::Cmbsz cmbsz) {
  switch (role) {
    case PrpRole::prp2_list:
    case PrpRole::list_chain:
      return cmbsz.get(spec::Cmbsz::lists);
    case PrpRole::queue_base:
      return true;  // judged as a queue
    case PrpRole::prp1:
    case PrpRole::prp2_data:
    case PrpRole::list_data:
      break;
  }
  const bool is_write = spec::data_direction(opcode) == spec::DataDirection::host_to_controller;
  return is_write ? cmbsz.get(spec::Cmbsz::wds) : cmbsz.get(spec::Cmbsz::rds);
}

void judge_place_of_data(const Event& event, PrpRole role, const std::string& text, DriveView& view, ViolationList& found) {
  const bool enabled = spec::cmb_is_enabled(view.cmbmsc);
  if (view.controller_memory_bytes(event.b) == 0 || role == PrpRole::queue_base || (!enabled && view.is_mapped_memory(event.b))) {
    return;
  }
  const std::uint8_t opcode = view.submission(event.queue).command(static_cast<std::uint16_t>(event.a & 0xffff)).opcode;
  if (!enabled || !is_offered(role, opcode, view.cmbsz)) {
    found.add("DMA-21", text + " where CMBSZ is " + hex(view.cmbsz.raw) + " and CMBMSC " + hex(view.cmbmsc.raw));
  }
}

}  // namespace

void judge_prp_entry(const Event& event, DriveView& view, ViolationList& found) {
  const std::uint64_t page_offset = event.b & (spec::page_bytes(view.cc) - 1);
  const auto role = static_cast<PrpRole>((event.a >> 16) & 0xff);
  const std::string text = "SQ " + std::to_string(event.queue) + " command " + hex(event.a & 0xffff) + ": " + hex(event.b);
  judge_place_of_data(event, role, text, view, found);
  switch (role) {
    case PrpRole::prp1:
      if ((event.b & 3) != 0) {
        found.add("DMA-01", text);
      }
      return;
    case PrpRole::prp2_data:
      if (page_offset != 0) {
        found.add("DMA-02", text);
      }
      return;
    case PrpRole::list_data:
      if (page_offset != 0) {
        found.add("DMA-03", text);
      }
      return;
    case PrpRole::prp2_list:
    case PrpRole::list_chain:
      if ((event.b & 7) != 0) {
        found.add("DMA-04", text);
      }
      return;
    case PrpRole::queue_base:
      return;
  }
}

void judge_dma_access(const Event& event, DriveView& view, ViolationList& found) {
  const bool never_left_the_device = (event.a >> 24) == fault_bus_master_off;
  if (never_left_the_device || view.abandoned) {
    return;
  }
  const auto cid = static_cast<std::uint16_t>(event.a & 0xffff);
  const std::uint64_t mapped = view.mapped_bytes(event.b);
  auto& queue = view.submission(event.queue);
  const std::string text = "SQ " + std::to_string(event.queue) + " command " + hex(cid) + ": " + std::to_string(event.c) + " bytes at " +
                           hex(event.b) + ", of which " + std::to_string(mapped) + " are mapped";
  if (mapped >= event.c) {
    if (queue.exists) {
      queue.command(cid).reached_memory = true;
    }
    return;
  }
  const bool ends_early = mapped > 0 || (queue.exists && queue.command(cid).reached_memory);
  if (ends_early) {
    found.add("DMA-13", text);
  }
  if (mapped == 0) {
    found.add("DMA-07", text);
  }
}

}  // namespace phasebit::sim
