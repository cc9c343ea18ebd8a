// Properties with a fixed seed: the same cases every time, and others when asked for.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

namespace phasebit::testing {

/// Checks `property` on `cases` random inputs. Environment RC_PARAMS, e.g. "seed=7 max_success=10000", asks for others; a failure prints
/// the smallest input that was found and the line that repeats it.
template <class Property>
void check_property(int cases, Property&& property) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = std::string(test->test_suite_name()) + "." + test->name();
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  if (std::getenv("RC_PARAMS") == nullptr) {  // NOLINT(concurrency-mt-unsafe): tests have one thread
    params.seed = 0x7068'6173'6562'6974;
    params.maxSuccess = cases;
  }
  rc::detail::TestMetadata metadata;
  metadata.id = name;
  metadata.description = name;
  const auto result = rc::detail::checkTestable(std::forward<Property>(property), metadata, params);
  if (!result.template is<rc::detail::SuccessResult>()) {
    std::ostringstream message;
    rc::detail::printResultMessage(result, message);
    FAIL() << message.str() << "\nrepeat: RC_PARAMS='seed=" << params.seed << " max_success=" << params.maxSuccess
           << "' PROGRAM --gtest_filter=" << name;
  }
}

}  // namespace phasebit::testing
