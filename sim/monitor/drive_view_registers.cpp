#include "sim/monitor/drive_view.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {

using spec::Cc;
using spec::Csts;

namespace {

/// What a reset takes away can be told from what never was; admin queues are judged by CSTS.RDY instead.
template <class QueueView>
void lose(std::vector<QueueView>& queues) {
  for (std::size_t qid = 0; qid < queues.size(); ++qid) {
    const bool lost = qid != 0 && (queues[qid].exists || queues[qid].lost_in_reset);
    queues[qid] = {};
    queues[qid].lost_in_reset = lost;
  }
}

}  // namespace

/// What the host reads is what the controller says: it also tells of a state that was there before the stream began.
void DriveView::apply_register_read(const Event& event) {
  const std::uint64_t all_ones = event.c == 8 ? ~0ull : 0xffff'ffffull;
  absence_seen = event.b == all_ones;
  if (absence_seen) {
    return;
  }
  reset_untold = reset_untold && event.a != spec::offset::csts && event.a != spec::offset::cc;
  if (event.a == spec::offset::csts) {
    csts = Csts{static_cast<std::uint32_t>(event.b)};
    fatal_seen = csts.get(Csts::cfs);
  } else if (event.a == spec::offset::cc) {
    cc = Cc{static_cast<std::uint32_t>(event.b)};
  } else if (event.a == spec::offset::crto) {
    crto = spec::Crto{static_cast<std::uint32_t>(event.b)};
  } else if (event.a == spec::offset::cmbsz) {
    cmbsz = spec::Cmbsz{static_cast<std::uint32_t>(event.b)};
  }
}

void DriveView::apply_register_write(const Event& event) {
  if ((event.c >> 8) != 0) {  // lost: the function was gone, though its host may not notice if it comes back soon
    doorbells_doubtful |= event.a >= spec::offset::doorbells;
    return;
  }
  const auto low = static_cast<std::uint32_t>(event.b);
  switch (event.a) {
    case spec::offset::cc:
      return apply_controller_configuration(Cc{low}, event.instant());
    case spec::offset::aqa:
      aqa = spec::Aqa{low};
      return;
    default:
      break;
  }
  if (!apply_to_wide_register(event) && event.a >= spec::offset::doorbells) {
    apply_doorbell(event.a, low, event.instant());
  }
}

/// Registers of 64 bits, written whole or by halves.
bool DriveView::apply_to_wide_register(const Event& event) {
  const auto put = [&](std::uint64_t& value, std::uint32_t offset) {
    const std::uint64_t low = event.b & 0xffff'ffffull;
    if (event.a == offset) {
      value = event.c == 8 ? event.b.get() : (value & ~0xffff'ffffull) | low;
    } else if (event.a == offset + 4) {
      value = (value & 0xffff'ffffull) | low << 32;
    }
    return event.a == offset || event.a == offset + 4;
  };
  return put(asq, spec::offset::asq) || put(acq, spec::offset::acq) || put(cmbmsc.raw, spec::offset::cmbmsc);
}

void DriveView::apply_doorbell(std::uint64_t offset, std::uint32_t value, Instant now) {
  const std::uint64_t stride = spec::doorbell_stride_bytes(cap);
  const std::uint64_t index = (offset - spec::offset::doorbells) / stride;
  if ((offset - spec::offset::doorbells) % stride != 0 || index / 2 > 0xffff) {
    return;
  }
  const auto qid = static_cast<std::uint16_t>(index / 2);
  if (index % 2 == 0) {
    auto& queue = submission(qid);
    queue.tail = queue.exists && value < queue.entries ? value : queue.tail;
    return;
  }
  auto& queue = completion(qid);
  if (queue.exists && value < queue.entries) {
    queue.acknowledged += slot_distance(queue.head, value, queue.entries);
    queue.acknowledged = std::min(queue.acknowledged, queue.posted);
    queue.head = value;
    queue.counted(now);
  }
}

void DriveView::apply_controller_configuration(Cc next, Instant now) {
  if (!cc.get(Cc::en) && next.get(Cc::en)) {
    enabled_at = now;
    fatal_seen = false;  // it may have been read again while the reset that it called for was under way
  }
  if (cc.get(Cc::en) && !next.get(Cc::en)) {
    forget_queues();
    fatal_seen = false;
  }
  cc = next;
}

Duration DriveView::ready_timeout() const {
  if (cap.get(spec::Cap::crms) == 0 || !crto) {
    return spec::ready_timeout(cap);
  }
  return cc.get(Cc::crime) ? spec::ready_independent_of_media_timeout(*crto) : spec::ready_with_media_timeout(*crto);
}

void DriveView::forget_queues() {
  doorbells_doubtful = false;
  abandoned = false;
  lose(submission_queues);
  lose(completion_queues);
  aborts_outstanding = 0;
  async_event_requests_outstanding = 0;
  grant_known = false;
}

void DriveView::forget_controller() {
  forget_queues();
  cc = {};
  csts = {};
  aqa = {};
  asq = acq = 0;
  cmbmsc = {};
  fatal_seen = false;
  reset_untold = true;
}

}  // namespace phasebit::sim
