// Plays a list of commands to a controller behind any Backend and writes down all that a host sees of the answers: a line of JSON each.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "sim/stream/digest.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/identify_units.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/status.hpp"
#include "tests/guest/command_list.hpp"
#include "tests/support/plain_host.hpp"

namespace phasebit::guest {

/// The bytes that are not zero, as "offset:digits offset:digits". Gaps of less than eight zeroes are kept.
inline std::string stretches(std::span<const std::byte> bytes) {
  constexpr std::size_t gap = 8;
  std::string text;
  const auto zero = [](std::byte byte) { return byte == std::byte{0}; };
  for (auto begin = std::find_if_not(bytes.begin(), bytes.end(), zero); begin != bytes.end();) {
    const auto end = std::search_n(begin, bytes.end(), gap, std::byte{0});
    text += fmt::format("{}{}:", text.empty() ? "" : " ", begin - bytes.begin());
    const auto last = std::find_if_not(std::reverse_iterator(end), std::reverse_iterator(begin), zero).base();
    std::for_each(begin, last, [&](std::byte byte) { text += fmt::format("{:02x}", byte); });
    begin = std::find_if_not(end, bytes.end(), zero);
  }
  return text;
}

/// A host that knows no driver: a driver that is right would not send most of the list. One command at a time; what a controller completes
/// beside it is a line of its own.
template <Backend B, class Clock>
class ListPlayer {
 public:
  using Say = std::function<void(const std::string&)>;  ///< takes a line

  ListPlayer(B& backend, Clock& clock, Say say)
      : backend_(switched_on(backend)), host_(backend, [&clock] { let_pass(clock, microseconds(100)); }), say_(std::move(say)) {}

  /// From the first look at the registers to a controller that is disabled again.
  void play(std::uint64_t seed, std::uint32_t draws) {
    tell_configuration();
    tell_registers("found");
    host_.disable();
    tell_registers("disabled");
    host_.enable();
    host_.ask_for_queues(io_queues);
    host_.io = host_.make_io_queue(1, 64);
    tell_registers("ready");
    take_memory();
    for (const ListedCommand& command : command_list(facts_, seed, draws)) {
      carry_out(command);
    }
    events();
    write_registers(true);
    host_.disable();
    tell_registers("disabled again");
    write_registers(false);
  }

 private:
  static constexpr std::uint32_t io_queues = 8;
  static constexpr std::uint64_t page = 4096;
  static constexpr std::uint32_t turns_for_nothing = 50;  ///< how often it looks before it believes that nothing comes

  /// The clocks of the program let some time pass, but need not reach the end.
  static void let_pass(Clock& clock, Duration time) {
    const Instant end = clock.now() + time;
    do {
      clock.pass(end);
    } while (clock.now() < end);
  }

  static B& switched_on(B& backend) {
    using spec::pci::Command;
    const Command on = Command{}.with(Command::memory_space, true).with(Command::bus_master, true).with(Command::intx_disable, true);
    backend.config_write16(spec::pci::config::command, on.raw);
    return backend;
  }

  void tell_configuration() {
    for (const std::uint16_t offset :
         {spec::pci::config::vendor_id, spec::pci::config::revision_id, spec::pci::config::subsystem_vendor_id}) {
      say_(fmt::format(R"({{"configuration": "{:02x}h", "value": "{:08x}"}})", offset, backend_.config_read32(offset)));
    }
  }

  /// Every dword of the registers, but for the addresses of the admin queues, which are ours.
  void tell_registers(const char* when) {
    for (std::uint32_t offset = 0; offset < spec::offset::pmrmscu + 8; offset += 4) {
      const bool ours = offset >= spec::offset::asq && offset < spec::offset::acq + 8;
      const std::uint32_t value = ours ? 0 : backend_.read32(offset);
      if (value != 0) {
        say_(fmt::format(R"({{"register": "{:03x}h", "when": "{}", "value": "{:08x}"}})", offset, when, value));
      }
    }
  }

  void take_memory() {
    data_ = host_.memory(page);
    spec::IdentifyController controller;
    spec::IdentifyNamespace space;
    identify(spec::Identify{}.sqe(), controller);
    identify(spec::Identify{.cns = spec::Cns::identify_namespace, .nsid = Nsid{1}}.sqe(), space);
    facts_.blocks = space.nsze;
    facts_.namespaces_max = controller.nn;
    facts_.transfer_bytes_max = std::min<std::uint64_t>(spec::bytes_from_page_exponent(controller.mdts, host_.cap), 1 << 20);
    facts_.queue_entries_max = spec::queue_entries_max(host_.cap);
    facts_.io_queues = granted();
    backend_.free_dma(data_);
    data_ = host_.memory(facts_.transfer_bytes_max + 2 * page);
    list_ = host_.memory(2 * page);
    queue_ = host_.memory(std::uint64_t{facts_.queue_entries_max} * spec::sqe_bytes + page);
  }
  template <class Structure>
  void identify(spec::Sqe sqe, Structure& structure) {
    sqe.prp1 = data_.iova.value;
    PHASEBIT_ASSERT(spec::is_success(host_.admin_command(sqe).status()));
    std::memcpy(&structure, data_.data, sizeof structure);
  }
  std::uint32_t granted() {
    const spec::Cqe cqe = host_.admin_command(spec::GetFeatures{.fid = spec::Fid::number_of_queues}.sqe());
    return spec::submission_queues(spec::NumberOfQueues{cqe.dw0});
  }

  // One command.

  void carry_out(const ListedCommand& command) {
    const std::uint64_t bytes = std::min(command.transfer_bytes, data_.bytes - page);
    std::fill_n(data_.data, bytes + page, std::byte{0});
    std::memcpy(data_.data, command.sends.data(), std::min<std::uint64_t>(command.sends.size(), bytes));
    const spec::Cqe cqe = answer(command.admin ? host_.admin : host_.io, pointed(command));
    const bool reads = spec::data_direction(command.sqe.opcode) == spec::DataDirection::controller_to_host;
    const std::span<const std::byte> data(data_.data, reads && spec::is_success(cqe.status()) ? bytes : 0);
    const std::string told = command.admin ? stretches(data) : fmt::format("{:016x}", data.empty() ? 0 : sim::digest(data));
    say_(fmt::format(R"({{"queue": "{}", "command": "{}", "field": "{}", "value": "{:x}", {}, "data": "{}"}})",
                     command.admin ? "admin" : "I/O", command.command, command.field, command.value, verdict(cqe), told));
  }

  static std::string verdict(const spec::Cqe& cqe) {
    const spec::Status status = cqe.status();
    return fmt::format(R"("status": "{}", "dnr": {:d}, "more": {:d}, "crd": {}, "dword0": "{:x}", "dword1": "{:x}")", text_of(status),
                       static_cast<bool>(status.get(spec::Status::dnr)), static_cast<bool>(status.get(spec::Status::m)),
                       static_cast<unsigned>(status.get(spec::Status::crd)), cqe.dw0.get(), cqe.dw1.get());
  }
  /// The status's own name, or its number if it has none.
  static std::string text_of(spec::Status status) {
    const std::string_view name = spec::status_identifier(status);
    return name.empty() ? fmt::format("{:03x}h", spec::verdict_of(status).raw) : std::string(name);
  }

  /// The entry with its data pointer, right or wrong. PRP2 always points to memory, for a controller may take a wrong command for a longer
  /// one.
  spec::Sqe pointed(const ListedCommand& command) {
    spec::Sqe sqe = command.sqe;
    if (command.pointer == Pointer::queue) {
      std::fill_n(queue_.data, queue_.bytes, std::byte{0});
      sqe.prp1 = queue_.iova.value + command.error.prp1;
    }
    if (command.pointer == Pointer::data) {
      const bool list = command.transfer_bytes > 2 * page;
      sqe.prp1 = data_.iova.value + command.error.prp1;
      sqe.prp2 = (list ? write_list(command.error) : data_.iova + page).value + command.error.prp2;
    }
    return sqe;
  }
  /// Two pages full of entries, the data's pages from the second on over and over. Returns where the list begins.
  Iova write_list(const PointerError& error) {
    constexpr std::uint64_t per_page = page / spec::prp_entry_bytes;
    const std::uint64_t first = error.list_at_page_end ? per_page - 2 : 0;
    auto* const entries = reinterpret_cast<Le64*>(list_.data);
    const std::uint64_t pages = data_.bytes / page - 1;
    std::uint64_t next = 0;
    for (std::uint64_t i = first; i < 2 * per_page; ++i) {
      const bool chain = error.list_at_page_end && i == per_page - 1;
      entries[i] = chain ? list_.iova.value + page : data_.iova.value + page * (1 + next++ % pages);
    }
    entries[first + 1] = entries[first + 1] + error.list_entry;
    return list_.iova + first * spec::prp_entry_bytes;
  }

  /// The completion of this very command; others are events.
  spec::Cqe answer(tests::PlainQueue& queue, const spec::Sqe& sqe) {
    const std::uint16_t cid = host_.place(queue, sqe);
    host_.ring(queue);
    spec::Cqe cqe = host_.complete(queue);
    while (cqe.cid != cid) {
      tell_event(cqe);
      cqe = host_.complete(queue);
    }
    return cqe;
  }
  /// Which of the requests the controller answers is its own affair.
  void tell_event(const spec::Cqe& cqe) { say_(fmt::format(R"({{"event": "beside a command", {}}})", verdict(cqe))); }

  // Asynchronous events.

  /// More requests than AERL allows, and then what a threshold below the temperature brings. Doorbells that are written wrongly are
  /// left out: what comes of them is open.
  void events() {
    for (int i = 0; i < 6; ++i) {
      host_.submit(host_.admin, spec::async_event_request());
      tell_what_comes("async_event_request");
    }
    feature(spec::Fid::async_event_configuration, 0xff);
    feature(spec::Fid::temperature_threshold, 300);
    tell_what_comes("temperature above the threshold");
    feature(spec::Fid::temperature_threshold, 343);
    ListedCommand log;
    log.command = "get_log_page 02h";
    log.field = "rae";
    log.admin = true;
    log.sqe = spec::GetLogPage{.lid = spec::Lid::smart, .bytes = 512}.sqe();
    log.pointer = Pointer::data;
    log.transfer_bytes = 512;
    carry_out(log);
    tell_what_comes("SMART log read");
    feature(spec::Fid::temperature_threshold, 300);
    tell_what_comes("temperature above the threshold again");
  }
  void feature(spec::Fid which, std::uint32_t value) { (void)answer(host_.admin, spec::SetFeatures{.fid = which, .value = value}.sqe()); }
  void tell_what_comes(const char* after) {
    for (std::uint32_t turn = 0; turn < turns_for_nothing; ++turn) {
      spec::Cqe cqe;
      if (host_.take(host_.admin, cqe)) {
        host_.ring_head(host_.admin.qid, host_.admin.head.slot);
        say_(fmt::format(R"({{"after": "{}", {}}})", after, verdict(cqe)));
      }
      host_.let_time_pass();
    }
    say_(fmt::format(R"({{"after": "{}", "status": "nothing more", "csts": "{:x}"}})", after, host_.csts().raw));
  }

  // Registers.

  /// What is read-only, and what ones set and clear. AQA, ASQ and ACQ may be written while the controller is disabled only: what comes of
  /// it otherwise is open.
  void write_registers(bool enabled) {
    namespace at = spec::offset;
    for (const std::uint32_t offset : {at::cap, at::cap + 4, at::vs, at::cmbloc, at::bpinfo, at::crto}) {
      write_and_tell(offset, 0xffff'ffff);
    }
    write_and_tell(at::intms, 0x5);
    write_and_tell(at::intmc, 0x4);
    write_and_tell(at::intmc, 0xffff'ffff);
    write_and_tell(at::csts, 0xffff'ffff);
    write_and_tell(at::nssr, 0x1234);
    for (const std::uint32_t offset : {at::aqa, at::asq, at::asq + 4, at::acq, at::acq + 4}) {
      if (!enabled) {
        backend_.write32(offset, 0);
        write_and_tell(offset, 0xffff'ffff);
      }
    }
  }
  void write_and_tell(std::uint32_t offset, std::uint32_t value) {
    const std::uint32_t before = backend_.read32(offset);
    backend_.write32(offset, value);
    const std::uint32_t after = backend_.read32(offset);
    say_(fmt::format(R"({{"write": "{:03x}h", "value": "{:x}", "changes": "{:08x}"}})", offset, value, before ^ after));
  }

  B& backend_;
  tests::PlainHost<B> host_;
  Say say_;
  DriveFacts facts_;
  DmaRegion data_;   ///< of the longest transfer, and a page more
  DmaRegion list_;   ///< of PRPs: two pages
  DmaRegion queue_;  ///< of the longest queue
};

}  // namespace phasebit::guest
