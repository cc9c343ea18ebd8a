// Status codes against libnvme's numbers, and status texts against the ones that it prints.
#include "src/spec/status.hpp"

#include <gtest/gtest.h>
#include <libnvme.h>

#include <string_view>

namespace phasebit::spec {
namespace {

template <class Code>
void expect_code(Code ours, int theirs) {
  EXPECT_EQ(static_cast<int>(ours), theirs);
}

TEST(LibnvmeStatus, has_its_parts_where_ours_has) {
  EXPECT_EQ(Status::sc.mask, static_cast<std::uint64_t>(NVME_SC_MASK));
  EXPECT_EQ(Status::sct.mask, static_cast<std::uint64_t>(NVME_SCT_MASK) << NVME_SCT_SHIFT);
  EXPECT_EQ(Status::crd.mask, static_cast<std::uint64_t>(NVME_SC_CRD));
  EXPECT_EQ(Status::m.mask, static_cast<std::uint64_t>(NVME_SC_MORE));
  EXPECT_EQ(Status::dnr.mask, static_cast<std::uint64_t>(NVME_SC_DNR));
  expect_code(Sct::generic, NVME_SCT_GENERIC);
  expect_code(Sct::command_specific, NVME_SCT_CMD_SPECIFIC);
  expect_code(Sct::media, NVME_SCT_MEDIA);
  expect_code(Sct::path, NVME_SCT_PATH);
  expect_code(Sct::vendor_specific, NVME_SCT_VS);
}

TEST(LibnvmeStatus, has_the_numbers_that_the_driver_and_the_drive_use_most) {
  expect_code(GenericStatus::invalid_opcode, NVME_SC_INVALID_OPCODE);
  expect_code(GenericStatus::invalid_field, NVME_SC_INVALID_FIELD);
  expect_code(GenericStatus::command_id_conflict, NVME_SC_CMDID_CONFLICT);
  expect_code(GenericStatus::data_transfer_error, NVME_SC_DATA_XFER_ERROR);
  expect_code(GenericStatus::aborted_power_loss, NVME_SC_POWER_LOSS);
  expect_code(GenericStatus::internal_error, NVME_SC_INTERNAL);
  expect_code(GenericStatus::abort_requested, NVME_SC_ABORT_REQ);
  expect_code(GenericStatus::aborted_sq_deletion, NVME_SC_ABORT_QUEUE);
  expect_code(GenericStatus::aborted_missing_fused, NVME_SC_FUSED_MISSING);
  expect_code(GenericStatus::invalid_namespace_or_format, NVME_SC_INVALID_NS);
  expect_code(GenericStatus::prp_offset_invalid, NVME_SC_PRP_INVALID_OFFSET);
  expect_code(GenericStatus::command_interrupted, NVME_SC_CMD_INTERRUPTED);
  expect_code(GenericStatus::lba_out_of_range, NVME_SC_LBA_RANGE);
  expect_code(GenericStatus::capacity_exceeded, NVME_SC_CAP_EXCEEDED);
  expect_code(GenericStatus::namespace_not_ready, NVME_SC_NS_NOT_READY);
  expect_code(CommandStatus::completion_queue_invalid, NVME_SC_CQ_INVALID);
  expect_code(CommandStatus::invalid_queue_identifier, NVME_SC_QID_INVALID);
  expect_code(CommandStatus::invalid_queue_size, NVME_SC_QUEUE_SIZE);
  expect_code(CommandStatus::abort_command_limit_exceeded, NVME_SC_ABORT_LIMIT);
  expect_code(CommandStatus::async_event_request_limit_exceeded, NVME_SC_ASYNC_LIMIT);
  expect_code(CommandStatus::invalid_interrupt_vector, NVME_SC_INVALID_VECTOR);
  expect_code(CommandStatus::invalid_log_page, NVME_SC_INVALID_LOG_PAGE);
  expect_code(CommandStatus::invalid_queue_deletion, NVME_SC_INVALID_QUEUE);
  expect_code(CommandStatus::feature_identifier_not_saveable, NVME_SC_FEATURE_NOT_SAVEABLE);
  expect_code(CommandStatus::feature_not_changeable, NVME_SC_FEATURE_NOT_CHANGEABLE);
  expect_code(CommandStatus::feature_not_namespace_specific, NVME_SC_FEATURE_NOT_PER_NS);
  expect_code(CommandStatus::conflicting_attributes, NVME_SC_BAD_ATTRIBUTES);
  expect_code(CommandStatus::attempted_write_to_read_only_range, NVME_SC_READ_ONLY);
  expect_code(CommandStatus::command_size_limit_exceeded, NVME_SC_CMD_SIZE_LIMIT_EXCEEDED);
  expect_code(MediaStatus::write_fault, NVME_SC_WRITE_FAULT);
  expect_code(MediaStatus::unrecovered_read_error, NVME_SC_READ_ERROR);
  expect_code(MediaStatus::compare_failure, NVME_SC_COMPARE_FAILED);
  expect_code(MediaStatus::deallocated_or_unwritten_logical_block, NVME_SC_UNWRITTEN_BLOCK);
  expect_code(PathStatus::host_pathing_error, NVME_SC_HOST_PATH_ERROR);
  expect_code(PathStatus::command_aborted_by_host, NVME_SC_CMD_ABORTED_BY_HOST);
}

// libnvme prints "Name: explanation". Where both know a code, they call it the same; seven of ours it prints without a name.
TEST(LibnvmeStatus, prints_our_names) {
  int compared = 0;
  for (std::uint16_t raw = 0; raw < 0x800; ++raw) {
    const std::string_view line = nvme_status_to_string(raw, false);
    const std::string_view theirs = line.substr(0, line.find(':'));
    if (!status_identifier(Status{raw}).empty() && line.find(':') != std::string_view::npos) {
      EXPECT_EQ(status_name(Status{raw}), theirs) << std::hex << raw;
      ++compared;
    }
  }
  EXPECT_GE(compared, 95);
}

}  // namespace
}  // namespace phasebit::spec
