// Makes commands for the list: what they look like when all is well, and what is done to them.
#pragma once

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
#include "tests/guest/command_list.hpp"
#include "tests/guest/sqe_fields.hpp"

namespace phasebit::guest {

using spec::AdminOpcode;
using spec::Cns;
using spec::Fid;
using spec::Lid;
using spec::NvmOpcode;

inline constexpr std::uint64_t block_bytes = 512;
inline constexpr Nsid nsid_1{1};
inline constexpr std::uint16_t free_qid = 5;  ///< nobody has made such a queue

inline std::vector<std::uint8_t> bytes_of(std::initializer_list<spec::DatasetRange> list) {
  std::vector<std::uint8_t> bytes(list.size() * sizeof(spec::DatasetRange));
  std::memcpy(bytes.data(), std::data(list), bytes.size());
  return bytes;
}

inline std::vector<std::uint8_t> pattern(std::size_t bytes, std::uint64_t seed) {
  std::vector<std::uint8_t> made(bytes);
  Random random(seed);
  std::generate(made.begin(), made.end(), [&] { return static_cast<std::uint8_t>(random.next()); });
  return made;
}

class CommandMaker {
 protected:
  using Values = std::vector<std::uint64_t>;

  explicit CommandMaker(const DriveFacts& facts) : facts_(facts) {}

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

  const DriveFacts facts_;
  std::vector<ListedCommand> list_;
};

}  // namespace phasebit::guest
