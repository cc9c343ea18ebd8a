// Which namespace a verb uses that needs one.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "src/driver/types.hpp"

namespace phasebit::cli {

/// The first that has blocks and no metadata, which the data plane does not serve.
inline std::optional<driver::Namespace> first_usable_namespace(std::span<const driver::Namespace> spaces) {
  const auto found =
      std::ranges::find_if(spaces, [](const driver::Namespace& space) { return space.blocks != 0 && space.metadata_bytes == 0; });
  return found == spaces.end() ? std::nullopt : std::optional(*found);
}

}  // namespace phasebit::cli
