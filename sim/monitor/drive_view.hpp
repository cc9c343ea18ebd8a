// What the monitor knows of one drive and its host, built from events alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/monitor/queue_view.hpp"
#include "src/backend/event.hpp"
#include "src/spec/command.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/register_units.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::sim {

/// A namespace as its drive announced it, and as its host knows it: a host cannot obey what it has not been told yet. A command is judged
/// by what its host knew when it was pushed; a doorbell that is held up on its way may bring it much later.
struct NamespaceView {
  /// The host looked, and from event `number` on exposed so many blocks (namespace_seen); 0 if the namespace is no more.
  struct Sight {
    std::uint64_t number = 0;
    std::uint64_t blocks = 0;
  };

  bool active = false;
  std::uint32_t block_bytes = 0;
  std::uint64_t blocks = 0;
  std::vector<Sight> sights;  ///< ascending

  std::uint64_t host_blocks(std::uint64_t pushed) const;
  bool usable(std::uint64_t pushed) const { return active || host_blocks(pushed) != 0; }
  std::uint64_t blocks_allowed(std::uint64_t pushed) const { return std::max(blocks, host_blocks(pushed)); }
};

/// Registers, limits, queues, mappings. Every member is as it was before the event that is being judged.
class DriveView {
 public:
  DriveView();

  /// Takes in an event after it was judged.
  void apply(std::uint64_t number, const Event& event);
  /// Takes in a command whose four parts have been seen.
  void command_fetched(std::uint16_t sqid, const spec::Sqe& sqe);

  /// The bytes from `iova` on that lie in one mapping, or in the controller's own memory; 0 if the first does not.
  std::uint64_t mapped_bytes(std::uint64_t iova) const;
  /// The bytes from `iova` on that lie where CMBMSC puts the controller's own memory, enabled or not; 0 if the first does not.
  std::uint64_t controller_memory_bytes(std::uint64_t iova) const;
  /// The same if it is enabled.
  std::uint64_t enabled_memory_bytes(std::uint64_t iova) const { return spec::cmb_is_enabled(cmbmsc) ? controller_memory_bytes(iova) : 0; }
  bool is_mapped_memory(std::uint64_t iova) const;  ///< of the host

  /// Whether a completion queue entry for the command was posted since it was pushed; resets and removals do not undo that.
  bool answered(std::uint16_t sqid, std::uint16_t cid) const;
  /// The number of the event that told of the command's push; beyond all others if its host tells of none.
  std::uint64_t pushed_at(std::uint16_t sqid, std::uint16_t cid) const;

  SubmissionQueueView& submission(std::uint16_t qid);
  CompletionQueueView& completion(std::uint16_t qid);
  const NamespaceView* find_namespace(std::uint32_t nsid) const;
  std::uint32_t io_queue_count(bool completion) const;
  std::uint64_t transfer_bytes_max() const;
  /// The longest that this enable may take: CAP.TO, or where CAP.CRMS says so what CRTO was read to be (3.1.3.21).
  Duration ready_timeout() const;
  /// Whether a completion queue's submission queues have a command out, event requests aside.
  bool has_outstanding(std::uint16_t cqid) const;

  bool cap_known = false;
  spec::Cap cap;
  std::optional<spec::Crto> crto;  ///< as the host last read it
  spec::Cc cc;
  spec::Csts csts;
  spec::Aqa aqa;
  std::uint64_t asq = 0;
  std::uint64_t acq = 0;
  spec::Cmbsz cmbsz;          ///< as the host last read it
  spec::Cmbmsc cmbmsc;        ///< as the host has written it
  Instant enabled_at;         ///< when CC.EN was last set
  bool fatal_seen = false;    ///< the host has read CSTS.CFS since the last reset
  bool absence_seen = false;  ///< the host's last register read gave all ones
  bool reset_untold = false;  ///< the controller lost its state without its host's doing, and the host has not looked since
  bool abandoned = false;     ///< the host let go of a function that it had found gone, and nobody has reset the controller since

  bool limits_known = false;
  std::uint32_t mdts = 0;
  std::uint32_t acl = 0;
  std::uint32_t aerl = 0;
  std::uint32_t nn = 0;
  std::uint32_t oacs = 0;
  std::uint32_t oncs = 0;
  bool doorbells_doubtful = false;  ///< a doorbell was swallowed or held back since the last reset
  bool grant_known = false;
  std::uint64_t submission_queues_granted = 0;
  std::uint64_t completion_queues_granted = 0;
  std::map<std::uint32_t, NamespaceView> namespaces;

  std::uint32_t aborts_outstanding = 0;
  std::uint32_t async_event_requests_outstanding = 0;
  std::vector<SubmissionQueueView> submission_queues;  ///< by QID
  std::vector<CompletionQueueView> completion_queues;

 private:
  std::uint64_t host_mapped_bytes(std::uint64_t iova) const;
  void apply_register_read(const Event& event);
  void apply_register_write(const Event& event);
  bool apply_to_wide_register(const Event& event);
  void apply_doorbell(std::uint64_t offset, std::uint32_t value, Instant now);
  void apply_controller_configuration(spec::Cc next, Instant now);
  void apply_fact(const Event& event);
  static void apply_namespace(NamespaceView& space, std::uint64_t state, std::uint64_t blocks);
  void apply_queue_made(const Event& event);
  void apply_completion(const Event& event);
  void apply_finished(const Event& event);
  /// What is known of a command from its push on, whatever becomes of its queue.
  struct PushedCommand {
    std::uint64_t pushed_at = ~0ull;
    bool answered = false;
  };
  PushedCommand& pushed(std::uint16_t sqid, std::uint16_t cid);
  void forget_queues();
  void forget_controller();

  std::vector<std::vector<PushedCommand>> pushed_;   ///< by SQ and CID
  std::map<std::uint64_t, std::uint64_t> mappings_;  ///< IOVA to bytes
};

}  // namespace phasebit::sim
