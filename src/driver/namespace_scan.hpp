// How the driver learns which namespaces there are: the active list page by page, then each namespace, then each one's identifiers.
// One command at a time; the answers come from a drive that may lie, so every loop is bounded by what was asked and never by what was said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/driver/namespace_table.hpp"
#include "src/spec/command.hpp"

namespace phasebit::driver {

/// What a scan needs to know of the controller.
struct NamespaceScanSetup {
  std::uint32_t namespaces_max = 0;       ///< NN: the greatest NSID
  std::uint32_t atomic_write_blocks = 1;  ///< AWUPF + 1, for namespaces that say nothing themselves
  bool active_list = true;                ///< Identify CNS 02h exists (from VS 1.1 on, and no quirk)
  bool descriptors = true;                ///< Identify CNS 03h exists (from VS 1.3 on, and no quirk)
};

class NamespaceScan {
 public:
  enum class Step : std::uint8_t { active_list, identify, descriptors, done };

  /// Without an active list at most this many NSIDs are tried.
  static constexpr std::uint32_t tried_max = 1024;
  /// Of an active list no more than this is walked.
  static constexpr std::uint32_t counted_max = 1u << 20;

  /// Starts anew and fills `into`, which nobody else reads until the scan is done.
  void begin(const NamespaceScanSetup& setup, NamespaceTable& into);

  Step step() const { return step_; }
  /// The command of this step, for a page of 4096 bytes, PRP1 not filled in.
  spec::Sqe command() const;
  /// Its answer. `page` is what the device wrote; it is looked at if the command succeeded.
  void take(bool succeeded, std::span<const std::byte, 4096> page);
  /// How many active namespaces were seen; more than the table has room for if it is too small.
  std::uint32_t counted() const { return counted_; }

 private:
  void take_list(std::span<const std::byte, 4096> page);
  void take_namespace(std::span<const std::byte, 4096> page);
  void take_descriptors(std::span<const std::byte, 4096> page);
  void try_each();
  void after_list();
  void after_namespace();
  void finish();

  NamespaceScanSetup setup_;
  NamespaceTable* table_ = nullptr;
  Step step_ = Step::done;
  Nsid last_{};            ///< the greatest NSID of the list so far, or the one being tried
  std::size_t index_ = 0;  ///< in the table
  bool tries_each_ = false;
  std::uint32_t counted_ = 0;
};

/// What Identify Namespace says; no blocks if it is not one that can be used: inactive, or with a block size below 512 bytes or beyond
/// 2^31.
Namespace namespace_from(Nsid nsid, std::span<const std::byte, 4096> page, std::uint32_t atomic_write_blocks);

}  // namespace phasebit::driver
