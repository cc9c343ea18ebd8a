#include "sim/media/namespace_content.hpp"

namespace phasebit::sim {

BlockRef NamespaceContent::find(const Blocks& blocks, Lba lba) {
  const auto found = blocks.find(lba.value);
  return found == blocks.end() ? BlockRef::zeroes : found->second;
}

BlockRef NamespaceContent::seen(Lba lba) const {
  const auto fault = overlay_.find(lba.value);
  return fault != overlay_.end() ? fault->second : pristine(lba);
}

void NamespaceContent::set(Blocks& blocks, Lba lba, BlockRef ref) {
  pool_->hold(ref);
  const auto [entry, inserted] = blocks.try_emplace(lba.value, ref);
  if (!inserted) {
    pool_->drop(entry->second);
    entry->second = ref;
  }
}

void NamespaceContent::erase_range(Blocks& blocks, std::uint64_t first, std::uint64_t end) {
  const auto last = blocks.lower_bound(end);
  for (auto entry = blocks.lower_bound(first); entry != last; entry = blocks.erase(entry)) {
    pool_->drop(entry->second);
  }
}

void NamespaceContent::remember_durable(Lba lba) {
  if (!durable_.contains(lba.value)) {
    set(durable_, lba, pristine(lba));
  }
}

void NamespaceContent::write_block(Lba lba, BlockRef ref, bool cached, BlockObserver& observer) {
  if (cached) {
    remember_durable(lba);
  } else {
    erase_range(durable_, lba.value, lba.value + 1);
  }
  set(visible_, lba, ref);
  observer.on_block(nsid_, lba, pool_->digest_of(ref));
}

// Only blocks that hold something are touched: a range may be the whole namespace.
void NamespaceContent::write_zeroes(const Extent& extent, bool cached, BlockObserver& observer) {
  if (!cached) {
    erase_range(durable_, extent.first.value, extent.end().value);
  }
  auto entry = visible_.lower_bound(extent.first.value);
  while (entry != visible_.end() && entry->first < extent.end().value) {
    if (cached) {
      remember_durable(Lba{entry->first});
    }
    observer.on_block(nsid_, Lba{entry->first}, 0);
    pool_->drop(entry->second);
    entry = visible_.erase(entry);
  }
}

void NamespaceContent::write(const Extent& extent, bool cached, BlockObserver& observer) {
  erase_range(overlay_, extent.first.value, extent.end().value);
  if (extent.kind == ExtentKind::zeroes) {
    write_zeroes(extent, cached, observer);
    return;
  }
  BlockRef ref = extent.kind == ExtentKind::data ? extent.chain : BlockRef::uncorrectable;
  for (std::uint64_t i = 0; i < extent.blocks; ++i) {
    write_block(extent.first + i, ref, cached, observer);
    ref = extent.kind == ExtentKind::data ? pool_->next(ref) : ref;
  }
}

void NamespaceContent::make_durable(const Extent& extent) {
  if (extent.kind == ExtentKind::zeroes) {
    const auto last = durable_.lower_bound(extent.end().value);
    for (auto entry = durable_.lower_bound(extent.first.value); entry != last; ++entry) {
      set(durable_, Lba{entry->first}, BlockRef::zeroes);
    }
    return;
  }
  BlockRef ref = extent.kind == ExtentKind::data ? extent.chain : BlockRef::uncorrectable;
  for (std::uint64_t i = 0; i < extent.blocks; ++i) {
    const Lba lba = extent.first + i;
    if (durable_.contains(lba.value)) {
      set(durable_, lba, ref);
    }
    ref = extent.kind == ExtentKind::data ? pool_->next(ref) : ref;
  }
}

std::uint64_t NamespaceContent::make_all_durable() {
  const std::uint64_t blocks = durable_.size();
  clear(durable_);
  return blocks;
}

std::uint64_t NamespaceContent::revert(BlockObserver& observer) {
  std::uint64_t changed = 0;
  for (const auto& [lba, ref] : durable_) {
    if (pristine(Lba{lba}) != ref) {
      ++changed;
      observer.on_block(nsid_, Lba{lba}, pool_->digest_of(ref));
      if (ref == BlockRef::zeroes) {
        erase_range(visible_, lba, lba + 1);
      } else {
        set(visible_, Lba{lba}, ref);
      }
    }
  }
  clear(durable_);
  return changed;
}

void NamespaceContent::overlay(Lba lba, BlockRef ref) {
  set(overlay_, lba, ref);
}

void NamespaceContent::lift_overlay() {
  clear(overlay_);
}

void NamespaceContent::truncate(Lba end) {
  for (Blocks* blocks : {&visible_, &durable_, &overlay_}) {
    erase_range(*blocks, end.value, ~0ull);
  }
}

void NamespaceContent::fingerprint(Hasher& hasher, const Blocks& blocks) const {
  hasher.add(blocks.size());
  for (const auto& [lba, ref] : blocks) {
    hasher.add(lba);
    hasher.add(pool_->digest_of(ref));
  }
}

void NamespaceContent::fingerprint(Hasher& hasher) const {
  hasher.add(nsid_.value);
  for (const Blocks* blocks : {&visible_, &durable_, &overlay_}) {
    fingerprint(hasher, *blocks);
  }
}

}  // namespace phasebit::sim
