#include "tests/guest/command_list.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

#include "src/base/random.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/queue_commands.hpp"

namespace phasebit::guest {
namespace {

using spec::AdminOpcode;
using spec::Cns;
using spec::Fid;
using spec::Lid;
using spec::NvmOpcode;

constexpr std::uint64_t block_bytes = 512;
constexpr Nsid nsid_1{1};
constexpr std::uint16_t free_qid = 5;  ///< nobody has made such a queue

// Fields that every command has (Base 2.0 Figure 87).
const SqeField opcode{"opcode", 0, 0, 8};
const SqeField fuse{"fuse", 0, 8, 2};
const SqeField reserved_flags{"dword 0 bits 13:10", 0, 10, 4};
const SqeField psdt{"psdt", 0, 14, 2};
const SqeField nsid{"nsid", 1};
const SqeField dword2{"dword 2", 2};
const SqeField dword3{"dword 3", 3};
const SqeField mptr{"mptr", 4, 0, 64};

// Of the NVM command set (NVM Command Set 1.0 §3.2).
const SqeField slba{"slba", 10, 0, 64};
const SqeField nlb{"nlb", 12, 0, 16};
const SqeField nlb_reserved{"dword 12 bits 19:16", 12, 16, 4};
const SqeField dtype{"dtype", 12, 20, 4};
const SqeField deac{"deac", 12, 25, 1};
const SqeField prinfo{"prinfo", 12, 26, 4};
const SqeField fua{"fua", 12, 30, 1};
const SqeField limited_retry{"lr", 12, 31, 1};
const SqeField dsm{"dsm", 13, 0, 8};
const SqeField dspec{"dspec", 13, 16, 16};
const SqeField expected_reftag{"dword 14", 14};
const SqeField expected_apptag{"dword 15", 15};
const SqeField ranges{"nr", 10, 0, 8};
const SqeField attributes{"dword 11", 11};

// Of admin commands (Base 2.0 §5).
const SqeField cns{"cns", 10, 0, 8};
const SqeField cntid{"cntid", 10, 16, 16};
const SqeField cnssid{"cnssid", 11, 0, 16};
const SqeField csi_of_identify{"csi", 11, 24, 8};
const SqeField uuid_index{"uuid index", 14, 0, 7};
const SqeField lid{"lid", 10, 0, 8};
const SqeField lsp{"lsp", 10, 8, 7};
const SqeField rae{"rae", 10, 15, 1};
const SqeField numdl{"numdl", 10, 16, 16};
const SqeField numdu{"numdu", 11, 0, 16};
const SqeField lsi{"lsi", 11, 16, 16};
const SqeField lpo{"lpo", 12, 0, 64};
const SqeField offset_type{"ot", 14, 23, 1};
const SqeField csi_of_log{"csi", 14, 24, 8};
const SqeField fid{"fid", 10, 0, 8};
const SqeField select{"sel", 10, 8, 3};
const SqeField save{"sv", 10, 31, 1};
const SqeField feature_value{"dword 11", 11};
const SqeField qid{"qid", 10, 0, 16};
const SqeField qsize{"qsize", 10, 16, 16};
const SqeField physically_contiguous{"pc", 11, 0, 1};
const SqeField interrupts{"ien", 11, 1, 1};
const SqeField vector{"iv", 11, 16, 16};
const SqeField qprio{"qprio", 11, 1, 2};
const SqeField cqid{"cqid", 11, 16, 16};
const SqeField nvm_set{"nvmsetid", 12, 0, 16};
const SqeField abort_sqid{"sqid", 10, 0, 16};
const SqeField abort_cid{"cid", 10, 16, 16};

std::vector<std::uint8_t> bytes_of(std::initializer_list<spec::DatasetRange> list) {
  std::vector<std::uint8_t> bytes(list.size() * sizeof(spec::DatasetRange));
  std::memcpy(bytes.data(), std::data(list), bytes.size());
  return bytes;
}

std::vector<std::uint8_t> pattern(std::size_t bytes, std::uint64_t seed) {
  std::vector<std::uint8_t> made(bytes);
  Random random(seed);
  std::generate(made.begin(), made.end(), [&] { return static_cast<std::uint8_t>(random.next()); });
  return made;
}

class Maker {
 public:
  explicit Maker(const DriveFacts& facts) : facts_(facts) {}

  std::vector<ListedCommand> make(std::uint64_t seed, std::uint32_t draws) {
    identify();
    log_pages();
    features();
    queues();
    other_admin_commands();
    block_commands();
    flush();
    dataset_management();
    data_pointers();
    reserved_opcodes(seed);
    drawn(seed, draws);
    return std::move(list_);
  }

 private:
  using Values = std::vector<std::uint64_t>;

  // What commands look like when all is well.

  static ListedCommand admin(std::string name, const spec::Sqe& sqe, std::uint64_t bytes = 0) {
    ListedCommand command;
    command.command = std::move(name);
    command.admin = true;
    command.sqe = sqe;
    command.transfer_bytes = bytes;
    command.pointer = bytes == 0 ? Pointer::none : Pointer::data;
    return command;
  }
  static ListedCommand io(std::string name, const spec::Sqe& sqe, std::uint64_t bytes = 0) {
    ListedCommand command = admin(std::move(name), sqe, bytes);
    command.admin = false;
    return command;
  }
  static ListedCommand plain_identify(Cns which, Nsid of) {
    return admin("identify " + number(static_cast<std::uint64_t>(which)), spec::Identify{.cns = which, .nsid = of}.sqe(), 4096);
  }
  static ListedCommand plain_log(Lid which, std::uint64_t bytes = 512) {
    return admin("get_log_page " + number(static_cast<std::uint64_t>(which)),
                 spec::GetLogPage{.lid = which, .bytes = bytes, .retain_asynchronous_event = true}.sqe(), bytes);
  }
  /// The memory is there for features with a data structure.
  static ListedCommand get(Fid which, std::uint32_t value = 0, Nsid of = nsid_none) {
    return admin("get_features " + number(static_cast<std::uint64_t>(which)),
                 spec::GetFeatures{.fid = which, .value = value, .nsid = of}.sqe(), 4096);
  }
  static ListedCommand set(Fid which, std::uint32_t value, Nsid of = nsid_none) {
    return admin("set_features " + number(static_cast<std::uint64_t>(which)),
                 spec::SetFeatures{.fid = which, .value = value, .nsid = of}.sqe(), 4096);
  }
  static ListedCommand create_cq(std::uint16_t id) {
    ListedCommand command = admin("create_io_cq", spec::CreateIoCompletionQueue{.qid = Qid{id}, .entries = 16}.sqe());
    command.pointer = Pointer::queue;
    return command;
  }
  static ListedCommand create_sq(std::uint16_t id, std::uint16_t completion) {
    ListedCommand command =
        admin("create_io_sq", spec::CreateIoSubmissionQueue{.qid = Qid{id}, .entries = 16, .cqid = Qid{completion}}.sqe());
    command.pointer = Pointer::queue;
    return command;
  }
  static ListedCommand delete_cq(std::uint16_t id) { return admin("delete_io_cq", spec::delete_io_completion_queue(Qid{id})); }
  static ListedCommand delete_sq(std::uint16_t id) { return admin("delete_io_sq", spec::delete_io_submission_queue(Qid{id})); }
  static ListedCommand of_blocks(std::string name, NvmOpcode which, std::uint64_t first = 8, std::uint32_t count = 8) {
    const bool moves = spec::data_direction(which) != spec::DataDirection::none;
    ListedCommand command =
        io(std::move(name), spec::BlockCommand{which, nsid_1, Lba{first}, count}.sqe(), moves ? count * block_bytes : 0);
    if (which == NvmOpcode::write) {
      command.sends = pattern(count * block_bytes, first);
    }
    return command;
  }
  static ListedCommand deallocate(std::initializer_list<spec::DatasetRange> list) {
    ListedCommand command =
        io("dataset_management",
           spec::DatasetManagement{.nsid = nsid_1, .ranges = static_cast<std::uint32_t>(list.size()), .deallocate = true}.sqe(),
           list.size() * sizeof(spec::DatasetRange));
    command.sends = bytes_of(list);
    return command;
  }

  static std::string number(std::uint64_t value) {
    constexpr const char* digits = "0123456789abcdef";
    return {digits[value >> 4 & 15], digits[value & 15], 'h'};
  }

  // What is done to them.

  void add(const ListedCommand& command) { list_.push_back(command); }

  /// The command with the field at each of the values, and after each the command that looks, if there is one.
  void sweep(const ListedCommand& command, const SqeField& field, const Values& values, const ListedCommand* then = nullptr) {
    for (const std::uint64_t value : values) {
      add(changed(command, field, value));
      if (then != nullptr) {
        add(*then);
      }
    }
  }
  static ListedCommand changed(ListedCommand command, const SqeField& field, std::uint64_t value) {
    command.field = field.name;
    command.value = value;
    command.sqe = with_field(command.sqe, field, value);
    if (command.pointer == Pointer::data) {
      command.transfer_bytes = bytes_spoken_of(command);
    }
    return command;
  }
  static std::uint64_t bytes_spoken_of(const ListedCommand& command) {
    if (!command.admin && static_cast<NvmOpcode>(command.sqe.opcode) != NvmOpcode::dataset_management) {
      return spec::BlockCommand::from(command.sqe).blocks * block_bytes;
    }
    const bool log = command.admin && static_cast<AdminOpcode>(command.sqe.opcode) == AdminOpcode::get_log_page;
    return log ? spec::GetLogPage::from(command.sqe).bytes : 4096;
  }
  /// Fields that every command has, and a namespace where none belongs.
  void sweep_common(const ListedCommand& command) {
    sweep(command, fuse, {1, 2, 3});
    sweep(command, psdt, {1, 2, 3});
    sweep(command, reserved_flags, {15});
    sweep(command, dword2, {~0ull});
    sweep(command, dword3, {1});
  }
  Values namespaces() const { return {0, 2, facts_.namespaces_max, facts_.namespaces_max + 1, 0xffff'fffe, 0xffff'ffff}; }

  // The list.

  void identify() {
    for (std::uint64_t which = 0; which <= 0x1f; ++which) {
      add(changed(plain_identify(Cns::identify_namespace, nsid_1), cns, which));
    }
    sweep(plain_identify(Cns::identify_namespace, nsid_1), cns, {0x20, 0x7f, 0xff});
    add(plain_identify(Cns::controller, nsid_none));
    add(plain_identify(Cns::active_namespaces, nsid_none));
    for (const Cns which : {Cns::identify_namespace, Cns::controller, Cns::active_namespaces, Cns::namespace_descriptors,
                            Cns::allocated_namespaces, Cns::allocated_namespace, Cns::controllers_of_namespace}) {
      sweep(plain_identify(which, nsid_1), nsid, namespaces());
    }
    sweep(plain_identify(Cns::controller, nsid_none), cntid, {1, 0xffff});
    sweep(plain_identify(Cns::controllers_of_subsystem, nsid_none), cntid, {0, 1, 0xffff});
    sweep(plain_identify(Cns::controller, nsid_none), cnssid, {1});
    sweep(plain_identify(Cns::controller, nsid_none), csi_of_identify, {1, 0xff});
    for (const Cns which : {Cns::namespace_of_command_set, Cns::controller_of_command_set, Cns::active_namespaces_of_command_set}) {
      sweep(plain_identify(which, nsid_1), csi_of_identify, {0, 1, 2, 0xff});
    }
    sweep(plain_identify(Cns::controller, nsid_none), uuid_index, {1});
    sweep_common(plain_identify(Cns::controller, nsid_none));
  }

  void log_pages() {
    for (std::uint64_t which = 0; which <= 0x17; ++which) {
      add(changed(plain_log(Lid::smart), lid, which));
    }
    sweep(plain_log(Lid::smart), lid, {0x6f, 0x70, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xff});
    for (const Lid which : {Lid::error_information, Lid::smart, Lid::firmware_slots, Lid::changed_namespaces, Lid::command_effects}) {
      const ListedCommand log = plain_log(which);
      sweep(log, nsid, {0, 1, 2, facts_.namespaces_max + 1});
      sweep(log, lpo, {4, 1, 2, 3, 512, 513, 4096, 4100, 1ull << 32, ~0ull - 3});
      sweep(log, numdl, {0, 1, 1023});
    }
    const ListedCommand smart = plain_log(Lid::smart);
    sweep(smart, numdu, {2, 0xffff});
    sweep(smart, lsp, {1, 127});
    sweep(smart, lsi, {1});
    sweep(smart, offset_type, {1});
    sweep(smart, csi_of_log, {1, 2, 0xff});
    sweep(smart, uuid_index, {1});
    sweep(smart, rae, {0});
    sweep(plain_log(Lid::command_effects, 4096), csi_of_log, {0, 1, 2, 0xff});
    sweep_common(smart);
  }

  void features() {
    const ListedCommand volatile_cache = get(Fid::volatile_write_cache);
    for (std::uint64_t which = 0; which <= 0x1f; ++which) {
      add(changed(volatile_cache, fid, which));
    }
    sweep(volatile_cache, fid, {0x77, 0x78, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xbf, 0xc0, 0xff});
    for (const Fid which :
         {Fid::arbitration, Fid::power_management, Fid::temperature_threshold, Fid::error_recovery, Fid::volatile_write_cache,
          Fid::number_of_queues, Fid::interrupt_coalescing, Fid::interrupt_vector_configuration, Fid::write_atomicity_normal,
          Fid::async_event_configuration, Fid::host_behavior_support, Fid::io_command_set_profile}) {
      const bool of_namespace = which == Fid::error_recovery;
      const ListedCommand asked = get(which, 0, of_namespace ? nsid_1 : nsid_none);
      add(asked);
      sweep(asked, select, {1, 2, 3, 4, 7});
      sweep(asked, nsid, namespaces());
    }
    sweep(get(Fid::temperature_threshold), feature_value, {1u << 16, 8u << 16, 9u << 16, 15u << 16, 1u << 20, 2u << 20, 3u << 20});
    sweep(get(Fid::interrupt_vector_configuration), feature_value, {1, 64, 65, 0xffff});
    sweep_common(get(Fid::arbitration));
    set_features();
  }

  void set_features() {
    sweep(set(Fid::arbitration, 0), fid,
          {0, 0x0c, 0x0d, 0x10, 0x11, 0x14, 0x17, 0x18, 0x1a, 0x1f, 0x77, 0x80, 0x82, 0x83, 0x84, 0xbf, 0xff});
    set_and_get(Fid::arbitration, {7, 0x0102'0304, ~0ull, 0});
    set_and_get(Fid::power_management, {0, 1, 31, 0x20, 0xe0});
    set_and_get(Fid::temperature_threshold,
                {360, 1u << 20 | 250, 2u << 20 | 300, 1u << 16 | 360, 9u << 16 | 360, 15u << 16 | 360, 0xffff, 343});
    set_and_get(Fid::error_recovery, {1u << 16, 10, 0xffff, 1u << 17, 0}, nsid_1);
    set_and_get(Fid::volatile_write_cache, {0, 2, 0xffff'fffe, 1});
    set_and_get(Fid::number_of_queues, {0, 0xffff, 0xffff'0000, 0xffff'ffff});
    set_and_get(Fid::interrupt_coalescing, {0x0102, 0xffff, 0x1'0000, 0});
    set_and_get(Fid::interrupt_vector_configuration, {1u << 16 | 2, 65, 0xffff, 1u << 17});
    set_and_get(Fid::write_atomicity_normal, {1, 2, 0});
    set_and_get(Fid::async_event_configuration, {0, 0x100, 0x8000'0000, 0});
    set_and_get(Fid::host_behavior_support, {1});
    set_and_get(Fid::io_command_set_profile, {1, 0x1ff, 0});
    sweep(set(Fid::arbitration, 0), save, {1});
    sweep(set(Fid::temperature_threshold, 343), save, {1});
    sweep(set(Fid::host_behavior_support, 0), save, {1});
    sweep(set(Fid::volatile_write_cache, 1), nsid, namespaces());
    sweep(set(Fid::volatile_write_cache, 1), nsid, {1});
    sweep(set(Fid::error_recovery, 0, nsid_1), nsid, namespaces());
    sweep(set(Fid::host_behavior_support, 0), nsid, {1, 0xffff'ffff});
    sweep(set(Fid::volatile_write_cache, 1), uuid_index, {1});
    sweep_common(set(Fid::volatile_write_cache, 1));
  }
  void set_and_get(Fid which, const Values& values, Nsid of = nsid_none) {
    const ListedCommand look = get(which, 0, of);
    sweep(set(which, 0, of), feature_value, values, &look);
  }

  /// A queue that is made nevertheless goes again at once.
  void queues() {
    const ListedCommand gone_cq = delete_cq(free_qid);
    const ListedCommand gone_sq = delete_sq(free_qid);
    const std::uint64_t too_large = facts_.queue_entries_max;  // zero-based
    const std::uint64_t not_granted = facts_.io_queues + 1;
    sweep(create_cq(free_qid), qid, {0, 1, not_granted, 0xffff});
    sweep(create_cq(free_qid), qsize, {0, 1, too_large - 1, too_large, 0xffff}, &gone_cq);
    sweep(create_cq(free_qid), vector, {64, 65, 2047, 2048, 0xffff}, &gone_cq);
    sweep(create_cq(free_qid), interrupts, {0}, &gone_cq);
    sweep(create_cq(free_qid), physically_contiguous, {0}, &gone_cq);
    misplace(create_cq(free_qid), {1, 4, 8, 2048}, gone_cq);
    sweep(create_cq(free_qid), nsid, {1, 0xffff'ffff}, &gone_cq);
    sweep(create_cq(free_qid), psdt, {1}, &gone_cq);
    sweep(create_cq(free_qid), fuse, {1}, &gone_cq);

    add(create_cq(free_qid));
    add(create_cq(free_qid));
    sweep(create_sq(free_qid, free_qid), qid, {0, 1, not_granted, 0xffff});
    sweep(create_sq(free_qid, free_qid), qsize, {0, 1, too_large - 1, too_large, 0xffff}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), cqid, {0, free_qid + 1, not_granted, 0xffff}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), qprio, {1, 2, 3}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), nvm_set, {1}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), physically_contiguous, {0}, &gone_sq);
    misplace(create_sq(free_qid, free_qid), {1, 4, 8, 2048}, gone_sq);
    sweep(create_sq(free_qid, free_qid), nsid, {1, 0xffff'ffff}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), psdt, {1}, &gone_sq);

    add(create_sq(free_qid, free_qid));
    add(create_sq(free_qid, free_qid));
    add(gone_cq);  // in use
    for (const ListedCommand& command : {gone_sq, gone_cq}) {
      sweep(command, nsid, {1});
      add(command);
      add(command);
      sweep(command, qid, {0, 2, not_granted, 0xffff});
      sweep(command, fuse, {1});
      sweep(command, psdt, {1});
    }
  }
  void misplace(const ListedCommand& command, const Values& offsets, const ListedCommand& then) {
    for (const std::uint64_t offset : offsets) {
      ListedCommand misplaced = command;
      misplaced.field = "prp1 offset";
      misplaced.value = offset;
      misplaced.error.prp1 = offset;
      add(misplaced);
      add(then);
    }
  }

  void other_admin_commands() {
    const ListedCommand abort = admin("abort", spec::Abort{.sqid = Qid{1}, .cid = Cid{0x7777}}.sqe());
    add(abort);
    sweep(abort, abort_sqid, {0, 2, facts_.io_queues + 1, 0xffff});
    sweep(abort, abort_cid, {0, 0xffff});
    sweep(abort, nsid, {1});
    sweep(abort, fuse, {1});
    sweep(abort, psdt, {1});
    for (const auto& [name, code] : {std::pair{"namespace_management", 0x0d},
                                     {"firmware_commit", 0x10},
                                     {"firmware_image_download", 0x11},
                                     {"device_self_test", 0x14},
                                     {"keep_alive", 0x18},
                                     {"directive_send", 0x19},
                                     {"directive_receive", 0x1a},
                                     {"virtualization_management", 0x1c},
                                     {"nvme_mi_send", 0x1d},
                                     {"nvme_mi_receive", 0x1e},
                                     {"capacity_management", 0x20},
                                     {"lockdown", 0x24},
                                     {"fabrics", 0x7f},
                                     {"security_send", 0x81},
                                     {"security_receive", 0x82},
                                     {"sanitize", 0x84},
                                     {"get_lba_status", 0x86}}) {
      add(admin(name, spec::admin_sqe(static_cast<AdminOpcode>(code)), 4096));
    }
    // These two exist on QEMU's drive: they are sent so that they cannot be carried out.
    ListedCommand format = admin("format_nvm", spec::admin_sqe(AdminOpcode::format_nvm, nsid_1));
    sweep(format, {"lbaf", 10, 0, 4}, {15});
    sweep(format, nsid, {0, 2, facts_.namespaces_max + 1});
    ListedCommand attach = admin("namespace_attachment", spec::admin_sqe(AdminOpcode::namespace_attachment, nsid_1), 4096);
    sweep(attach, {"sel", 10, 0, 4}, {2, 15});
    sweep(attach, nsid, {0, 2, facts_.namespaces_max + 1, 0xffff'ffff});
  }

  void block_commands() {
    for (const auto& [name, which] : {std::pair{"write", NvmOpcode::write},
                                      {"read", NvmOpcode::read},
                                      {"compare", NvmOpcode::compare},
                                      {"write_zeroes", NvmOpcode::write_zeroes},
                                      {"verify", NvmOpcode::verify},
                                      {"write_uncorrectable", NvmOpcode::write_uncorrectable}}) {
      ListedCommand command = of_blocks(name, which);
      if (which == NvmOpcode::compare) {
        add(command);  // other bytes than are there
        command.sends = pattern(8 * block_bytes, 8);
      }
      add(command);
      sweep(command, nsid, namespaces());
      sweep(command, slba, {0, facts_.blocks - 8, facts_.blocks - 7, facts_.blocks - 1, facts_.blocks, 1ull << 32, 1ull << 63, ~0ull});
      const std::uint64_t blocks_max = facts_.transfer_bytes_max / block_bytes;
      sweep(command, nlb, {0, blocks_max - 1, blocks_max, 0xffff});
      sweep(command, nlb_reserved, {15});
      sweep(command, dtype, {1, 15});
      sweep(command, deac, {1});
      sweep(command, prinfo, {1, 2, 4, 7, 8, 15});
      sweep(command, fua, {1});
      sweep(command, limited_retry, {1});
      sweep(command, dsm, {0xff});
      sweep(command, dspec, {1});
      sweep(command, expected_reftag, {1});
      sweep(command, expected_apptag, {1});
      sweep(command, mptr, {4096, 1});
      sweep_common(command);
      add(of_blocks("read", NvmOpcode::read));
    }
  }

  void flush() {
    const ListedCommand command = io("flush", spec::flush(nsid_1));
    add(command);
    sweep(command, nsid, namespaces());
    sweep(command, slba, {1});
    sweep_common(command);
  }

  void dataset_management() {
    const ListedCommand look = of_blocks("read", NvmOpcode::read, 64);
    const auto range = [](std::uint64_t first, std::uint32_t count) { return spec::DatasetRange{0, count, first}; };
    add(of_blocks("write", NvmOpcode::write, 64));
    const ListedCommand command = deallocate({range(64, 8)});
    add(command);
    add(look);
    sweep(command, nsid, namespaces());
    sweep(command, attributes, {0, 1, 2, 7, 8, ~0ull});
    sweep(command, ranges, {1, 255});
    sweep(command, {"nr reserved", 10, 8, 24}, {1});
    sweep_common(command);
    for (const auto& [name, wrong] : {std::pair{"slba of a range", range(facts_.blocks, 8)},
                                      {"slba of a range", range(~0ull, 1)},
                                      {"length of a range", range(facts_.blocks - 4, 8)},
                                      {"length of a range", range(0, 0xffff'ffff)},
                                      {"length of a range", range(0, 0)},
                                      {"length of a range", range(facts_.blocks, 0)}}) {
      add(of_blocks("write", NvmOpcode::write, 64));
      ListedCommand misplaced = deallocate({range(64, 8), wrong});
      misplaced.field = name;
      misplaced.value = wrong.slba == 0 || wrong.blocks != 8 ? std::uint64_t{wrong.blocks} : std::uint64_t{wrong.slba};
      add(misplaced);
      add(look);
    }
  }

  void data_pointers() {
    struct Wrong {
      const char* field;
      PointerError error;
      std::uint64_t value;
    };
    const ListedCommand one = of_blocks("read", NvmOpcode::read, 0, 8);
    const ListedCommand two = of_blocks("read", NvmOpcode::read, 0, 16);
    const ListedCommand three = of_blocks("read", NvmOpcode::read, 0, 24);
    for (const std::uint64_t offset : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{4}, std::uint64_t{512}}) {
      point(one, "prp1 offset", offset, {.prp1 = offset});
      point(two, "prp2 offset", offset, {.prp2 = offset});
      point(three, "list entry offset", offset, {.list_entry = offset});
      point(of_blocks("write", NvmOpcode::write, 128, 8), "prp1 offset", offset, {.prp1 = offset});
      point(plain_identify(Cns::controller, nsid_none), "prp1 offset", offset, {.prp1 = offset});
      point(plain_log(Lid::smart), "prp1 offset", offset, {.prp1 = offset});
      point(deallocate({{0, 8, 64}}), "prp1 offset", offset, {.prp1 = offset});
    }
    // Not 1 and 2: a controller may take the list for one that begins there, whose entries point to anywhere.
    point(three, "list offset", 4, {.prp2 = 4});
    point(three, "list offset", 8, {.prp2 = 8});
    point(of_blocks("read", NvmOpcode::read, 0, 32), "list end", 0, {.list_at_page_end = true});
    for (const std::uint64_t offset : {std::uint64_t{1}, std::uint64_t{4}, std::uint64_t{8}}) {
      point(of_blocks("read", NvmOpcode::read, 0, 32), "chained list offset", offset, {.list_entry = offset, .list_at_page_end = true});
    }
  }
  void point(ListedCommand command, const char* field, std::uint64_t value, const PointerError& error) {
    command.field = field;
    command.value = value;
    command.error = error;
    add(command);
  }

  /// Opcodes that the specification has not given to anybody, and some of the vendors'.
  void reserved_opcodes(std::uint64_t seed) {
    Random random(seed);
    ListedCommand admin_command = admin("reserved admin opcode", spec::Sqe{}, 4096);
    sweep(admin_command, opcode, {0x03, 0x07, 0x0b, 0x0e, 0x12, 0x16, 0x1b, 0x22, 0x28, 0x7b, 0x7d, 0x83, 0x85, 0x87});
    ListedCommand io_command = io("reserved I/O opcode", spec::io_sqe(NvmOpcode::flush, nsid_1), 4096);
    add(io("copy", spec::io_sqe(NvmOpcode::copy, nsid_1), 4096));
    sweep(io_command, opcode, {0x03, 0x06, 0x07, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x15, 0x18, 0x1a, 0x7e});
    for (int i = 0; i < 8; ++i) {
      sweep(admin_command, opcode, {random.between(0xc0, 0xff)});
      sweep(io_command, opcode, {random.between(0x80, 0xff)});
    }
  }

  /// Commands that leave the controller as it is, a field of each at any value at all; of what writes, fields that both drives understand, so
  /// that both hold the same afterwards.
  void drawn(std::uint64_t seed, std::uint32_t draws) {
    Random random(seed + 1);
    const std::vector<std::pair<ListedCommand, std::vector<SqeField>>> choices{
        {of_blocks("read", NvmOpcode::read), {nsid, slba, nlb, prinfo, fuse, psdt, dsm, mptr, expected_reftag, dword2}},
        {of_blocks("write", NvmOpcode::write), {nsid, slba, nlb, fuse, dsm, expected_apptag, dword3}},
        {of_blocks("write_zeroes", NvmOpcode::write_zeroes), {nsid, slba, nlb, fuse}},
        {of_blocks("compare", NvmOpcode::compare), {nsid, slba, nlb, prinfo, fuse}},
        {io("flush", spec::flush(nsid_1)), {nsid, slba, fuse}},
        {deallocate({{0, 8, 64}}), {nsid, attributes, fuse}},
        {plain_identify(Cns::controller, nsid_none), {cns, cntid, nsid, fuse, psdt}},
        {plain_log(Lid::smart), {lid, lpo, numdl, nsid, fuse, psdt}},
        {get(Fid::arbitration), {fid, select, nsid, fuse}},
        {delete_sq(free_qid), {fuse, psdt, dword2}},
        {delete_cq(free_qid), {fuse, psdt, dword2}},
        {create_sq(free_qid, free_qid), {qid, qsize, cqid, fuse}},
    };
    for (std::uint32_t i = 0; i < draws; ++i) {
      const auto& [command, fields] = choices[random.below(choices.size())];
      const SqeField& field = fields[random.below(fields.size())];
      // Small numbers, ones at the top and everything between are all as likely.
      const std::uint64_t value = random.next() >> (64 - field.bits) >> random.below(field.bits);
      list_.push_back(changed(command, field, value));
    }
  }

  const DriveFacts facts_;
  std::vector<ListedCommand> list_;
};

}  // namespace

std::vector<ListedCommand> command_list(const DriveFacts& facts, std::uint64_t seed, std::uint32_t draws) {
  return Maker(facts).make(seed, draws);
}

}  // namespace phasebit::guest
