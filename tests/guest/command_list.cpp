#include "tests/guest/command_list.hpp"

#include "tests/guest/admin_command_maker.hpp"

namespace phasebit::guest {
namespace {

class ListMaker final : AdminCommandMaker {
 public:
  explicit ListMaker(const DriveFacts& facts) : AdminCommandMaker(facts) {}

  std::vector<ListedCommand> make(std::uint64_t seed, std::uint32_t draws) {
    admin_commands();
    block_commands();
    flush();
    dataset_management();
    data_pointers();
    reserved_opcodes(seed);
    drawn(seed, draws);
    return std::move(list_);
  }

 private:
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

  /// Commands that leave the controller as it is, a field of each at any value at all; of what writes, fields that both drives understand,
  /// so that both hold the same afterwards.
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
};

}  // namespace

std::vector<ListedCommand> command_list(const DriveFacts& facts, std::uint64_t seed, std::uint32_t draws) {
  return ListMaker(facts).make(seed, draws);
}

}  // namespace phasebit::guest
