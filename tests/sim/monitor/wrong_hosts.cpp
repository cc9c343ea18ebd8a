#include "tests/sim/monitor/wrong_hosts.hpp"

#include <iterator>

namespace phasebit::tests {

const std::vector<WrongHost>& wrong_hosts() {
  static const std::vector<WrongHost> all = [] {
    std::vector<WrongHost> hosts = wrong_hosts_of_registers();
    for (std::vector<WrongHost>& more : std::vector<std::vector<WrongHost>>{wrong_hosts_of_queues(), wrong_hosts_of_commands()}) {
      std::move(more.begin(), more.end(), std::back_inserter(hosts));
    }
    return hosts;
  }();
  return all;
}

}  // namespace phasebit::tests
