// Writing to what may be slow, full, closed or gone, without ever being kept from a signal.
#pragma once

#include <string_view>

namespace phasebit::scenarios {

/// Writes all bytes. Returns 0, or the errno of the first write that failed; EINTR if the program was asked to stop meanwhile.
int write_patiently(int descriptor, std::string_view bytes);

/// Opens a pipe or a device for writing; a pipe is waited for until somebody reads from it. Returns a descriptor, or minus an errno.
int open_patiently(const char* path);

}  // namespace phasebit::scenarios
