#include "src/driver/settings.hpp"

#include <algorithm>

#include "src/spec/command.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::driver {
namespace {

constexpr std::uint32_t io_queues_limit = 65535;  // QID 0 is the admin queue, and counts on the wire are 16 bits

/// Registers are read 32 bits at a time, and a function may come or go between two of them. None of these can be all ones otherwise: CAP
/// has reserved bits in both halves, there is no version 65535.255.255, and no controller takes nine hours.
bool is_silent(const SettingsRequest& request) {
  const auto is_ones = [](std::uint64_t half) { return static_cast<std::uint32_t>(half) == spec::all_ones32; };
  return is_ones(request.cap.raw) || is_ones(request.cap.raw >> 32) || is_ones(request.version.raw) ||
         (request.cap.get(spec::Cap::crms) != 0 && is_ones(request.crto.raw));
}

/// The first thing that makes the controller unusable.
Problem judge(const SettingsRequest& request) {
  const spec::Cap cap = request.cap;
  if (is_silent(request)) {
    return Problem::not_there;
  }
  if (cap.get(spec::Cap::mpsmin) > cap.get(spec::Cap::mpsmax)) {
    return Problem::page_sizes_inverted;
  }
  if (spec::page_bytes_min(cap) > page_bytes_supported_max) {
    return Problem::page_size_too_large;
  }
  if (cap.get(spec::Cap::mqes) == 0) {
    return Problem::queue_too_small;
  }
  return io_queues_within_bar(cap, request.bar_bytes) == 0 ? Problem::doorbells_beyond_bar : Problem::none;
}

std::uint32_t choose_page_bytes(spec::Cap cap, std::uint32_t preferred) {
  const std::uint32_t largest = std::min(spec::page_bytes_max(cap), page_bytes_supported_max);
  std::uint32_t page = spec::page_bytes_min(cap);
  while (page < preferred && page < largest) {
    page *= 2;
  }
  return page;
}

spec::Cc choose_configuration(const SettingsRequest& request, std::uint32_t page_bytes, spec::Css css) {
  const bool weighted = request.weighted_round_robin && request.cap.get(spec::Cap::ams_weighted_round_robin);
  return spec::Cc{}
      .with(spec::Cc::css, css)
      .with(spec::Cc::mps, spec::mps_from_page_bytes(page_bytes))
      .with(spec::Cc::ams, weighted ? spec::Ams::weighted_round_robin : spec::Ams::round_robin)
      .with(spec::Cc::iosqes, spec::sqe_bytes_log2)
      .with(spec::Cc::iocqes, spec::cqe_bytes_log2);
}

}  // namespace

tl::expected<ControllerSettings, Problem> choose_settings(const SettingsRequest& request) {
  if (const Problem problem = judge(request); problem != Problem::none) {
    return tl::unexpected(problem);
  }
  const auto css = choose_command_set(request.cap);
  if (!css) {
    return tl::unexpected(css.error());
  }
  ControllerSettings settings;
  settings.page_bytes = choose_page_bytes(request.cap, request.page_bytes);
  settings.admin_queue_entries = std::clamp(request.admin_queue_entries, 2u, admin_queue_entries_max);
  settings.io_queue_entries = std::clamp(request.io_queue_entries, 2u, spec::queue_entries_max(request.cap));
  settings.io_queues_max = std::clamp(request.io_queues_max, 1u, io_queues_within_bar(request.cap, request.bar_bytes));
  settings.doorbell_stride_bytes = spec::doorbell_stride_bytes(request.cap);
  settings.ready_timeout = choose_ready_timeout(request.cap, request.crto, request.ready_timeout_floor);
  settings.cc = choose_configuration(request, settings.page_bytes, *css);
  return settings;
}

tl::expected<spec::Css, Problem> choose_command_set(spec::Cap cap) {
  if (cap.get(spec::Cap::css_command_sets)) {
    return spec::Css::all_supported;
  }
  if (cap.get(spec::Cap::css_nvm)) {
    return spec::Css::nvm;
  }
  return tl::unexpected(Problem::no_nvm_command_set);
}

Duration choose_ready_timeout(spec::Cap cap, spec::Crto crto, Duration floor) {
  Duration longest = std::max(floor, spec::ready_timeout(cap));
  if (cap.get(spec::Cap::crms) != 0) {
    longest = std::max(longest, spec::ready_with_media_timeout(crto));
  }
  return longest;
}

std::uint32_t io_queues_within_bar(spec::Cap cap, std::uint64_t bar_bytes) {
  const std::uint64_t pair_bytes = 2ull * spec::doorbell_stride_bytes(cap);
  const std::uint64_t second_doorbell_end = spec::doorbell_offset(cap, admin_qid, spec::DoorbellKind::completion_head) + 4;
  if (bar_bytes < second_doorbell_end + pair_bytes) {
    return 0;
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>((bar_bytes - second_doorbell_end) / pair_bytes, io_queues_limit));
}

}  // namespace phasebit::driver
