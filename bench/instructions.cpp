// Pushes batches of reads through a queue pair on the null device, for bench/count-instructions to look at.
#include <cstdio>
#include <cstdlib>

#include "bench/null_rig.hpp"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: phasebit_instructions BYTES DEPTH BATCHES\n");
    return 2;
  }
  const auto number = [argv](int i) { return static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10)); };
  phasebit::bench::NullRig rig(number(1), number(2));
  for (std::uint32_t i = 0; i < number(3); ++i) {
    rig.submit();
    rig.device();
    if (rig.reap() != rig.depth()) {
      std::fprintf(stderr, "a read did not come back\n");
      return 1;
    }
  }
  return 0;
}
