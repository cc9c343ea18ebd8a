// What a plain word of a scenario file means. YAML readers disagree about `no`, `010` and `1_000`, so the table is ours.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <tl/expected.hpp>

namespace phasebit::scenarios {

using Json = nlohmann::ordered_json;

/// The value of an unquoted word, or why it is refused and what to write instead.
///
/// | word | value |
/// |---|---|
/// | `0`, `42`, `-7` | a number, decimal |
/// | `0x2A` | the same number, hexadecimal |
/// | `true`, `false` | a truth value; no other word is one |
/// | `4k`, `10ms`, `0..63`, `4k..64k`, `1.4`, `0000:01:00.0` | text: a number with a unit, a range, a version, a PCI address |
/// | `010`, `0o17`, `0b1`, `1_000`, `.5`, `1e3`, `+1` | refused: readers disagree |
/// | `yes`, `no`, `on`, `off`, `True`, `~`, `null` and the like | refused: readers disagree |
/// | any other word | text |
///
/// A quoted word is always text and never comes here.
tl::expected<Json, std::string> plain_scalar(std::string_view word);

}  // namespace phasebit::scenarios
