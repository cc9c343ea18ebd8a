#include "sim/media/media.hpp"

#include <algorithm>

#include "src/base/assert.hpp"

namespace phasebit::sim {

Media::Media(const MediaOptions& options, Stream& stream, std::pmr::memory_resource* memory)
    : options_(options),
      stream_(stream),
      memory_(memory),
      small_(512, memory),
      large_(4096, memory),
      contents_(memory),
      cache_(memory),
      staged_(memory) {
  cache_.reserve(options.cached_writes_max + 1);
}

void Media::on_block(Nsid nsid, Lba lba, std::uint64_t block_digest) {
  stream_.append(make_event(EventKind::media_changed, options_.drive, 0, nsid.value, lba.value, block_digest));
}

void Media::add_namespace(Nsid nsid, std::uint32_t block_bytes) {
  const auto place = std::find_if(contents_.begin(), contents_.end(), [&](const auto& other) { return other.nsid() > nsid; });
  contents_.emplace(place, nsid, pool_for(block_bytes), memory_);
}

const NamespaceContent& Media::content(Nsid nsid) const {
  const auto found = std::find_if(contents_.begin(), contents_.end(), [&](const auto& one) { return one.nsid() == nsid; });
  PHASEBIT_ASSERT(found != contents_.end());
  return *found;
}

NamespaceContent& Media::content(Nsid nsid) {
  return const_cast<NamespaceContent&>(static_cast<const Media*>(this)->content(nsid));
}

void Media::truncate(Nsid nsid, Lba end) {
  flush(nsid);
  content(nsid).truncate(end);
}

std::optional<Lba> Media::first_unreadable(Nsid nsid, Lba first, std::uint64_t blocks) const {
  const NamespaceContent& where = content(nsid);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    if (where.seen(first + i) == BlockRef::uncorrectable) {
      return first + i;
    }
  }
  return std::nullopt;
}

std::optional<Lba> Media::read(Nsid nsid, Lba first, std::span<std::byte> to) {
  const NamespaceContent& where = content(nsid);
  const std::uint32_t block_bytes = where.pool().block_bytes();
  for (std::uint64_t i = 0; i < to.size() / block_bytes; ++i) {
    const Lba lba = first + i;
    const BlockRef ref = where.seen(lba);
    if (ref == BlockRef::uncorrectable) {
      return lba;
    }
    where.pool().copy_out(ref, to.subspan(i * block_bytes, block_bytes));
    stream_.append(make_event(EventKind::media_read, options_.drive, 0, nsid.value, lba.value, where.pool().digest_of(ref)));
  }
  return std::nullopt;
}

Extent Media::make_data_extent(Nsid nsid, Lba first, std::span<const std::byte> data) {
  BlockPool& pool = content(nsid).pool();
  const std::uint32_t block_bytes = pool.block_bytes();
  Extent extent{nsid, first, data.size() / block_bytes, ExtentKind::data, BlockRef::zeroes};
  for (std::uint64_t i = extent.blocks; i > 0; --i) {
    const BlockRef ref = pool.take(data.subspan((i - 1) * block_bytes, block_bytes));
    pool.chain(ref, extent.chain);
    extent.chain = ref;
  }
  return extent;
}

void Media::drop_chain(const Extent& extent) {
  BlockPool& pool = content(extent.nsid).pool();
  BlockRef ref = extent.chain;
  for (std::uint64_t i = 0; i < extent.blocks && extent.kind == ExtentKind::data; ++i) {
    const BlockRef following = pool.next(ref);
    pool.drop(ref);
    ref = following;
  }
}

StagedWrite Media::stage(Nsid nsid, Lba first, std::span<const std::byte> data) {
  auto place = std::find_if(staged_.begin(), staged_.end(), [](const Staged& one) { return !one.used; });
  if (place == staged_.end()) {
    place = staged_.emplace(place);
  }
  *place = {{make_data_extent(nsid, first, data), next_write_number_++}, true};
  ++staged_count_;
  return static_cast<StagedWrite>(place - staged_.begin());
}

void Media::discard(StagedWrite write) {
  Staged& staged = staged_[static_cast<std::uint32_t>(write)];
  PHASEBIT_ASSERT(staged.used);
  drop_chain(staged.write.extent);
  staged = {};
  --staged_count_;
}

void Media::land(StagedWrite write, bool durable, const WriteFault& fault) {
  Staged& staged = staged_[static_cast<std::uint32_t>(write)];
  PHASEBIT_ASSERT(staged.used);
  const VolatileWrite landing = staged.write;
  staged = {};
  --staged_count_;
  if (fault.kind == WriteFault::Kind::none) {
    apply(landing, durable);
    return;
  }
  const auto before = hold_before(landing.extent);
  apply(landing, durable);
  overlay_fault(landing.extent, fault, before);
}

// The extent's chain comes held once; the cache keeps that hold, otherwise it ends here.
void Media::apply(const VolatileWrite& write, bool durable) {
  if (durable) {
    make_durable_up_to(write.extent);
  }
  content(write.extent.nsid).write(write.extent, !durable, *this);
  if (durable) {
    drop_chain(write.extent);
    return;
  }
  cache_.push_back(write);
  if (cache_.size() > options_.cached_writes_max) {
    make_oldest_durable(1);
  }
}

void Media::write_zeroes(Nsid nsid, Lba first, std::uint64_t blocks, bool durable) {
  apply({{nsid, first, blocks, ExtentKind::zeroes, BlockRef::zeroes}, next_write_number_++}, durable);
}

void Media::write_uncorrectable(Nsid nsid, Lba first, std::uint64_t blocks, bool durable) {
  apply({{nsid, first, blocks, ExtentKind::uncorrectable, BlockRef::zeroes}, next_write_number_++}, durable);
}

// A durable write may not be undone by an older one that becomes durable later: those that it overlaps go first.
void Media::make_durable_up_to(const Extent& extent) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < cache_.size(); ++i) {
    count = cache_[i].extent.overlaps(extent) ? i + 1 : count;
  }
  make_oldest_durable(count);
}

void Media::make_oldest_durable(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Extent& extent = cache_[i].extent;
    content(extent.nsid).make_durable(extent);
    stream_.append(make_event(EventKind::cache_flushed, options_.drive, 0, extent.nsid.value, 0, extent.blocks));
    drop_chain(extent);
  }
  cache_.erase(cache_.begin(), cache_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Media::forget_cached(Nsid nsid) {
  for (const VolatileWrite& write : cache_) {
    if (write.extent.nsid == nsid) {
      drop_chain(write.extent);
    }
  }
  std::erase_if(cache_, [&](const VolatileWrite& write) { return write.extent.nsid == nsid; });
}

void Media::flush(Nsid nsid) {
  const std::uint64_t blocks = content(nsid).make_all_durable();
  forget_cached(nsid);
  stream_.append(make_event(EventKind::cache_flushed, options_.drive, 0, nsid.value, 0, blocks));
}

void Media::flush_all() {
  for (const NamespaceContent& one : contents_) {
    flush(one.nsid());
  }
}

void Media::flush_range(Nsid nsid, Lba first, std::uint64_t blocks) {
  make_durable_up_to({nsid, first, blocks, ExtentKind::zeroes, BlockRef::zeroes});
}

std::uint64_t Media::digest_of(Nsid nsid, Lba lba) const {
  const NamespaceContent& where = content(nsid);
  return where.pool().digest_of(where.seen(lba));
}

void Media::fingerprint(Hasher& hasher) const {
  for (const NamespaceContent& one : contents_) {
    one.fingerprint(hasher);
  }
  const auto writes = volatile_writes();
  hasher.add(cache_.size());
  hasher.add(writes.size());
  for (const VolatileWrite& write : writes) {
    const Extent& extent = write.extent;
    hasher.add(extent.nsid.value);
    hasher.add(extent.first.value);
    hasher.add(extent.blocks);
    hasher.add(extent.kind);
    BlockRef ref = extent.chain;
    const BlockPool& pool = content(extent.nsid).pool();
    for (std::uint64_t i = 0; i < extent.blocks && extent.kind == ExtentKind::data; ++i) {
      hasher.add(pool.digest_of(ref));
      ref = pool.next(ref);
    }
  }
  hasher.add(cuts_);
}

}  // namespace phasebit::sim
