// The admin commands of bring-up's rows, all but those that make queues, and what their answers mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/driver/bring_up.hpp"
#include "src/driver/controller_info.hpp"
#include "src/driver/namespace_scan.hpp"
#include "src/driver/options.hpp"
#include "src/driver/quirks.hpp"
#include "src/driver/settings.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_namespace.hpp"

namespace phasebit::driver {

/// The page that a command of the driver's own transfers to or from.
using IdentifyPage = std::span<std::byte, 4096>;

/// What bring-up learnt that only the control plane needs.
struct ControllerFacts {
  Duration shutdown_latency{};            ///< RTD3E; 0 if not reported
  std::uint32_t optional_events = 0;      ///< OAES
  bool takes_retry_delays = false;        ///< a CRDT is given, so that ACRE is worth asking for
  std::uint16_t command_set_profile = 0;  ///< the combination of I/O command sets to enable: the first with the NVM command set
  spec::Vwc vwc{};
  spec::IdentifyControllerNvm command_set{};  ///< CNS 06h; zeroes, which are no limits, before VS 2.0
};

/// How a command of the driver's own ended.
struct LaneAnswer {
  spec::Status status{};
  std::uint32_t dword0 = 0;
};

class BringUpScript {
 public:
  BringUpScript(const Options& options, const ControllerSettings& settings, ControllerInfo& info, NamespaceScan& scan)
      : options_(options), settings_(settings), info_(info), scan_(scan) {}

  /// Before each bring-up. Namespaces go to `into`, which is the caller's to publish when scan().step() is done.
  void begin(Quirks quirks, NamespaceTable& into);
  /// Starts the scan again, e.g. because the drive says that namespaces changed.
  void begin_scan(NamespaceTable& into);

  /// Rows that this controller does not need, by what is known so far.
  std::uint32_t skips() const;
  /// The row's next command. Fills `page` if the command sends data.
  spec::Sqe command(BringUpRow row, IdentifyPage page) const;
  /// Its answer; `may_retry` if the row may ask the same again.
  Answer take(BringUpRow row, const LaneAnswer& answer, bool may_retry, std::span<const std::byte, 4096> page);

  const ControllerFacts& facts() const { return facts_; }
  /// Why a row was refused, if not because the command failed.
  Problem problem() const { return problem_; }
  bool knows_controller() const { return knows_controller_; }

 private:
  Answer take_controller(std::span<const std::byte, 4096> page);
  Answer take_combinations(std::span<const std::byte, 4096> page);
  Answer take_scan(bool succeeded, bool may_retry, std::span<const std::byte, 4096> page);

  const Options& options_;
  const ControllerSettings& settings_;
  ControllerInfo& info_;
  NamespaceScan& scan_;
  NamespaceTable* into_ = nullptr;
  Quirks quirks_;
  ControllerFacts facts_;
  Problem problem_ = Problem::none;
  bool knows_controller_ = false;
  bool has_met_controller_ = false;  ///< once, in this reset or an earlier one: its serial number and model stand in info_
};

/// True if the same command may be asked again: the device does not say otherwise, and a repetition can help.
bool may_ask_again(spec::Status status);

/// What the data plane and the user are told of a controller.
void fill_info(ControllerInfo& info, const spec::IdentifyController& id);

}  // namespace phasebit::driver
