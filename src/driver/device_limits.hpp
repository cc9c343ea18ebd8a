// What the data plane has to know of a controller and its namespaces, from what Identify said.
#pragma once

#include "src/driver/bring_up_script.hpp"
#include "src/driver/controller_info.hpp"
#include "src/driver/device_view.hpp"
#include "src/driver/namespace_table.hpp"

namespace phasebit::driver {

/// Limits of commands (Base 2.0 Figure 275, NVM Command Set 1.0 §4.1.5.4).
DeviceLimits limits_of(const ControllerInfo& info, const ControllerFacts& facts);

/// The namespaces that the data plane can serve: those without metadata. Takes no memory if `shapes` has room for the whole table.
void fill_shapes(std::pmr::vector<NamespaceShape>& shapes, const NamespaceTable& table);

}  // namespace phasebit::driver
