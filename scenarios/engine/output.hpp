// What the program says: results to stdout, progress and complaints to stderr. Neither can end it, whatever has become of the two.
#pragma once

#include <string_view>

namespace phasebit::scenarios {

/// Takes the numbers 0 to 2 if they are closed, so that no file that is opened later is taken for an output. Writing to them still fails.
void hold_standard_descriptors();

/// To stdout, at once: what is told later stands behind it even if both go to one file. After the first error nothing more is written.
void print(std::string_view text);

/// The errno of the first print that failed, or 0.
int print_error();

/// To stderr. Nobody could be told of an error there.
void tell(std::string_view text);

}  // namespace phasebit::scenarios
