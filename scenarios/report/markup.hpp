// Text inside XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace phasebit::scenarios {

/// `text` with & < > " ' as entities, and with every character that XML 1.0 cannot hold as \xNN. Valid in elements and in quoted
/// attributes, of XML and of HTML.
std::string escaped(std::string_view text);

}  // namespace phasebit::scenarios
