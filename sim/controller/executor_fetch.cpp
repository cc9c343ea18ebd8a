// How commands come in.
#include <cstring>

#include "sim/controller/executor.hpp"
#include "src/spec/status.hpp"

namespace phasebit::sim {
namespace {

constexpr std::uint32_t draw_latency = 1;

/// A byte of the entry goes wrong on its way.
void corrupt(spec::Sqe& sqe, const Fault& fault, std::uint64_t fetch_number) {
  const auto bytes = std::as_writable_bytes(std::span<spec::Sqe, 1>(&sqe, 1));
  const auto mask = static_cast<std::uint8_t>(fault.value != 0 ? fault.value : 0xff);
  bytes[keyed(fault.value, fetch_number) % bytes.size()] ^= static_cast<std::byte>(mask);
}

}  // namespace

bool Executor::may_fetch() const {
  return lifecycle_.fetches() && device_.arbiter.has_work(device_.queues, eligible());
}

Arbiter::Eligible Executor::eligible() const {
  return {!commands_.full(true), !commands_.full(false)};
}

void Executor::fetch(Instant now) {
  const Qid qid = device_.arbiter.pick(device_.queues, eligible());
  SubmissionQueue& queue = *device_.queues.submission(qid);
  const std::uint32_t slot = queue.head;
  spec::Sqe sqe;
  const auto bytes = std::as_writable_bytes(std::span<spec::Sqe, 1>(&sqe, 1));
  const bool read = wiring_.dma.read(queue.ring.slot(slot), bytes, {qid, Cid{}, DmaPurpose::submission_entry});
  queue.head = next_slot(queue.head, queue.entries);
  next_fetch_ = now + wiring_.options.times.fetch;
  if (read) {
    accept(qid, slot, sqe, now);
  } else {
    on_refused();
  }
}

void Executor::accept(Qid qid, std::uint32_t slot, spec::Sqe sqe, Instant now) {
  const bool conflict = commands_.find(qid, spec::cid_of(sqe)) != CommandIndex::none;
  const FiredFaults fired =
      wiring_.faults.on_fetch({wiring_.drive, qid, spec::cid_of(sqe), std::as_bytes(std::span<const spec::Sqe, 1>(&sqe, 1))});
  if (const Fault* fault = fired.find(Verb::corrupt)) {
    corrupt(sqe, *fault, fetches_);
  }
  const CommandIndex index = commands_.take(qid == admin_qid);
  Command& command = commands_[index];
  command.sqe = sqe;
  command.sqid = qid;
  command.cid = spec::cid_of(sqe);
  command.fetch_number = fetches_++;
  record_fetch(command, slot);
  if (command.admin() && sqe.opcode == static_cast<std::uint8_t>(spec::AdminOpcode::abort)) {
    ++aborts_in_flight_;
  }
  if (conflict) {
    return finish(index, spec::make_status(spec::GenericStatus::command_id_conflict), now);
  }
  const Fault* late = fired.find(Verb::delay);
  command.execution = draw_execution(command);
  const Duration decoding{command.execution.ns / 8};
  command.execution.ns -= decoding.ns;
  commands_.schedule(index, now + decoding + (late == nullptr ? Duration{} : late->delay));
}

void Executor::record_fetch(const Command& command, std::uint32_t slot) const {
  const spec::Sqe& sqe = command.sqe;
  wiring_.record(EventKind::sqe_fetched, command.sqid.value, command.cid.value | slot << 16,
                 sqe.opcode | static_cast<std::uint64_t>(sqe.flags) << 8 | static_cast<std::uint64_t>(sqe.nsid) << 32,
                 command.fetch_number);
  for (std::uint32_t part = 0; part < 4; ++part) {
    Le64 words[2];
    std::memcpy(words, command.sqe_bytes().data() + part * sizeof(words), sizeof(words));
    wiring_.record(EventKind::sqe_part, command.sqid.value, part, words[0], words[1]);
  }
}

Duration Executor::draw_execution(const Command& command) const {
  const DriveTimes& times = wiring_.options.times;
  const auto table = [&]() -> const LatencyTable& {
    if (command.admin()) {
      return times.admin;
    }
    switch (static_cast<spec::NvmOpcode>(command.sqe.opcode)) {
      case spec::NvmOpcode::read:
        return times.read;
      case spec::NvmOpcode::write:
        return times.write;
      case spec::NvmOpcode::flush:
        return times.flush;
      default:
        return times.other;
    }
  };
  const Duration drawn = table().draw(keyed(wiring_.seed, draw_latency, command.fetch_number));
  const Fault* throttle = wiring_.faults.active(wiring_.drive, Verb::thermal_throttle);
  return throttle == nullptr ? drawn : drawn * (throttle->value != 0 ? throttle->value : 8);
}

}  // namespace phasebit::sim
