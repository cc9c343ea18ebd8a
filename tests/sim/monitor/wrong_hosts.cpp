#include "tests/sim/monitor/wrong_hosts.hpp"

namespace phasebit::tests {

const std::vector<WrongHost>& wrong_hosts() {
  static const std::vector<WrongHost> all = [] {
    std::vector<WrongHost> hosts;
    for (const auto& room : {wrong_hosts_of_registers, wrong_hosts_of_enabling, wrong_hosts_of_queues, wrong_hosts_of_doorbells,
                             wrong_hosts_of_commands, wrong_hosts_of_addresses}) {
      const std::vector<WrongHost> more = room();
      hosts.insert(hosts.end(), more.begin(), more.end());
    }
    return hosts;
  }();
  return all;
}

}  // namespace phasebit::tests
