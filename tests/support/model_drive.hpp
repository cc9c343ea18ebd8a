// A whole drive in a few hundred lines, for tests of the driver: registers, configuration space, queues, Identify, features, logs, blocks.
// It answers at once when stepped, does what a test scripts, and complains of what a host must not do. It is not the emulated drive.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "src/backend/backend.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/async_event.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"
#include "tests/support/memory_backend.hpp"
#include "tests/support/model_queues.hpp"
#include "tests/support/register_model.hpp"

namespace phasebit::testing {

struct ModelNamespace {
  std::uint64_t blocks = 1024;
  std::uint8_t block_bytes_log2 = 9;
  std::uint8_t csi = 0;
  std::map<std::uint64_t, std::vector<std::byte>> content{};
};

struct ModelDriveOptions {
  std::uint64_t cap = 0x0000'0020'0a01'00ffull;  ///< MQES 255, CQR, TO 5 s, CSS NVM
  spec::Vs version = spec::version(1, 4);
  std::uint64_t bar_bytes = std::uint64_t{16} * 1024;
  RegisterModelOptions registers{};
  std::uint16_t vendor_id = 0x1234;
  std::uint16_t device_id = 0x5678;
  std::uint32_t queue_grant = 8;  ///< pairs
  bool grants_nonsense = false;   ///< FFFFh in both halves
  bool has_active_list = true;
  bool has_crdt = false;
  std::vector<std::uint64_t> command_sets{1};  ///< CNS 1Ch
  std::uint32_t oaes = 1u << 8;
  std::uint8_t acl = 3;
  std::uint8_t aerl = 3;
  std::uint8_t mdts = 5;
  std::uint32_t rtd3e = 0;
  std::uint32_t nn = 16;
  std::uint32_t interrupt_vectors = 0;
};

/// What a test makes of a command.
struct Script {
  bool drop = false;  ///< never answered
  std::optional<spec::Status> status{};
  std::optional<std::uint32_t> dword0{};
};

class ModelDrive {
 public:
  explicit ModelDrive(const ModelDriveOptions& options = {}) : options_(options), registers_(options.registers) {
    namespaces[1] = {};
    id.vid = options.vendor_id;
    id.sn = spec::padded<20>("SERIAL-1");
    id.mn = spec::padded<40>("Model Drive");
    id.fr = spec::padded<8>("1.0");
    id.sqes = 0x66;
    id.cqes = 0x44;
    id.acl = options.acl;
    id.aerl = options.aerl;
    id.mdts = options.mdts;
    id.rtd3e = options.rtd3e;
    id.oaes = options.oaes;
    id.nn = options.nn;
    id.oncs = 0x1ff;
    id.crdt[0] = options.has_crdt ? 2 : 0;
  }

  // Backend.

  std::uint64_t bar_bytes() const { return options_.bar_bytes; }
  std::uint32_t read32(std::uint32_t offset) {
    ++reads;
    if (before_read) {
      before_read(offset);
    }
    if (gone || silent || !command_.get(spec::pci::Command::memory_space)) {
      return ~0u;
    }
    switch (offset) {
      case spec::offset::cap:
        return static_cast<std::uint32_t>(options_.cap);
      case spec::offset::cap + 4:
        return static_cast<std::uint32_t>(options_.cap >> 32);
      case spec::offset::vs:
        return options_.version.raw;
      case spec::offset::cc:
        return cc_is_silent ? ~0u : registers_.cc().raw;
      case spec::offset::csts:
        fatal_was_seen_ = registers_.csts(now).get(spec::Csts::cfs);
        return registers_.csts(now).raw;
      default:
        return 0;
    }
  }
  std::uint64_t read64(std::uint32_t offset) { return read32(offset) | static_cast<std::uint64_t>(read32(offset + 4)) << 32; }
  void write32(std::uint32_t offset, std::uint32_t value) {
    ++writes;
    if (forbid_writes) {
      complaints.push_back("register " + std::to_string(offset) + " written while the function is suspected gone");
    }
    if (gone || !command_.get(spec::pci::Command::memory_space)) {
      return;
    }
    if (offset == spec::offset::cc) {
      write_cc(spec::Cc{value});
    } else if (offset >= spec::offset::aqa && offset < spec::offset::cmbloc) {
      registers_.write_admin_register();
      admin_registers_[offset] = value;
    } else if (offset >= spec::offset::doorbells) {
      ring(offset - spec::offset::doorbells, value);
    }
  }
  void write64(std::uint32_t offset, std::uint64_t value) {
    write32(offset, static_cast<std::uint32_t>(value));
    write32(offset + 4, static_cast<std::uint32_t>(value >> 32));
  }
  std::uint32_t config_read32(std::uint32_t offset) {
    if (gone) {
      return ~0u;
    }
    switch (offset) {
      case 0:
        return options_.vendor_id | std::uint32_t{options_.device_id} << 16;
      case 4:
        return command_.raw;
      case 8:
        return spec::pci::class_code_nvme << 8;
      default:
        return 0;
    }
  }
  void config_write16(std::uint32_t offset, std::uint16_t value) {
    if (gone || offset != 4) {
      return;
    }
    const bool stuck = bus_master_stuck && command_.get(spec::pci::Command::bus_master);
    command_ = spec::pci::Command{value};
    command_.set(spec::pci::Command::bus_master, stuck || command_.get(spec::pci::Command::bus_master));
  }
  /// They are let through and never sent: this drive is polled.
  std::uint32_t enable_interrupts(std::uint32_t wanted) { return std::min(wanted, options_.interrupt_vectors); }
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) {
    if (allocations_left == 0) {
      return fail(Errc::out_of_memory);
    }
    --allocations_left;
    return memory_.allocate_dma(bytes);
  }
  void free_dma(const DmaRegion& region) { memory_.free_dma(region); }
  Result<Iova> map(std::span<std::byte>, DmaRights) { return fail(Errc::unsupported); }
  Result<void> unmap(std::span<std::byte>) { return fail(Errc::not_found); }
  std::uint32_t load_acquire32(const Le32& dword) { return dword; }
  std::uint32_t load32(const Le32& dword) { return dword; }
  void record(const Event& event) {
    events.push_back(event);
    if (on_event) {
      on_event(event);
    }
  }

  /// Host memory by the address that the device knows, whoever asks; nullptr if it is nobody's.
  std::byte* host(Iova iova, std::uint64_t bytes) { return memory_.host(iova, bytes); }

  // The drive's own life.

  /// Executes what was submitted, as far as bus mastering lets it.
  void step();
  /// A request for an asynchronous event is answered with this, now or when there is one.
  void raise(spec::AsyncEvent event) { raised_.push_back(event); }
  /// As after a flap of the link, or a reset by someone else: all is forgotten.
  void forget_everything() {
    registers_.forget_everything();
    queues.clear();
    raised_.clear();
    requests_.clear();
    held_.clear();
    command_ = spec::pci::Command{};
  }
  spec::pci::Command command() const { return command_; }
  RegisterModel& registers() { return registers_; }
  std::size_t allocation_count() const { return memory_.allocation_count(); }
  /// Everything that was wrong, by whoever found it.
  std::vector<std::string> all_complaints() const {
    std::vector<std::string> all = complaints;
    all.insert(all.end(), registers_.complaints().begin(), registers_.complaints().end());
    all.insert(all.end(), queues.complaints.begin(), queues.complaints.end());
    return all;
  }

  Instant now{};
  std::map<std::uint32_t, ModelNamespace> namespaces;
  spec::IdentifyController id{};
  std::function<Script(std::uint16_t qid, const spec::Sqe&)> script;
  std::function<bool(const spec::Sqe&)> hold;  ///< these admin commands wait until it is cleared
  std::function<void(std::uint32_t offset)> before_read;
  std::function<void(const Event&)> on_event;  ///< of the driver's own
  bool gone = false;                           ///< nothing answers
  bool silent = false;                         ///< registers read as all ones, all else works
  bool cc_is_silent = false;                   ///< CC alone reads as all ones
  bool bus_master_stuck = false;               ///< cannot be cleared
  bool forbid_writes = false;
  std::uint64_t allocations_left = ~0ull;
  ModelQueues queues;
  std::vector<std::string> complaints;
  std::vector<Event> events;
  std::vector<spec::Sqe> admin_commands;  ///< all that were fetched
  std::vector<std::byte> log;             ///< what every log page begins with; zeroes follow
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t resets = 0;

 private:
  struct Verdict {
    spec::Status status{};
    std::uint32_t dword0 = 0;
    bool answers = true;
  };

  void write_cc(spec::Cc value);
  void ring(std::uint32_t offset, std::uint32_t value);
  void execute(std::uint16_t qid, const spec::Sqe& sqe);
  Verdict execute_admin(const spec::Sqe& sqe);
  Verdict execute_io(const spec::Sqe& sqe);
  Verdict identify(const spec::Sqe& sqe);
  Verdict make_queue(const spec::Sqe& sqe);
  Verdict delete_queue(const spec::Sqe& sqe);
  Verdict transfer(const spec::Sqe& sqe, std::span<const std::byte> data);
  std::byte* find(Iova iova, std::uint64_t bytes) {
    return command_.get(spec::pci::Command::bus_master) ? memory_.host(iova, bytes) : nullptr;
  }

  ModelDriveOptions options_;
  RegisterModel registers_;
  MemoryBackend memory_;
  spec::pci::Command command_;
  std::map<std::uint32_t, std::uint32_t> admin_registers_;
  std::deque<spec::AsyncEvent> raised_;
  std::deque<Cid> requests_;
  std::vector<spec::Sqe> held_;
  bool fatal_was_seen_ = false;
};
static_assert(HasInterrupts<ModelDrive>);

}  // namespace phasebit::testing
