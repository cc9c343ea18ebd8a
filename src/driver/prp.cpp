#include "src/driver/prp.hpp"

#include <algorithm>

namespace phasebit::driver {
namespace {

/// Fills a PRP list. The last qword of a list page names the next list page if more than one entry is still to come, else it is data.
class PrpListWriter {
 public:
  PrpListWriter(const PrpListMemory& memory, PageSize page, std::uint64_t entries)
      : entry_(memory.entries), iova_(memory.iova), page_(page), left_(entries) {}

  /// `count` pages, one after the other from `address` on.
  void put(std::uint64_t address, std::uint64_t count) {
    while (count > 0) {
      const std::uint64_t room = (page_.bytes - page_.offset_of(iova_)) / spec::prp_entry_bytes;  // to the end of the list page
      const std::uint64_t run = std::min(count, left_ > room ? room - 1 : room);
      for (std::uint64_t i = 0; i < run; ++i) {
        entry_[i] = address + i * page_.bytes;
      }
      move(run);
      left_ -= run;
      count -= run;
      address += run * page_.bytes;
      if (run == room - 1 && left_ > 1) {
        *entry_ = (iova_ + spec::prp_entry_bytes).value;
        move(1);
      }
    }
  }

 private:
  void move(std::uint64_t entries) {
    entry_ += entries;
    iova_ = iova_ + entries * spec::prp_entry_bytes;
  }

  Le64* entry_;  ///< the next to be written
  Iova iova_;    ///< of that entry
  PageSize page_;
  std::uint64_t left_;  ///< data entries still to come
};

}  // namespace

DataPointer describe_pages(std::span<const Extent> extents, ExtentPosition position, std::uint64_t bytes, PageSize page,
                           const PrpListMemory& list) {
  const Iova start = extents[position.extent].iova + position.offset;
  const std::uint64_t entries = page.count(page.offset_of(start), bytes) - 1;  // beside PRP1
  PHASEBIT_ASSERT(entries < PrpListMemory::pages_max(list.bytes, page));
  Le64 second;
  // Two pages need no list: then PRP2 is the second page.
  PrpListWriter writer(entries == 1 ? PrpListMemory{&second, {}, 0} : list, page, entries);
  std::uint64_t address = page.page_of(start) + page.bytes;
  std::uint64_t end = (extents[position.extent].iova + extents[position.extent].bytes).value;
  for (std::uint64_t left = entries; left > 0;) {
    while (address >= end) {  // the extent ends with its page, or goes on in the next extent
      const Extent& next = extents[++position.extent];
      address = next.iova.value + (address - end);
      end = (next.iova + next.bytes).value;
    }
    const std::uint64_t run = std::min(left, page.count(0, end - address));
    writer.put(address, run);
    address += run * page.bytes;
    left -= run;
  }
  return {start.value, entries == 1 ? second.get() : list.iova.value};
}

}  // namespace phasebit::driver
