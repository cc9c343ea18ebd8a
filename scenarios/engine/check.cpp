#include "scenarios/engine/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "scenarios/engine/fault_words.hpp"
#include "scenarios/sqlite/file_store.hpp"
#include "sim/controller/drive_options.hpp"
#include "sim/faults/fault.hpp"

namespace phasebit::scenarios {
namespace {

class Checker {
 public:
  Checker(const Scenario& scenario, const Document& document) : scenario_(scenario), document_(document) {}

  Diagnostics check() {
    check_drives();
    check_host();
    check_sqlite();
    for (std::size_t i = 0; i < scenario_.workloads.size(); ++i) {
      check_workload(scenario_.workloads[i], one_of("workload", "workloads", scenario_.workloads.size(), i));
    }
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      check_fault(scenario_.faults[i], step_into("/faults", i));
    }
    return std::move(complaints_);
  }

 private:
  void complain(const std::string& pointer, std::string text) {
    complaints_.push_back({document_.file, document_.place(pointer), std::move(text)});
  }

  /// Where the entry stands: under the singular key, or in the list.
  std::string one_of(const char* one, const char* many, std::size_t count, std::size_t index) const {
    return count == 1 && document_.tree.contains(one) ? fmt::format("/{}", one) : fmt::format("/{}/{}", many, index);
  }
  std::string drive_pointer(std::size_t index) const { return one_of("drive", "drives", scenario_.drives.size(), index); }

  /// sim says `namespaces[2].block_bytes is 520: 512 or 4096`: the path is turned into a place.
  void check_drives() {
    for (std::size_t i = 0; i < scenario_.drives.size(); ++i) {
      const std::string wrong = sim::validate(scenario_.drives[i]);
      if (wrong.empty()) {
        continue;
      }
      std::string pointer = drive_pointer(i) + "/";
      for (const char c : wrong.substr(0, wrong.find(' '))) {
        pointer += c == '.' || c == '[' ? "/" : c == ']' ? "" : std::string(1, c);
      }
      complain(pointer, wrong);
    }
  }

  void check_host() {
    if (scenario_.host.interval_min > scenario_.host.interval_max) {
      complain("/host/interval_min", fmt::format("interval_min is longer than interval_max ({} ns)", scenario_.host.interval_max.ns));
    }
  }

  void check_sqlite() {
    if (!scenario_.sqlite) {
      return;
    }
    const SqliteSettings& settings = scenario_.sqlite->settings;
    if (!scenario_.workloads.empty()) {
      complain(document_.tree.contains("workload") ? "/workload" : "/workloads",
               "a SQLite database takes the place of workloads; write one of them");
    }
    if (!std::has_single_bit(settings.page_bytes)) {
      complain("/sqlite/page_size", "write a power of two from 512 to 64k");
    }
    if (settings.journal != SqliteJournal::wal && settings.wal_autocheckpoint_pages != SqliteSettings{}.wal_autocheckpoint_pages) {
      complain("/sqlite/wal_autocheckpoint", "there is no log to fold in; write journal_mode: wal");
    }
    check_sqlite_namespace(drive_pointer(0) + "/namespaces");
  }

  void check_sqlite_namespace(const std::string& pointer) {
    if (scenario_.drives[0].namespaces.empty()) {
      return complain(pointer, "a SQLite database needs a namespace of the first drive");
    }
    const sim::NamespaceOptions& space = scenario_.drives[0].namespaces[0];
    if (!space.active) {
      complain(pointer + "/0/active", "a SQLite database is on the first namespace, which is not attached");
    }
    if (space.blocks < FileStore::blocks_min) {
      complain(pointer + "/0/blocks", fmt::format("a SQLite database needs at least {} blocks", FileStore::blocks_min));
    }
  }

  const sim::NamespaceOptions* find_namespace(std::size_t drive, std::uint32_t nsid) const {
    const auto& namespaces = scenario_.drives[drive].namespaces;
    const auto found = std::find_if(namespaces.begin(), namespaces.end(), [&](const auto& space) { return space.nsid.value == nsid; });
    return found == namespaces.end() ? nullptr : &*found;
  }

  bool check_drive_index(std::uint64_t drive, const std::string& pointer) {
    if (drive < scenario_.drives.size()) {
      return true;
    }
    complain(pointer, fmt::format("there is no drive {}; there are {}, counted from 0", drive, scenario_.drives.size()));
    return false;
  }

  void check_workload(const WorkloadOptions& work, const std::string& pointer) {
    if (!check_drive_index(work.drive, pointer + "/drive")) {
      return;
    }
    const sim::NamespaceOptions* const space = find_namespace(work.drive, work.nsid);
    if (space == nullptr) {
      complain(pointer + "/nsid", fmt::format("drive {} has no namespace {}", work.drive, work.nsid));
      return;
    }
    check_not_both(pointer, "bs", "bsrange");
    check_extent(work, *space, pointer);
    check_queues(work, pointer);
    if (work.number_ios == 0 && work.runtime.ns == 0 && work.trace.empty()) {
      complain(pointer, "would never end; write number_ios or runtime");
    }
  }

  void check_queues(const WorkloadOptions& work, const std::string& pointer) {
    const std::uint32_t most = scenario_.driver.io_queues_max;
    if (work.numjobs > most) {
      complain(pointer + "/numjobs", fmt::format("{} jobs need as many queues; driver.io_queues_max is {}", work.numjobs, most));
    } else if (work.numjobs * work.submission_queues > most) {
      complain(pointer + "/submission_queues",
               fmt::format("{} jobs with {} submission queues each need {}; driver.io_queues_max is {}", work.numjobs,
                           work.submission_queues, work.numjobs * work.submission_queues, most));
    }
  }

  /// Two keys that say the same thing: one of them would be taken silently.
  void check_not_both(const std::string& pointer, const char* one, const char* other) {
    const Json::json_pointer place(pointer);
    const Json* const node = document_.tree.contains(place) ? &document_.tree.at(place) : nullptr;
    if (node != nullptr && node->contains(one) && node->contains(other)) {
      complain(pointer + "/" + other, fmt::format("{} is given too, and means the same; write one of them", one));
    }
  }

  void check_extent(const WorkloadOptions& work, const sim::NamespaceOptions& space, const std::string& pointer) {
    const std::uint64_t capacity = most_blocks(work.drive, space) * space.block_bytes;
    const std::string unit = fmt::format("a multiple of the namespace's block of {} bytes", space.block_bytes);
    if (work.bsrange.first % space.block_bytes != 0 || work.bsrange.last % space.block_bytes != 0) {
      complain(pointer + (document_.tree.at(Json::json_pointer(pointer)).contains("bsrange") ? "/bsrange" : "/bs"), "write " + unit);
    }
    if (work.offset % space.block_bytes != 0 || work.size % space.block_bytes != 0) {
      complain(pointer + (work.offset % space.block_bytes != 0 ? "/offset" : "/size"), "write " + unit);
    }
    if (work.offset >= capacity || work.size > capacity - work.offset) {
      complain(pointer + (work.offset >= capacity ? "/offset" : "/size"),
               fmt::format("lies beyond the namespace, which ends at {}", size_text(capacity)));
    } else if (const std::uint64_t used = work.size == 0 ? capacity - work.offset : work.size; work.bsrange.last > used) {
      complain(pointer,
               fmt::format("operations of {} do not fit into the {} that are used", size_text(work.bsrange.last), size_text(used)));
    }
  }

  /// With what a fault makes of it.
  std::uint64_t most_blocks(std::uint8_t drive, const sim::NamespaceOptions& space) const {
    std::uint64_t most = space.blocks;
    for (const sim::Fault& fault : scenario_.faults) {
      const bool resizes = fault.what == sim::Verb::namespace_resize && fault.value == space.nsid.value;
      most = resizes && fault.when.drive.value_or(drive) == drive ? std::max(most, fault.value2) : most;
    }
    return most;
  }

  void check_fault(const sim::Fault& fault, const std::string& pointer) {
    const sim::Trigger& when = fault.when;
    const std::string at = pointer + "/when";
    check_not_both(pointer, "status", "value");
    if (const std::string wrong = sim::validate(fault); !wrong.empty()) {
      complain(pointer, wrong);
    }
    if (when.drive && !check_drive_index(*when.drive, at + "/drive")) {
      return;
    }
    if (when.queue && *when.queue > scenario_.driver.io_queues_max) {
      complain(at + "/queue", fmt::format("there is no queue {}; driver.io_queues_max is {}", *when.queue, scenario_.driver.io_queues_max));
    }
    check_admin(when, at);
    check_fault_namespace(when, at);
    if (sim::needs_namespace(fault.what) && fault.value != 0 && !has_namespace(when, static_cast<std::uint32_t>(fault.value))) {
      complain(pointer + "/value", fmt::format("no drive that is meant has a namespace {}", fault.value));
    }
  }

  /// An opcode's name says already whose command it is.
  void check_admin(const sim::Trigger& when, const std::string& at) {
    const Json::json_pointer place(at);
    if (!document_.tree.contains(place) || !document_.tree.at(place).contains("opcode") || !document_.tree.at(place).contains("admin")) {
      return;
    }
    const Json& opcode = document_.tree.at(place).at("opcode");
    OpcodeWord word;
    if (Opcode{}.read(opcode, word) && word.admin != when.admin) {
      complain(at + "/admin",
               fmt::format("{} is {} command; leave admin out", opcode.get<std::string>(), word.admin ? "an admin" : "an I/O"));
    }
  }

  bool has_namespace(const sim::Trigger& when, std::uint32_t nsid) const {
    for (std::size_t drive = 0; drive < scenario_.drives.size(); ++drive) {
      if (when.drive.value_or(static_cast<std::uint8_t>(drive)) == drive && find_namespace(drive, nsid) != nullptr) {
        return true;
      }
    }
    return false;
  }

  void check_fault_namespace(const sim::Trigger& when, const std::string& at) {
    bool any_namespace = false;
    bool any_block = false;
    for (std::size_t drive = 0; drive < scenario_.drives.size(); ++drive) {
      for (const sim::NamespaceOptions& space : scenario_.drives[drive].namespaces) {
        const bool meant = (!when.drive || *when.drive == drive) && (!when.nsid || *when.nsid == space.nsid);
        any_namespace |= meant;
        any_block |= meant && when.lbas && when.lbas->first.value < space.blocks;
      }
    }
    if (when.nsid && *when.nsid != nsid_all && !any_namespace) {
      complain(at + "/nsid", fmt::format("no drive that is meant has a namespace {}", when.nsid->value));
    } else if (when.lbas && !any_block) {
      complain(at + "/lbas", "lies beyond the end of every namespace that is meant");
    }
  }

  const Scenario& scenario_;
  const Document& document_;
  Diagnostics complaints_;
};

}  // namespace

Diagnostics check_scenario(const Scenario& scenario, const Document& document) {
  return Checker(scenario, document).check();
}

}  // namespace phasebit::scenarios
