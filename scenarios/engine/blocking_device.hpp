// A namespace used one call at a time: each call lets host and stage go on until its command has come back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "scenarios/engine/host.hpp"
#include "scenarios/engine/transfer.hpp"
#include "scenarios/engine/workload.hpp"
#include "scenarios/sqlite/block_device.hpp"

namespace phasebit::scenarios {

/// Where in the life of a write or flush the power may go.
enum class CutMoment : std::uint8_t {
  submitted,  ///< the command is at the drive, which has done nothing for it
  executed,   ///< the drive has done it and has told nobody
};

/// A power cut that is to come: at the write or flush with this number, counted from 0.
struct PlannedCut {
  std::uint64_t operation = 0;
  CutMoment moment = CutMoment::submitted;
};

/// Sits in a host as one of its workloads and is pumped with them. Copies through the arena. Not more than one call at a time.
class BlockingDevice final : public BlockDevice, public Workload, private sim::StreamReader {
 public:
  static constexpr std::uint32_t commands_max = 8;  ///< of its channel: one call at a time, cut where the driver has to

  /// The drive of the seat is ready and has the namespace; otherwise the error of the first call says so.
  BlockingDevice(Host& host, Seat& seat, Nsid nsid, std::uint64_t first_tag);
  ~BlockingDevice() override;

  /// At that operation `cut` is called instead of going on; from then on every call fails with `device_gone`.
  void plan_cut(PlannedCut planned, std::function<void()> cut);
  /// Calls that begin at that time or later fail with `device_gone`.
  void stop_at(Instant end) { end_ = end; }
  /// Writes and flushes so far.
  std::uint64_t operations() const { return operations_; }
  bool was_cut() const { return cut_done_; }

  // BlockDevice
  std::uint32_t block_bytes() const override { return block_bytes_; }
  std::uint64_t block_count() const override { return block_count_; }
  std::uint32_t atomic_write_bytes() const override { return whole_blocks_ * block_bytes_; }
  Result<void> read(Lba first, std::span<std::byte> data) override;
  Result<void> write(Lba first, std::span<const std::byte> data, bool force_unit_access) override;
  Result<void> flush() override;

  // Workload
  Seat& seat() override { return seat_; }
  Instant pump(Instant now) override;
  void stop() override { stopped_ = true; }
  void read_back() override {}
  bool is_done() const override { return !transfer_; }
  std::uint64_t outstanding() const override { return transfer_ ? 1 : 0; }
  bool was_busy() const override { return busy_; }
  Progress progress() const override { return {!transfer_, ended_, slowest_}; }
  const std::map<std::string, std::uint64_t>& outcomes() const override { return outcomes_; }

 private:
  void on_event(std::uint64_t number, const Event& event) override;

  bool open_channel();
  bool reap(driver::AnyDriver& driver, Instant now);
  TransferPlan plan_of(spec::NvmOpcode opcode, Lba first, std::uint64_t bytes);
  Result<void> run(const TransferPlan& plan, std::span<std::byte> into);
  Result<void> finish(std::span<std::byte> into);
  bool is_cut_point(spec::NvmOpcode opcode);
  bool cut_is_due() const;
  void cut_now();

  Host& host_;
  Seat& seat_;
  const std::uint8_t drive_;  ///< events still come when host and seat are no more
  Stage& stage_;
  Nsid nsid_;
  std::uint64_t next_tag_;
  std::uint32_t block_bytes_ = 512;
  std::uint64_t block_count_ = 0;
  std::uint32_t whole_blocks_ = 1;  ///< of a write that power loss does not tear and the driver does not cut
  std::optional<driver::ChannelId> channel_;
  std::optional<Transfer> transfer_;
  bool accepted_ = false;
  std::optional<driver::OperationResult> result_;
  std::uint64_t operations_ = 0;
  std::optional<PlannedCut> planned_;
  std::function<void()> cut_;
  bool cut_done_ = false;
  bool watching_ = false;
  bool executed_ = false;
  Instant end_ = never;
  bool stopped_ = false;
  bool busy_ = false;
  std::uint64_t ended_ = 0;
  Duration slowest_{};
  std::map<std::string, std::uint64_t> outcomes_;
};

}  // namespace phasebit::scenarios
