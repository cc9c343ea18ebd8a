// Sends batches of reads through a rig on the null device, for bench/count-instructions to look at.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bench/driver_rig.hpp"
#include "bench/pair_rig.hpp"

namespace {

template <class Rig>
int run(std::uint32_t transfer_bytes, std::uint32_t depth, std::uint32_t batches) {
  Rig rig(transfer_bytes, depth);
  for (std::uint32_t i = 0; i < batches; ++i) {
    rig.submit();
    rig.device();
    if (rig.reap() != rig.depth()) {
      std::fprintf(stderr, "a read did not come back\n");
      return 1;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: phasebit_instructions queue_pair|channel BYTES DEPTH BATCHES\n");
    return 2;
  }
  const auto number = [argv](int i) { return static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10)); };
  const bool whole_driver = std::string_view(argv[1]) == "channel";
  const auto run_rig = whole_driver ? run<phasebit::bench::DriverRig> : run<phasebit::bench::PairRig>;
  return run_rig(number(2), number(3), number(4));
}
