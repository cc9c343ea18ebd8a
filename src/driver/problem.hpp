// Why a controller cannot be used, in words that tell a person what to look at.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/error.hpp"

namespace phasebit::driver {

/// What stands in the way of a controller becoming ready, or took it out of service.
enum class Problem : std::uint8_t {
  none,
  not_there,                ///< CAP read as all ones, or removal was confirmed
  page_sizes_inverted,      ///< CAP.MPSMIN > CAP.MPSMAX
  page_size_too_large,      ///< CAP.MPSMIN asks for pages above what this driver lays out
  no_nvm_command_set,       ///< CAP.CSS, or Identify CNS 1Ch, offers none
  queue_too_small,          ///< CAP.MQES is 0: a ring of one entry can hold nothing
  doorbells_beyond_bar,     ///< with this DSTRD not even one I/O queue's doorbells lie in BAR0
  entry_sizes_unsupported,  ///< Identify's SQES or CQES does not take 64 and 16 bytes
  another_controller,       ///< after a reset Identify gives another serial number or model than before
  never_ready,              ///< CSTS.RDY did not rise in time
  never_stopped,            ///< CSTS.RDY did not fall in time
  fatal_status,             ///< CSTS.CFS, or RDY 0 of a controller that we left enabled
  command_timed_out,        ///< an admin command of bring-up was not answered
  command_failed,           ///< an admin command of bring-up failed for good
  no_io_queues,             ///< not one I/O queue could be made
  bus_master_stuck,         ///< bus mastering could not be cleared
  out_of_memory,            ///< no host or DMA memory

  // Of a second process.
  primary_silent,     ///< the primary does not answer the request for a queue
  primary_differs,    ///< it is another version of the program
  primary_not_ready,  ///< its controller is not ready
  no_queue_left,      ///< it has none to grant
  no_memory_left,     ///< not so much as was asked for
  primary_lost,       ///< it has ended, or has given no sign of life for too long
  primary_left,       ///< it has shut the controller down, or has refused the queue
};

/// One sentence for a person.
std::string_view text(Problem problem);

/// The error that an operation returns for it.
Errc errc_of(Problem problem);

}  // namespace phasebit::driver
