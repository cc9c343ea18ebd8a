#include "src/driver/quirks.hpp"

#include <array>

namespace phasebit::driver {
namespace {

using enum Quirk;

// Each row is a public fact about a drive; none is copied from another driver's table beyond the identifiers that name the drive.
constexpr std::array quirk_rows{
    QuirkRow{0x1c58, 0x0003, "", "", delay_before_ready_check, "HGST SN100: Linux quirk DELAY_BEFORE_CHK_RDY"},
    QuirkRow{0x1c58, 0x0023, "", "", delay_before_ready_check, "WDC SN200: Linux quirk DELAY_BEFORE_CHK_RDY"},
    QuirkRow{0x1c5f, 0x0540, "", "", delay_before_ready_check, "Memblaze PBlaze4: Linux quirk DELAY_BEFORE_CHK_RDY"},
    QuirkRow{0x1c5f, 0x0555, "", "", no_descriptors, "Memblaze PBlaze5: Linux quirk NO_NS_DESC_LIST"},
    QuirkRow{0x144d, 0xa821, "", "", delay_before_ready_check, "Samsung PM1725: Linux quirk DELAY_BEFORE_CHK_RDY, SPDK b4ceb613e1bf"},
    QuirkRow{0x144d, 0xa822, "", "", delay_before_ready_check, "Samsung PM1725a: Linux quirk DELAY_BEFORE_CHK_RDY, SPDK b4ceb613e1bf"},
    QuirkRow{0x1bb1, 0x0100, "", "", delay_before_ready_check | no_descriptors, "Seagate Nytro: Linux quirks, both"},
    QuirkRow{0x126f, 0x2263, "", "", no_descriptors, "Silicon Motion: Linux quirk NO_NS_DESC_LIST"},
    QuirkRow{0x1b4b, 0x1092, "", "", no_descriptors, "Lexar 256 GB: Linux quirk NO_NS_DESC_LIST"},
    QuirkRow{0x8086, 0x5845, "", "", no_active_list, "QEMU's first NVMe device: Linux quirk IDENTIFY_CNS"},
    QuirkRow{0x80ee, 0x4e56, "", "", wait_after_queue_creation | no_active_list, "VirtualBox: SPDK 13f8cf1536ca, 6442451b1037"},
    QuirkRow{0x15ad, 0x07f0, "", "", shutdown_never_completes, "VMware: SPDK 518c8add8acc"},
    QuirkRow{0x106b, 0x2001, "", "", plain_command_ids | one_command_at_a_time | no_active_list, "Apple: Linux quirks, and a2941f6aa71a"},
    QuirkRow{0x106b, 0x2005, "", "", plain_command_ids, "Apple: Linux a2941f6aa71a"},
    QuirkRow{0x8086, 0x0953, "", "", delay_before_attach | delay_before_enable, "Intel P3x00: SPDK 32e22643efe1, 36a793ad63cc"},
};

bool matches(const QuirkRow& row, const PciFunction& function, std::string_view model, std::string_view firmware) {
  return (row.vendor_id == 0 || row.vendor_id == function.vendor_id) && (row.device_id == 0 || row.device_id == function.device_id) &&
         model.starts_with(row.model) && firmware.starts_with(row.firmware);
}

}  // namespace

std::span<const QuirkRow> quirk_table() {
  return quirk_rows;
}

Quirks quirks_of(const PciFunction& function) {
  return quirks_of(quirk_rows, function, {}, {});
}

Quirks quirks_of(const PciFunction& function, std::string_view model, std::string_view firmware) {
  return quirks_of(quirk_rows, function, model, firmware);
}

Quirks quirks_of(std::span<const QuirkRow> table, const PciFunction& function, std::string_view model, std::string_view firmware) {
  Quirks quirks;
  for (const QuirkRow& row : table) {
    quirks = matches(row, function, model, firmware) ? quirks | row.quirks : quirks;
  }
  return quirks;
}

std::string_view name(Quirk quirk) {
  switch (quirk) {
    case delay_before_ready_check:
      return "delay_before_ready_check";
    case delay_before_enable:
      return "delay_before_enable";
    case delay_before_attach:
      return "delay_before_attach";
    case plain_command_ids:
      return "plain_command_ids";
    case no_active_list:
      return "no_active_list";
    case no_descriptors:
      return "no_descriptors";
    case one_command_at_a_time:
      return "one_command_at_a_time";
    case wait_after_queue_creation:
      return "wait_after_queue_creation";
    case shutdown_never_completes:
      return "shutdown_never_completes";
  }
  return "unknown";
}

}  // namespace phasebit::driver
