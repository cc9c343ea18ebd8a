#include "src/driver/grant.hpp"

namespace phasebit::driver {

Problem problem_of(GrantRefusal refusal) {
  switch (refusal) {
    case GrantRefusal::none:
      return Problem::none;
    case GrantRefusal::other_version:
      return Problem::primary_differs;
    case GrantRefusal::not_ready:
      return Problem::primary_not_ready;
    case GrantRefusal::no_queue_left:
      return Problem::no_queue_left;
    case GrantRefusal::no_memory_left:
      return Problem::no_memory_left;
    case GrantRefusal::has_one:
      break;
  }
  return Problem::primary_differs;  // it says what this program never asks for
}

}  // namespace phasebit::driver
