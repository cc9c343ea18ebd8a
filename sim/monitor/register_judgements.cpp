#include <algorithm>
#include <iterator>

#include "sim/monitor/judgements.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::sim {

using spec::Cap;
using spec::Cc;
using spec::Csts;
namespace offset = spec::offset;

namespace {

constexpr std::uint32_t cc_reserved = 0xfe00'000e;
constexpr std::uint32_t aqa_reserved = 0xf000'f000;
constexpr std::uint64_t queue_base_reserved = 0xfff;
constexpr std::uint32_t csts_nssro = 1u << 4;

/// Beyond CAP and VS.
constexpr std::uint32_t read_only[] = {
    offset::cmbloc, offset::cmbsz,  offset::bpinfo, offset::cmbsts, offset::cmbebs,  offset::cmbswtp,
    offset::crto,   offset::pmrcap, offset::pmrsts, offset::pmrebs, offset::pmrswtp,
};

bool covers(const Event& event, std::uint32_t register_offset) {
  return event.a <= register_offset && register_offset < event.a + (event.c & 0xff);
}

bool is_read_only(const Event& event) {
  const std::uint32_t at = event.a;
  if (at == offset::csts) {
    return (event.b & ~std::uint64_t{csts_nssro}) != 0;  // NSSRO alone is cleared by writing one
  }
  return at < offset::vs + 4 || std::find(std::begin(read_only), std::end(read_only), at) != std::end(read_only);
}

bool sets_reserved_bits(const Event& event) {
  switch (event.a) {
    case offset::cc:
      return (event.b & cc_reserved) != 0;
    case offset::aqa:
      return (event.b & aqa_reserved) != 0;
    case offset::asq:
    case offset::acq:
      return (event.b & queue_base_reserved) != 0;
    default:
      return false;
  }
}

}  // namespace

void judge_register_write(const Event& event, const DriveView& view, ViolationList& found) {
  const std::string what = "wrote " + hex(event.b) + " to offset " + hex(event.a);
  if (view.absence_seen) {
    found.add("RST-11", what + " after a read of all ones");
  }
  if ((event.c >> 8) != 0) {
    return;  // the function was gone: nothing else can be held against a write that reached nobody
  }
  if (is_read_only(event)) {
    found.add("REG-04", what);
  }
  if (sets_reserved_bits(event)) {
    found.add("REG-05", what);
  }
  const bool names_memory = covers(event, offset::cmbmsc) || covers(event, offset::cmbmsc + 4);
  if (names_memory && view.cap_known && !view.cap.get(Cap::cmbs)) {
    found.add("REG-15", what + " where CAP.CMBS is 0");
  }
  const bool enabled = view.cc.get(Cc::en);
  if (enabled && covers(event, offset::aqa)) {
    found.add("INI-03", what + " while CC.EN is 1");
  }
  if (enabled && event.a >= offset::asq && event.a < offset::acq + 8) {
    found.add("INI-04", what + " while CC.EN is 1");
  }
}

namespace {

void judge_admin_queue(const char* queue_name, std::uint64_t base, std::uint64_t bytes, Cc cc, const DriveView& view,
                       ViolationList& found) {
  const std::string what = std::string(queue_name) + " at " + hex(base);
  if ((base & (spec::page_bytes(cc) - 1)) != 0) {
    found.add("INI-05", what + " with pages of " + std::to_string(spec::page_bytes(cc)) + " bytes");
  }
  if (view.mapped_bytes(base) < bytes) {
    found.add("INI-06", what + ": " + std::to_string(view.mapped_bytes(base)) + " of its " + std::to_string(bytes) + " bytes are mapped");
  }
}

/// A drive that offers command sets and says at once that it has none contradicts itself: either answer is right.
bool may_choose_css(Cap cap) {
  return cap.get(Cap::css_admin_only) && cap.get(Cap::css_command_sets);
}

spec::Css demanded_css(Cap cap) {
  if (cap.get(Cap::css_admin_only)) {
    return spec::Css::admin_only;
  }
  return cap.get(Cap::css_command_sets) ? spec::Css::all_supported : spec::Css::nvm;
}

void judge_enable(Cc next, const DriveView& view, ViolationList& found) {
  if (view.csts.get(Csts::rdy)) {
    found.add("INI-01", "CC.EN set while CSTS is " + hex(view.csts.raw));
  }
  const std::uint64_t submission_entries = spec::admin_submission_entries(view.aqa);
  const std::uint64_t completion_entries = spec::admin_completion_entries(view.aqa);
  if (submission_entries < 2 || completion_entries < 2) {
    found.add("INI-07", "AQA is " + hex(view.aqa.raw));
  }
  const std::uint32_t mps = next.get(Cc::mps);
  if (mps < view.cap.get(Cap::mpsmin) || mps > view.cap.get(Cap::mpsmax)) {
    found.add("INI-08", "CC.MPS " + std::to_string(mps) + " with CAP.MPSMIN " + std::to_string(view.cap.get(Cap::mpsmin)) +
                            " and CAP.MPSMAX " + std::to_string(view.cap.get(Cap::mpsmax)));
  }
  judge_admin_queue("ASQ", view.asq, submission_entries * spec::sqe_bytes, next, view, found);
  judge_admin_queue("ACQ", view.acq, completion_entries * 16, next, view, found);
  const bool is_either = may_choose_css(view.cap) && next.get(Cc::css) == spec::Css::all_supported;
  if (next.get(Cc::css) != demanded_css(view.cap) && !is_either) {
    found.add("INI-10",
              "CC.CSS " + std::to_string(static_cast<unsigned>(next.get(Cc::css))) + " with CAP.CSS " + hex(view.cap.get(Cap::css)));
  }
}

void judge_disable(Instant now, const DriveView& view, ViolationList& found) {
  // Giving up on a controller that is fatal, or that has had all the time it asked for, is recovery.
  const bool overdue = now - view.enabled_at >= view.ready_timeout();
  if (!view.csts.get(Csts::rdy) && !view.csts.get(Csts::cfs) && !overdue) {
    found.add("INI-02", "CC.EN cleared while CSTS is " + hex(view.csts.raw));
  }
}

void judge_shutdown(Cc next, const DriveView& view, ViolationList& found) {
  const spec::Shn before = view.cc.get(Cc::shn);
  const spec::Shn after = next.get(Cc::shn);
  if (after == spec::Shn::reserved) {
    found.add("RST-06", "CC.SHN is 11b");
  } else if (before != after && view.csts.get(Csts::shst) == spec::Shst::occurring) {
    found.add("RST-06", "CC.SHN changed while CSTS.SHST is 01b");
  }
  const std::uint32_t queues = view.io_queue_count(false) + view.io_queue_count(true);
  if (before == spec::Shn::none && after == spec::Shn::normal && queues != 0) {
    found.add("RST-05", std::to_string(queues) + " I/O queues exist");
  }
}

}  // namespace

void judge_controller_configuration(std::uint32_t value, Instant now, const DriveView& view, ViolationList& found) {
  const Cc next{value};
  const bool enabled = view.cc.get(Cc::en);
  if (!enabled && next.get(Cc::en)) {
    judge_enable(next, view, found);
  }
  if (enabled && !next.get(Cc::en)) {
    judge_disable(now, view, found);
  }
  if (enabled && (!next.get(Cc::en) || next.get(Cc::shn) != spec::Shn::none)) {
    judge_idleness(now, view, found);
  }
  if (enabled && next.get(Cc::en) && next.get(Cc::mps) != view.cc.get(Cc::mps)) {
    found.add("INI-09", "CC.MPS changed from " + std::to_string(view.cc.get(Cc::mps)) + " to " + std::to_string(next.get(Cc::mps)));
  }
  judge_shutdown(next, view, found);
}

}  // namespace phasebit::sim
