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

}  // namespace phasebit::tests
