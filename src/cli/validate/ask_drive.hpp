// Questions of a validating host that the drive answers with a structure of the specification.
#pragma once

#include <cstring>

#include "src/cli/validate/drive_access.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/log_pages.hpp"

namespace phasebit::cli {

/// What the drive gave, or what became of the command instead.
template <class T>
using Told = tl::expected<T, Result<driver::OperationResult>>;

/// The structure that an admin command fetches.
template <class T>
Told<T> fetch(DriveAccess& drive, const spec::Sqe& sqe) {
  const DriveMemory memory(drive, sizeof(T));
  if (!memory.is_there()) {
    return tl::unexpected(Result<driver::OperationResult>(fail(Errc::out_of_memory)));
  }
  driver::RawCommand command;
  command.sqe = sqe;
  const DmaRegion region = memory.region();
  command.buffers = {&region, 1};
  const Result<driver::OperationResult> result = drive.admin(command);
  if (!is_ok(result)) {
    return tl::unexpected(result);
  }
  T told;
  std::memcpy(&told, region.data, sizeof(told));
  return told;
}

template <class T>
Told<T> identify(DriveAccess& drive, const spec::Identify& what) {
  return fetch<T>(drive, what.sqe());
}

template <class T>
Told<T> log_page(DriveAccess& drive, spec::Lid lid) {
  spec::GetLogPage page;
  page.lid = lid;
  page.bytes = sizeof(T);
  page.retain_asynchronous_event = true;
  return fetch<T>(drive, page.sqe());
}

}  // namespace phasebit::cli
