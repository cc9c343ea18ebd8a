// A small drive behind the seam, made of memory: every access is logged, and commands are answered when the test lets the drive work.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/backend/backend.hpp"
#include "src/spec/admin_commands.hpp"
#include "src/spec/completion.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/pci.hpp"
#include "src/spec/queue_commands.hpp"
#include "src/spec/register_units.hpp"

namespace phasebit::scenarios {

/// One namespace of 1000 blocks of 512 bytes. IOVAs are no host addresses. It does what it is told and checks nothing.
class ScriptedDrive {
 public:
  static constexpr std::uint64_t page = 4096;

  /// "read32 1c", "write32 1000 1", "load", ...: one line for each access.
  std::vector<std::string> accesses;
  spec::Cap cap = spec::Cap{}.with(spec::Cap::mqes, 63).with(spec::Cap::to, 4).with(spec::Cap::css_nvm, true);
  spec::Csts csts;
  spec::Status answer{};  ///< to I/O commands
  std::uint16_t command = 0x0006;
  std::uint8_t mdts = 1;
  bool refuses_unmapping = false;
  bool logs = true;
  std::uint32_t commands_done = 0;

  std::uint64_t bar_bytes() const { return 0x4000; }
  std::uint32_t read32(std::uint32_t offset) {
    log("read32", offset);
    switch (offset) {
      case spec::offset::csts:
        return csts.raw;
      case spec::offset::vs:
        return spec::version(1, 4).raw;
      case spec::offset::cap:
        return static_cast<std::uint32_t>(cap.raw);
      case spec::offset::cap + 4:
        return static_cast<std::uint32_t>(cap.raw >> 32);
      default:
        return 0;
    }
  }
  std::uint64_t read64(std::uint32_t offset) {
    log("read64", offset);
    return offset == spec::offset::cap ? cap.raw : 0;
  }
  void write32(std::uint32_t offset, std::uint32_t value) {
    log("write32", offset, value);
    registers_[offset] = value;
    if (offset >= spec::offset::doorbells) {
      ring((offset - spec::offset::doorbells) / spec::doorbell_stride_bytes(cap), value);
    }
  }
  void write64(std::uint32_t offset, std::uint64_t value) {
    log("write64", offset, value);
    registers_[offset] = value;
  }
  std::uint32_t config_read32(std::uint32_t offset) {
    log("config_read32", offset);
    return offset == spec::pci::config::command ? command : 0x1234'5678;
  }
  void config_write16(std::uint32_t offset, std::uint16_t value) {
    log("config_write16", offset, value);
    command = offset == spec::pci::config::command ? value : command;
  }
  Result<DmaRegion> allocate_dma(std::uint64_t bytes) {
    log("allocate_dma", bytes);
    Piece piece;
    piece.memory.reset(new (std::align_val_t{page}) std::byte[bytes]());
    piece.data = piece.memory.get();
    piece.bytes = bytes;
    return DmaRegion{piece.data, bytes, place(std::move(piece))};
  }
  void free_dma(const DmaRegion& region) {
    log("free_dma", region.bytes);
    pieces_.erase(region.iova.value);
  }
  Result<Iova> map(std::span<std::byte> memory, DmaRights) {
    log("map", memory.size());
    for (const auto& [iova, piece] : pieces_) {
      if (piece.data == memory.data()) {
        return Iova{iova};
      }
    }
    Piece piece;
    piece.data = memory.data();
    piece.bytes = memory.size();
    return place(std::move(piece));
  }
  Result<void> unmap(std::span<std::byte> memory) {
    log("unmap", memory.size());
    return refuses_unmapping ? Result<void>(fail(Errc::busy)) : Result<void>();
  }
  std::uint32_t load_acquire32(const Le32& dword) {
    log("load_acquire32", iova_of(reinterpret_cast<const std::byte*>(&dword)));
    return dword;
  }
  std::uint32_t load32(const Le32& dword) {
    log("load32", iova_of(reinterpret_cast<const std::byte*>(&dword)));
    return dword;
  }
  void record(const Event& event) { log("record", static_cast<std::uint64_t>(event.kind)); }

  /// Gets ready or stops; takes what was published and answers it in order, `limit` commands at most.
  void work(std::uint32_t limit = ~0u) {
    const spec::Cc cc{static_cast<std::uint32_t>(registers_[spec::offset::cc])};
    if (cc.get(spec::Cc::en) != csts.get(spec::Csts::rdy)) {
      csts.set(spec::Csts::rdy, cc.get(spec::Cc::en));
      start_over(cc.get(spec::Cc::en));
    }
    csts.set(spec::Csts::shst, cc.get(spec::Cc::shn) == spec::Shn::none ? spec::Shst::normal_operation : spec::Shst::complete);
    if ((command & 4) == 0) {
      return;
    }
    for (auto& [qid, queue] : submissions_) {
      Completions& answers = completions_[queue.cqid];
      while (limit > 0 && queue.head != queue.tail && answers.posted - answers.acknowledged < answers.entries - 1) {
        --limit;
        execute(qid, queue);
        if (submissions_.empty()) {
          return;
        }
      }
    }
  }
  /// The entry that the drive is about to post is changed by the test.
  void post(std::uint16_t cqid, spec::Cqe cqe) {
    Completions& queue = completions_[cqid];
    cqe.set_status(cqe.status(), queue.posted / queue.entries % 2 == 0);
    std::memcpy(host(queue.base + queue.posted % queue.entries * sizeof cqe), &cqe, sizeof cqe);
    ++queue.posted;
  }
  std::byte* host(std::uint64_t iova) {
    auto after = pieces_.upper_bound(iova);
    return std::prev(after)->second.data + (iova - std::prev(after)->first);
  }
  /// 0 for memory that is not the drive's.
  std::uint64_t iova_of(const std::byte* address) const {
    for (const auto& [iova, piece] : pieces_) {
      if (address >= piece.data && address < piece.data + piece.bytes) {
        return iova + static_cast<std::uint64_t>(address - piece.data);
      }
    }
    return 0;
  }
  /// Heads that were rung at a completion queue, as the drive got them.
  std::vector<std::uint32_t> heads_rung(std::uint16_t cqid) const {
    const auto found = completions_.find(cqid);
    return found == completions_.end() ? std::vector<std::uint32_t>{} : found->second.heads;
  }

 private:
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{page}); }
  };
  struct Piece {
    std::unique_ptr<std::byte[], Free> memory;
    std::byte* data = nullptr;
    std::uint64_t bytes = 0;
  };
  struct Submissions {
    std::uint64_t base = 0;
    std::uint32_t entries = 0;
    std::uint16_t cqid = 0;
    std::uint32_t tail = 0;
    std::uint32_t head = 0;
  };
  struct Completions {
    std::uint64_t base = 0;
    std::uint32_t entries = 0;
    std::uint64_t posted = 0;
    std::uint64_t acknowledged = 0;
    std::vector<std::uint32_t> heads;
  };

  void log(const char* what, std::uint64_t a, std::uint64_t b = 0) {
    if (logs) {
      accesses.push_back(std::string(what) + " " + std::to_string(a) + " " + std::to_string(b));
    }
  }
  Iova place(Piece piece) {
    const Iova iova{next_iova_};
    next_iova_ += (piece.bytes + page - 1) / page * page + page;
    pieces_.emplace(iova.value, std::move(piece));
    return iova;
  }

  void start_over(bool enabled) {
    submissions_.clear();
    completions_.clear();
    if (enabled) {
      const spec::Aqa aqa{static_cast<std::uint32_t>(registers_[spec::offset::aqa])};
      submissions_[0] = {registers_[spec::offset::asq], spec::admin_submission_entries(aqa), 0, 0, 0};
      completions_[0] = {registers_[spec::offset::acq], spec::admin_completion_entries(aqa), 0, 0, {}};
    }
  }
  void ring(std::uint32_t index, std::uint32_t value) {
    const auto qid = static_cast<std::uint16_t>(index / 2);
    if (index % 2 == 0 && submissions_.contains(qid) && value < submissions_[qid].entries) {
      submissions_[qid].tail = value;
    } else if (index % 2 == 1 && completions_.contains(qid)) {
      Completions& queue = completions_[qid];
      if (logs) {
        queue.heads.push_back(value);
      }
      const auto before = static_cast<std::uint32_t>(queue.acknowledged % queue.entries);
      queue.acknowledged += value < queue.entries ? slot_distance(before, value, queue.entries) : 0;
    }
  }
  void execute(std::uint16_t qid, Submissions& queue) {
    spec::Sqe sqe;
    std::memcpy(&sqe, host(queue.base + std::uint64_t{queue.head} * sizeof sqe), sizeof sqe);
    queue.head = next_slot(queue.head, queue.entries);
    ++commands_done;
    spec::Cqe cqe;
    cqe.sqid = qid;
    cqe.cid = sqe.cid;
    cqe.sqhd = static_cast<std::uint16_t>(queue.head);
    const std::uint16_t cqid = queue.cqid;
    if (qid == 0) {
      cqe.dw0 = execute_admin(sqe);
    } else {
      cqe.dw0 = sqe.cdw10;  // so that a test tells answers apart
      cqe.set_status(answer, false);
    }
    post(cqid, cqe);
  }
  std::uint32_t execute_admin(const spec::Sqe& sqe) {
    switch (static_cast<spec::AdminOpcode>(sqe.opcode)) {
      case spec::AdminOpcode::create_io_cq: {
        const auto create = spec::CreateIoCompletionQueue::from(sqe);
        completions_[create.qid.value] = {create.base.value, create.entries, 0, 0, {}};
        return 0;
      }
      case spec::AdminOpcode::create_io_sq: {
        const auto create = spec::CreateIoSubmissionQueue::from(sqe);
        submissions_[create.qid.value] = {create.base.value, create.entries, create.cqid.value, 0, 0};
        return 0;
      }
      case spec::AdminOpcode::delete_io_sq:
        submissions_.erase(spec::queue_id_of(sqe).value);
        return 0;
      case spec::AdminOpcode::set_features:
        return spec::number_of_queues(4, 4).raw;
      case spec::AdminOpcode::identify:
        identify(spec::Identify::from(sqe).cns, host(sqe.prp1));
        return 0;
      default:
        return 0;
    }
  }
  void identify(spec::Cns cns, std::byte* to) const {
    std::memset(to, 0, spec::identify_bytes);
    if (cns == spec::Cns::controller) {
      spec::IdentifyController id;
      id.mdts = mdts;
      id.acl = 3;
      id.aerl = 1;
      id.nn = 2;
      id.oncs = 0x4;
      id.oacs = 0x2;
      id.awupf = 7;
      id.rtd3e = 250'000;
      id.vwc = 1;
      id.sqes = 0x66;
      id.cqes = 0x44;
      std::memcpy(to, &id, sizeof id);
    } else if (cns == spec::Cns::identify_namespace) {
      spec::IdentifyNamespace id;
      id.nsze = 1000;
      id.lbaf[0].lbads = 9;
      std::memcpy(to, &id, sizeof id);
    }
  }

  std::map<std::uint64_t, Piece> pieces_;
  std::map<std::uint32_t, std::uint64_t> registers_;
  std::map<std::uint16_t, Submissions> submissions_;
  std::map<std::uint16_t, Completions> completions_;
  std::uint64_t next_iova_ = 0x5000'0000'0000;
};
static_assert(Backend<ScriptedDrive>);

}  // namespace phasebit::scenarios
