// usage: PROGRAM ADDRESS [GoogleTest options]
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "hw/device_name.hpp"
#include "hw/environment.hpp"
#include "tests/guest/guest_drive.hpp"

namespace phasebit::hw {
namespace {

PciAddress drive;

int run(int count, char** words) {
  ::testing::InitGoogleTest(&count, words);
  const auto environment = Environment::start();
  const auto address = parse_device_name(count > 1 ? words[1] : "");
  if (!environment || !address) {
    std::fputs(((environment ? address.error().why : environment.error().why) + "\n").c_str(), stderr);
    return 5;
  }
  drive = *address;
  return RUN_ALL_TESTS();
}

}  // namespace

PciAddress guest_drive() {
  return drive;
}

}  // namespace phasebit::hw

int main(int count, char** words) {
  return phasebit::hw::run(count, words);
}
