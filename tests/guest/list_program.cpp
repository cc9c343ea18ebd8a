// usage: PROGRAM --device ADDRESS | --drive SCENARIO
// Plays the list of commands to a real drive, which must not matter to anybody, or to the emulated drive of a scenario, and prints the
// answers.
#include <cstdio>
#include <string>
#include <string_view>

#include "src/cli/on_drive.hpp"
#include "tests/guest/list_player.hpp"

namespace phasebit::guest {
namespace {

constexpr std::uint64_t seed = 2'026;
constexpr std::uint32_t draws = 300;

template <Bus B, class Clock>
scenarios::ExitCode play(B& bus, Clock& clock, PciAddress address) {
  if (!bus.claim(address)) {
    return scenarios::ExitCode::environment;
  }
  const auto backend = bus.open(address);
  if (!backend) {
    return scenarios::ExitCode::environment;
  }
  ListPlayer(**backend, clock, [](const std::string& line) { scenarios::print(line + "\n"); }).play(seed, draws);
  bus.close(address);
  bus.release(address);
  return scenarios::ExitCode::clean;
}

int run(int count, char** words) {
  const std::string_view which = count == 3 ? words[1] : "";
  if (which != "--device" && which != "--drive") {
    std::fputs("usage: PROGRAM --device ADDRESS | --drive SCENARIO\n", stderr);
    return static_cast<int>(scenarios::ExitCode::usage);
  }
  const std::string device = which == "--device" ? words[2] : "";
  const auto verb = [](auto& bus, auto& clock, PciAddress address) { return play(bus, clock, address); };
  return static_cast<int>(cli::on_drive(device, {}, verb, device.empty() ? words[2] : ""));
}

}  // namespace
}  // namespace phasebit::guest

int main(int count, char** words) {
  return phasebit::guest::run(count, words);
}
