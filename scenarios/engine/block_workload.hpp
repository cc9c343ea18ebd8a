// A workload of reads, writes and the rest on one namespace, over one channel per job.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "scenarios/engine/operation_source.hpp"
#include "scenarios/engine/workload.hpp"

namespace phasebit::scenarios {

class BlockWorkload : public Workload {
 public:
  /// The namespace is looked up when the drive is ready for the first time.
  BlockWorkload(Seat& seat, const WorkloadOptions& options, std::uint64_t seed, std::uint32_t index);

  Seat& seat() override { return seat_; }
  Instant pump(Instant now) override;
  void stop() override { stopped_ = true; }
  void read_back() override;
  bool is_done() const override;
  std::uint64_t outstanding() const override { return in_flight_.size(); }
  bool was_busy() const override { return busy_; }
  Progress progress() const override;
  const std::map<std::string, std::uint64_t>& outcomes() const override { return outcomes_; }

 private:
  /// A channel and what waits for a free place in it.
  struct Job {
    driver::ChannelId channel;
    std::uint32_t attachment = 0;
    bool open = false;
    std::deque<std::uint64_t> waiting;  ///< tags of transfers that were begun and not yet accepted
    std::uint32_t accepted = 0;
    Instant taken_at;  ///< when the channel was opened, or last took an operation
  };

  void start(Instant now);
  void open_channels(Instant now);
  void close_if_useless(Job& job, Instant now);
  void see_closed_off(Instant now);
  void reap(Job& job, Instant now);
  void submit(Job& job, Instant now);
  void begin_more(Job& job, std::uint32_t index, Instant now);
  std::optional<TransferPlan> next_plan(std::uint32_t job, Instant now);
  std::optional<TransferPlan> next_read_back();
  void end(std::uint64_t tag, const driver::OperationResult& result);
  void count_comparison(const TransferPlan& plan, const driver::OperationResult& result);
  void end_unsent(std::uint64_t tag, driver::Outcome outcome);
  void give_up_waiting(Job& job, driver::Outcome outcome);
  Instant next_wake(Instant now) const;

  Seat& seat_;
  WorkloadOptions options_;
  std::uint64_t seed_;
  std::uint32_t index_;
  std::unique_ptr<OperationSource> source_;
  SourceContext context_;
  Instant started_;
  std::vector<Job> jobs_;
  std::vector<driver::ChannelId> closed_;  ///< of the present attachment, until the driver has let go of them
  std::uint32_t closed_attachment_ = 0;
  std::map<std::uint64_t, Transfer> in_flight_;  ///< by tag: waiting and accepted
  std::optional<TransferPlan> postponed_;        ///< there was no memory for it yet
  std::set<std::uint64_t> written_;              ///< LBAs
  std::map<std::string, std::uint64_t> outcomes_;
  std::uint64_t ended_ = 0;  ///< operations of the source, without those that are lost
  std::uint64_t lost_ = 0;   ///< rejected, aborted, or gone
  Duration slowest_{};
  bool stopped_ = false;
  bool busy_ = false;
  bool reading_back_ = false;
  std::uint64_t read_back_number_ = 0;
};

}  // namespace phasebit::scenarios
