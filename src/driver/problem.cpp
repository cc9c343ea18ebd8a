#include "src/driver/problem.hpp"

namespace phasebit::driver {

std::string_view text(Problem problem) {
  switch (problem) {
    case Problem::none:
      return "nothing is wrong";
    case Problem::not_there:
      return "the function does not answer: its registers read as all ones";
    case Problem::page_sizes_inverted:
      return "CAP.MPSMIN is above CAP.MPSMAX, so that no memory page size is right";
    case Problem::page_size_too_large:
      return "CAP.MPSMIN asks for memory pages larger than 64 KiB";
    case Problem::no_nvm_command_set:
      return "the controller offers no NVM command set (CAP.CSS, Identify CNS 1Ch)";
    case Problem::queue_too_small:
      return "CAP.MQES is 0, and a queue of one entry can hold no command";
    case Problem::doorbells_beyond_bar:
      return "with this CAP.DSTRD the doorbells of the first I/O queue lie beyond BAR0";
    case Problem::entry_sizes_unsupported:
      return "Identify Controller does not take submission entries of 64 and completion entries of 16 bytes";
    case Problem::another_controller:
      return "another controller has taken the place of the one that was attached: Identify gives another serial number or model";
    case Problem::never_ready:
      return "CSTS.RDY did not become 1 in the time that CAP allows";
    case Problem::never_stopped:
      return "CSTS.RDY did not become 0 in the time that CAP allows";
    case Problem::fatal_status:
      return "the controller reports a fatal status (CSTS.CFS), or was reset behind the driver's back";
    case Problem::command_timed_out:
      return "an admin command of bring-up was not answered in time";
    case Problem::command_failed:
      return "an admin command that bring-up needs failed";
    case Problem::no_io_queues:
      return "the controller let not one I/O queue be made";
    case Problem::bus_master_stuck:
      return "bus mastering could not be cleared, so that memory cannot be given back";
    case Problem::out_of_memory:
      return "no memory is left for the controller's queues";
    case Problem::primary_silent:
      return "the primary process does not answer, or grants no queues";
    case Problem::primary_differs:
      return "the primary process runs another version of this program";
    case Problem::primary_not_ready:
      return "the primary process is resetting the controller, or shutting it down; try again";
    case Problem::no_queue_left:
      return "the primary process has no queue left to grant";
    case Problem::no_memory_left:
      return "the primary process has not so much memory left to grant";
    case Problem::primary_lost:
      return "the primary process has ended, or no longer gives a sign of life";
    case Problem::primary_left:
      return "the primary process has taken the queue back: it shut the controller down, or gave up on it";
  }
  return "unknown";
}

Errc errc_of(Problem problem) {
  switch (problem) {
    case Problem::none:
    case Problem::not_there:
    case Problem::another_controller:
      return Errc::device_gone;
    case Problem::page_sizes_inverted:
    case Problem::queue_too_small:
      return Errc::device_nonsense;
    case Problem::page_size_too_large:
    case Problem::no_nvm_command_set:
    case Problem::doorbells_beyond_bar:
    case Problem::entry_sizes_unsupported:
      return Errc::unsupported;
    case Problem::out_of_memory:
    case Problem::no_memory_left:
      return Errc::out_of_memory;
    case Problem::never_ready:
    case Problem::never_stopped:
    case Problem::command_timed_out:
      return Errc::timed_out;
    case Problem::fatal_status:
    case Problem::command_failed:
    case Problem::no_io_queues:
    case Problem::bus_master_stuck:
    case Problem::primary_left:
      return Errc::device_failed;
    case Problem::primary_silent:
    case Problem::primary_lost:
      return Errc::timed_out;
    case Problem::primary_differs:
      return Errc::unsupported;
    case Problem::primary_not_ready:
      return Errc::not_ready;
    case Problem::no_queue_left:
      return Errc::queue_full;
  }
  return Errc::device_failed;
}

}  // namespace phasebit::driver
