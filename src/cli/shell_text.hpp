// Words on a line that is meant to be pasted into a shell.
#pragma once

#include <string>
#include <string_view>

namespace phasebit::cli {

/// `word` as a POSIX shell reads it back: as it is if nothing in it is special, else in quotes.
std::string shell_text(std::string_view word);

/// The same for a path, which must not be taken for an option.
std::string shell_path(const std::string& path);

}  // namespace phasebit::cli
