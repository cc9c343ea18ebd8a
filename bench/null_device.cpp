#include "bench/null_device.hpp"

#include <algorithm>
#include <cstring>

#include "src/base/ring_index.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::bench {
namespace {

constexpr std::uint64_t namespace_blocks = 1ull << 30;
constexpr std::uint32_t host_page_bytes = 4096;

template <class T>
T* at(std::uint64_t iova) {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(iova));  // NOLINT(performance-no-int-to-ptr): an IOVA is an address here
}

/// Writes an Identify structure to the one or two pages that the command names.
template <class T>
void answer_with(const spec::Sqe& sqe, const T& data) {
  static_assert(sizeof(T) == spec::identify_bytes);
  const auto* bytes = reinterpret_cast<const std::byte*>(&data);
  const std::uint64_t first = host_page_bytes - sqe.prp1 % host_page_bytes;
  std::memcpy(at<std::byte>(sqe.prp1), bytes, first);
  if (first < sizeof(T)) {
    std::memcpy(at<std::byte>(sqe.prp2), bytes + first, sizeof(T) - first);
  }
}

spec::IdentifyController controller() {
  spec::IdentifyController data;
  data.sn = spec::padded<20>("NULL0001");
  data.mn = spec::padded<40>("Phasebit null device");
  data.fr = spec::padded<8>("1");
  data.mdts = 8;  // 1 MiB with 4 KiB pages
  data.cntlid = 1;
  data.ver = spec::version(1, 4).raw;
  data.cntrltype = 1;
  data.acl = 3;
  data.aerl = 3;
  data.sqes = spec::sqe_bytes_log2 << 4 | spec::sqe_bytes_log2;
  data.cqes = spec::cqe_bytes_log2 << 4 | spec::cqe_bytes_log2;
  data.nn = 1;
  return data;
}

spec::IdentifyNamespace identify_namespace() {
  spec::IdentifyNamespace data;
  data.nsze = data.ncap = data.nuse = namespace_blocks;
  data.lbaf[0].lbads = 9;
  return data;
}

struct Descriptors {
  spec::NamespaceDescriptorHeader header{static_cast<std::uint8_t>(spec::Nidt::eui64), 8, {}};
  std::array<std::uint8_t, 8> eui64{0, 0, 0, 0, 0, 0, 0, 1};
  std::array<std::uint8_t, spec::identify_bytes - 12> end{};
};

}  // namespace

NullDevice::NullDevice() {
  const spec::Cap cap = spec::Cap{}.with(spec::Cap::mqes, 4095).with(spec::Cap::cqr, true).with(spec::Cap::to, 1);
  store(spec::offset::cap, cap.with(spec::Cap::css_nvm, true).with(spec::Cap::mpsmax, 4).raw);
  store(spec::offset::vs, spec::version(1, 4).raw);
}

template <class T>
T NullDevice::load(std::uint32_t offset) const {
  return *reinterpret_cast<const volatile T*>(&bar_[offset]);
}

template <class T>
void NullDevice::store(std::uint32_t offset, T value) {
  *reinterpret_cast<volatile T*>(&bar_[offset]) = value;
}

void NullDevice::step() {
  follow_cc();
  if (cqs_[0].count == 0) {
    return;
  }
  run_admin_queue();
  for (std::uint32_t qid = 1; qid < sqs_.size(); ++qid) {
    run_io_queue(qid);
  }
}

void NullDevice::follow_cc() {
  const spec::Cc cc{load<std::uint32_t>(spec::offset::cc)};
  spec::Csts csts{load<std::uint32_t>(spec::offset::csts)};
  if (cc.get(spec::Cc::en) && !csts.get(spec::Csts::rdy)) {
    enable();
  } else if (!cc.get(spec::Cc::en) && csts.get(spec::Csts::rdy)) {
    reset();
  }
  csts.set(spec::Csts::rdy, cc.get(spec::Cc::en));
  csts.set(spec::Csts::shst, cc.get(spec::Cc::shn) == spec::Shn::none ? spec::Shst::normal_operation : spec::Shst::complete);
  store(spec::offset::csts, csts.raw);
}

void NullDevice::enable() {
  const spec::Aqa aqa{load<std::uint32_t>(spec::offset::aqa)};
  sqs_[0] = {at<spec::Sqe>(load<std::uint64_t>(spec::offset::asq)), spec::admin_submission_entries(aqa), 0, 0};
  cqs_[0] = {at<spec::Cqe>(load<std::uint64_t>(spec::offset::acq)), spec::admin_completion_entries(aqa), 0, true};
}

void NullDevice::reset() {
  sqs_ = {};
  cqs_ = {};
  std::fill(bar_.begin() + spec::offset::doorbells, bar_.end(), std::byte{0});
}

void NullDevice::run_admin_queue() {
  SubmissionQueue& sq = sqs_[0];
  while (sq.head != load<std::uint32_t>(spec::offset::doorbells) % sq.count && has_room(0)) {
    const spec::Sqe sqe = sq.entries[sq.head];
    sq.head = next_slot(sq.head, sq.count);
    const Answer answer = execute(sqe);
    if (!answer.pending) {
      post(0, sq, sqe.cid, answer);
    }
  }
}

void NullDevice::run_io_queue(std::uint32_t qid) {
  SubmissionQueue& sq = sqs_[qid];
  if (sq.count == 0) {
    return;
  }
  const std::uint32_t tail = load<std::uint32_t>(spec::offset::doorbells + 8 * qid) % sq.count;
  while (sq.head != tail && has_room(sq.cqid)) {
    const std::uint16_t cid = sq.entries[sq.head].cid;
    sq.head = next_slot(sq.head, sq.count);
    post(qid, sq, cid, {});
  }
}

bool NullDevice::has_room(std::uint32_t cqid) const {
  const CompletionQueue& cq = cqs_[cqid];
  return cq.count != 0 && next_slot(cq.tail, cq.count) != load<std::uint32_t>(spec::offset::doorbells + 8 * cqid + 4);
}

void NullDevice::post(std::uint32_t sqid, const SubmissionQueue& sq, std::uint16_t cid, Answer answer) {
  CompletionQueue& cq = cqs_[sq.cqid];
  spec::Cqe& cqe = cq.entries[cq.tail];
  cqe.dw0 = answer.dword0;
  cqe.sqhd = static_cast<std::uint16_t>(sq.head);
  cqe.sqid = static_cast<std::uint16_t>(sqid);
  cqe.cid = cid;
  cqe.set_status(answer.status, cq.phase);
  cq.tail = next_slot(cq.tail, cq.count);
  cq.phase = cq.tail == 0 ? !cq.phase : cq.phase;
}

NullDevice::Answer NullDevice::execute(const spec::Sqe& sqe) {
  switch (static_cast<spec::AdminOpcode>(sqe.opcode)) {
    case spec::AdminOpcode::identify:
      return identify(sqe);
    case spec::AdminOpcode::create_io_cq:
    case spec::AdminOpcode::create_io_sq:
      return create_queue(sqe);
    case spec::AdminOpcode::delete_io_sq:
      sqs_[spec::queue_id_of(sqe).value % sqs_.size()] = {};
      return {};
    case spec::AdminOpcode::delete_io_cq:
      cqs_[spec::queue_id_of(sqe).value % cqs_.size()] = {};
      return {};
    case spec::AdminOpcode::set_features:
      return {
          {},
          spec::SetFeatures::from(sqe).fid == spec::Fid::number_of_queues ? spec::number_of_queues(io_queues_max, io_queues_max).raw : 0};
    case spec::AdminOpcode::async_event_request:
      return {.status = {}, .pending = true};
    case spec::AdminOpcode::abort:
      return {{}, 1};  // nothing is ever left to abort
    default:
      return {spec::make_status(spec::GenericStatus::invalid_opcode)};
  }
}

NullDevice::Answer NullDevice::create_queue(const spec::Sqe& sqe) {
  const std::uint32_t qid = spec::queue_id_of(sqe).value;
  if (qid == 0 || qid > io_queues_max) {
    return {spec::make_status(spec::CommandStatus::invalid_queue_identifier)};
  }
  if (static_cast<spec::AdminOpcode>(sqe.opcode) == spec::AdminOpcode::create_io_cq) {
    const auto create = spec::CreateIoCompletionQueue::from(sqe);
    cqs_[qid] = {at<spec::Cqe>(create.base.value), create.entries, 0, true};
    return {};
  }
  const auto create = spec::CreateIoSubmissionQueue::from(sqe);
  if (create.cqid.value == 0 || create.cqid.value > io_queues_max || cqs_[create.cqid.value].count == 0) {
    return {spec::make_status(spec::CommandStatus::completion_queue_invalid)};
  }
  sqs_[qid] = {at<spec::Sqe>(create.base.value), create.entries, 0, create.cqid.value};
  return {};
}

NullDevice::Answer NullDevice::identify(const spec::Sqe& sqe) const {
  switch (spec::Identify::from(sqe).cns) {
    case spec::Cns::controller:
      answer_with(sqe, controller());
      return {};
    case spec::Cns::identify_namespace:
      answer_with(sqe, identify_namespace());
      return {};
    case spec::Cns::active_namespaces: {
      spec::NamespaceList list;
      list.nsid[0] = sqe.nsid < nsid.value ? nsid.value : 0;
      answer_with(sqe, list);
      return {};
    }
    case spec::Cns::namespace_descriptors:
      answer_with(sqe, Descriptors{});
      return {};
    default:
      return {spec::make_status(spec::GenericStatus::invalid_field)};
  }
}

}  // namespace phasebit::bench
