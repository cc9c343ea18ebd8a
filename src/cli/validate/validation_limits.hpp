// What a drive has to keep to where the specification leaves it free.
#pragma once

#include "src/base/time.hpp"

namespace phasebit::cli {

struct ValidationLimits {
  Duration read_latency_max = milliseconds(100);  ///< of the 99th of 100 reads of 4 KiB, one at a time
};

}  // namespace phasebit::cli
