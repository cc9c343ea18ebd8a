// Whole files in and out: read with a cap, written beside and renamed, so that nothing half-written is ever left.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/engine/diagnostic.hpp"

namespace phasebit::scenarios {

/// The bytes of a file. Refuses what is missing, no regular file, unreadable, or larger than `bytes_max`.
Checked<std::string> read_file(const std::string& path, std::uint64_t bytes_max);

/// Writes `bytes` to a temporary file in the same directory, syncs it, renames it to `path`. On any error (a full disk, a directory
/// without permission) the temporary file is removed and whatever stood at `path` still stands there.
/// A pipe or a device is written to as it is.
Checked<void> write_file(const std::string& path, std::string_view bytes);

/// Makes `path` a directory that files can be made in, with its parents, or says why it cannot be.
Checked<void> prepare_directory(const std::string& path);

}  // namespace phasebit::scenarios
