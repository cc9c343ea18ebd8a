#include "sim/controller/error_log.hpp"

#include <algorithm>
#include <cstring>

namespace phasebit::sim {
namespace {

constexpr std::uint16_t of_no_command = 0xffff;
constexpr std::uint16_t location_unknown = 0xffff;
constexpr spec::ErrorLogEntry unused{};

}  // namespace

ErrorLog::ErrorLog(const DriveOptions& options, std::pmr::memory_resource* memory)
    : entries_(memory), entries_max_(options.error_log_entries), count_(options.smart.error_log_entries) {
  entries_.reserve(entries_max_ + 1);
  for (auto raw = options.error_log.rbegin(); raw != options.error_log.rend(); ++raw) {
    std::memcpy(&entries_.emplace_back(), raw->data(), raw->size());
    // Each entry's count is its own (Base 2.0 Figure 206), whatever SMART says of their number.
    count_ = std::max(count_, std::min(entries_.back().error_count.get(), smart_counter_max));
  }
}

void ErrorLog::push(spec::ErrorLogEntry entry) {
  entry.error_count = ++count_;
  entry.parameter_error_location = location_unknown;
  if (entries_.size() == entries_max_) {
    entries_.erase(entries_.begin());
  }
  entries_.push_back(entry);
}

void ErrorLog::add(const Command& command, spec::Status status, std::uint64_t lba) {
  spec::ErrorLogEntry entry;
  entry.sqid = command.sqid.value;
  entry.cid = command.cid.value;
  entry.status_phase = static_cast<std::uint16_t>(status.raw << 1);
  entry.lba = lba;
  entry.nsid = command.sqe.nsid;
  push(entry);
}

void ErrorLog::add(spec::Status status) {
  spec::ErrorLogEntry entry;
  entry.sqid = of_no_command;
  entry.cid = of_no_command;
  entry.status_phase = static_cast<std::uint16_t>(status.raw << 1);
  push(entry);
}

const spec::ErrorLogEntry& ErrorLog::entry(std::size_t index) const {
  return index < entries_.size() ? entries_[entries_.size() - 1 - index] : unused;
}

void ErrorLog::fingerprint(Hasher& hasher) const {
  hasher.add(count_);
  for (const spec::ErrorLogEntry& entry : entries_) {
    hasher.add(entry.error_count.get());
    hasher.add(entry.sqid.get());
    hasher.add(entry.cid.get());
    hasher.add(entry.status_phase.get());
    hasher.add(entry.lba.get());
  }
}

}  // namespace phasebit::sim
