// What several wrong hosts are made of.
#pragma once

#include "src/spec/io_commands.hpp"
#include "tests/sim/monitor/wrong_host_world.hpp"

namespace phasebit::tests {

inline spec::Sqe with_prps(spec::Sqe sqe, Iova prp1, Iova prp2 = Iova{0}) {
  sqe.prp1 = prp1.value;
  sqe.prp2 = prp2.value;
  return sqe;
}

inline spec::Sqe read_blocks(std::uint64_t lba, std::uint32_t blocks) {
  return spec::read(Nsid{1}, Lba{lba}, blocks);
}

/// A page-sized buffer and a read of one block into it.
inline spec::Sqe small_read(WrongHostWorld& t) {
  return with_prps(read_blocks(0, 1), t.host.memory(4096).iova);
}

inline sim::DriveOptions slow_drive() {
  sim::DriveOptions drive = plain_drive();
  make_reads_slow(drive);
  return drive;
}

/// Where hosts put the memory of the drives below: no mapping of theirs lies there.
inline constexpr Iova own_memory_base{0x6666'0000'0000};
inline constexpr std::uint64_t own_memory_bytes = 4ull * 4096;

/// A drive with memory of its own that takes what `Uses`, bits of CMBSZ, says.
template <std::uint32_t Uses>
sim::DriveOptions drive_with_memory() {
  sim::DriveOptions drive = plain_drive();
  drive.controller_memory.bytes = own_memory_bytes;
  drive.controller_memory.queues = (Uses & 1) != 0;
  drive.controller_memory.lists = (Uses & 4) != 0;
  drive.controller_memory.data_of_reads = (Uses & 8) != 0;
  drive.controller_memory.data_of_writes = (Uses & 16) != 0;
  return drive;
}

/// The host learns of it and gives it its addresses; with `bits` 1 it stops short of enabling them.
inline void place_memory(WrongHostWorld& t, std::uint64_t bits = 3) {
  t.host.b.write32(spec::offset::cmbmsc, 1);
  (void)t.host.b.read32(spec::offset::cmbsz);
  t.host.b.write64(spec::offset::cmbmsc, own_memory_base.value | bits);
}

}  // namespace phasebit::tests
