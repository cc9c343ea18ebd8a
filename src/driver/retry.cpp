#include "src/driver/retry.hpp"

#include <algorithm>

namespace phasebit::driver {
namespace {

bool is_final_generic(spec::GenericStatus code) {
  switch (code) {
    case spec::GenericStatus::invalid_opcode:
    case spec::GenericStatus::invalid_field:
    case spec::GenericStatus::abort_requested:
    case spec::GenericStatus::aborted_sq_deletion:
    case spec::GenericStatus::invalid_namespace_or_format:
    case spec::GenericStatus::prp_offset_invalid:
    case spec::GenericStatus::operation_denied:
    case spec::GenericStatus::namespace_write_protected:
    case spec::GenericStatus::prohibited_by_lockdown:
    case spec::GenericStatus::lba_out_of_range:
    case spec::GenericStatus::capacity_exceeded:
    case spec::GenericStatus::reservation_conflict:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool is_worth_retrying(spec::Status status) {
  if (status.get(spec::Status::dnr)) {
    return false;
  }
  const auto code = static_cast<std::uint8_t>(status.get(spec::Status::sc));
  switch (status.get(spec::Status::sct)) {
    case spec::Sct::generic:
      return !is_final_generic(static_cast<spec::GenericStatus>(code));
    case spec::Sct::command_specific:
      return false;
    case spec::Sct::media:
      return !is(status, spec::MediaStatus::compare_failure) && !is(status, spec::MediaStatus::access_denied);
    default:
      return true;
  }
}

Duration retry_delay(const RetryDelays& delays, spec::Status status, std::uint8_t attempts) {
  const std::uint32_t crd = status.get(spec::Status::crd);
  if (crd != 0 && delays.device[crd - 1].ns != 0) {
    return delays.device[crd - 1];
  }
  return delays.own * (1ull << std::min<std::uint32_t>(attempts - 1u, 10));
}

}  // namespace phasebit::driver
