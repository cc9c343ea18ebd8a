#include "sim/monitor/rule.hpp"

#include <algorithm>

namespace phasebit::sim {
namespace {

constexpr auto M = RuleClass::mandatory;
constexpr auto UB = RuleClass::undefined;
constexpr auto H = RuleClass::host;
constexpr auto S = RuleClass::should;

constexpr Rule table[] = {
    {"REG-04", UB, "3.1.3", "A read-only register is never written."},
    {"REG-05", M, "3.1.3.5, 3.1.3.8 to 3.1.3.10", "Reserved bits of CC, AQA, ASQ and ACQ are written as zero."},
    {"REG-09", UB, "PCIe-T 3.1.2", "A doorbell lies at 1000h plus a multiple of 4 << CAP.DSTRD."},
    {"REG-10", M, "PCIe-T 3.1.2", "Bits 31:16 of a doorbell are written as zero."},
    {"REG-15", UB, "3.1.3.14", "CMBMSC is written only where CAP.CMBS says that there is a controller memory buffer."},
    {"INI-01", UB, "3.5.1", "CC.EN is set only while CSTS.RDY is 0."},
    {"INI-02", UB, "3.1.3.5", "CC.EN is not cleared while the controller is still becoming ready."},
    {"INI-03", M, "3.1.3.8", "AQA is written only while CC.EN is 0."},
    {"INI-04", M, "3.1.3.9, 3.1.3.10", "ASQ and ACQ are written only while CC.EN is 0."},
    {"INI-05", M, "3.1.3.9, 3.1.3.10", "ASQ and ACQ are aligned to the memory page that CC.MPS sets."},
    {"INI-06", H, "3.5.1", "The admin queues lie whole in memory that the controller may reach."},
    {"INI-07", UB, "3.1.3.8", "An admin queue has at least two entries."},
    {"INI-08", M, "3.1.3.5", "CC.MPS lies between CAP.MPSMIN and CAP.MPSMAX."},
    {"INI-09", M, "3.1.3.5", "CC.MPS does not change while CC.EN is 1."},
    {"INI-10", M, "3.5.1", "CC.CSS is what CAP.CSS asks for: 111b, 110b or 000b."},
    {"INI-18", M, "3.5.1", "An admin doorbell is rung only while CSTS.RDY is 1."},
    {"INI-20", M, "3.3.3.2", "The memory of a new completion queue holds no phase bit that is already 1."},
    {"INI-23", M, "3.3.1.1", "No more I/O queues are made than Number of Queues granted."},
    {"INI-24", M, "5.27.1.5", "Number of Queues is not set once an I/O queue exists."},
    {"INI-27", M, "3.7.2", "An I/O queue is not used after a controller reset until it is made again."},
    {"QUE-01", M, "5.5", "Create I/O Submission Queue names a completion queue that exists."},
    {"QUE-02", M, "5.5", "Create I/O Submission Queue does not name completion queue 0."},
    {"QUE-03", M, "5.4, 5.5", "A queue is made under an identifier that is not 0, not beyond the grant and not in use."},
    {"QUE-04", M, "5.4, 5.5", "An I/O queue has at least two entries."},
    {"QUE-05", M, "5.4, 5.5", "An I/O queue has no more entries than CAP.MQES allows."},
    {"QUE-06", M, "5.4, 5.5", "An I/O queue is contiguous where CAP.CQR demands it."},
    {"QUE-07", M, "5.4, 5.5", "The base address of an I/O queue has no offset in its page."},
    {"QUE-11", M, "5.6", "A completion queue is deleted only after every submission queue that uses it."},
    {"QUE-12", M, "5.6, 5.7", "Queue 0 is never deleted by command."},
    {"QUE-13", M, "5.6, 5.7", "Only a queue that exists is deleted."},
    {"QUE-15", UB, "PCIe-T 3.1.2", "A doorbell is rung only of a queue that exists."},
    {"QUE-16", M, "3.3.1.2", "A submission tail is smaller than the queue's entries."},
    {"QUE-17", M, "3.3.1.2", "A completion head is smaller than the queue's entries."},
    {"QUE-18", M, "5.2", "A doorbell is not written with the value that it already holds."},
    {"QUE-19", M, "3.3.1.5", "A submission tail does not pass the controller's head."},
    {"QUE-20", M, "3.3.1.4", "A completion head does not pass the controller's tail."},
    {"QUE-21", M, "3.3.1.2", "A submission slot is not reused before a completion has reported its head moved past it."},
    {"QUE-24", M, "PCIe-T 3.4", "A command is reported complete only after its completion queue entry was posted."},
    {"QUE-25", M, "3.3.3.2", "The expected phase is inverted each time a completion queue wraps."},
    {"QUE-27", H, "PCIe-T 3.4", "The completion head is advanced once entries were consumed."},
    {"QUE-32", M, "5.4, 5.5, 8.5",
     "A queue lies in the controller memory buffer only while that is enabled, whole, and if CMBSZ offers it."},
    {"CMD-01", M, "3.3.3.1", "A command identifier is not used twice at a time in one submission queue."},
    {"CMD-06", M, "3.2.1", "A command that needs a namespace names an active one."},
    {"CMD-09", M, "5, 7", "An opcode is one that the controller offers."},
    {"CMD-10", M, "5, 7", "Admin commands go to the admin queue and I/O commands to I/O queues."},
    {"CMD-11", M, "NVM-CS 3.2", "A range of blocks lies within the namespace, also one in a list."},
    {"CMD-12", M, "5.17", "A transfer is no larger than MDTS."},
    {"CMD-15", M, "5.1", "No more Aborts are outstanding than ACL allows."},
    {"CMD-16", M, "5.2", "No more Asynchronous Event Requests are outstanding than AERL allows."},
    {"DMA-01", M, "4.1.1", "PRP1 is dword aligned."},
    {"DMA-02", M, "4.1.1", "PRP2 that is a page has no offset."},
    {"DMA-03", M, "4.1.1", "A PRP list entry has no offset."},
    {"DMA-04", M, "4.1.1", "A pointer to a PRP list is qword aligned."},
    {"DMA-07", M, "4.1.1", "A command points only to memory that is mapped."},
    {"DMA-08", M, "3.4", "Memory stays mapped while a command uses it."},
    {"DMA-13", M, "4.1.1", "A buffer is as long as its transfer."},
    {"DMA-21", M, "3.1.3.14, 8.5",
     "Data and PRP lists lie in the controller memory buffer only while that is enabled and if CMBSZ offers it."},
    {"RST-01", M, "9.5", "No command is submitted once CSTS.CFS was seen."},
    {"RST-04", M, "3.6.1", "No I/O command is submitted once CC.SHN is set."},
    {"RST-05", S, "3.6.1", "I/O queues are deleted before a normal shutdown."},
    {"RST-06", M, "3.1.3.5", "CC.SHN is never 11b and does not change while a shutdown is under way."},
    {"RST-10", UB, "3.6.1", "No command is submitted after a shutdown has completed, until a reset."},
    {"RST-11", H, "PCI Express surprise removal", "Nothing is written once a read of all ones has shown that the function may be gone."},
};

}  // namespace

std::span<const Rule> rules() {
  return table;
}

const Rule* find_rule(std::string_view id) {
  const auto* found = std::find_if(std::begin(table), std::end(table), [&](const Rule& rule) { return rule.id == id; });
  return found == std::end(table) ? nullptr : found;
}

std::string_view name(RuleClass rule_class) {
  switch (rule_class) {
    case RuleClass::mandatory:
      return "M";
    case RuleClass::undefined:
      return "UB";
    case RuleClass::host:
      return "H";
    case RuleClass::should:
      return "S";
  }
  return "?";
}

}  // namespace phasebit::sim
