// Names of features, log pages and Identify structures, as scenario files and logs write them: the enumerators' own.
#pragma once

#include <optional>
#include <string_view>

#include "src/spec/cns.hpp"
#include "src/spec/features.hpp"
#include "src/spec/log_page_id.hpp"

namespace phasebit::spec {

/// "number_of_queues"; empty for an identifier without a name. And back.
std::string_view feature_name(Fid fid);
std::optional<Fid> feature_from_name(std::string_view name);

/// "changed_namespaces"; empty for an identifier without a name. And back.
std::string_view log_page_name(Lid lid);
std::optional<Lid> log_page_from_name(std::string_view name);

/// "active_namespaces"; empty for a CNS without a name. And back.
std::string_view identify_name(Cns cns);
std::optional<Cns> identify_from_name(std::string_view name);

}  // namespace phasebit::spec
