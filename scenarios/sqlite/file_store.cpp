#include "scenarios/sqlite/file_store.hpp"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "src/base/little_endian.hpp"

namespace phasebit::scenarios {
namespace {

constexpr std::uint64_t directory_magic = 0x3130'5249'4442'5048;  // "HPBDIR01" in memory

struct DirectoryBlock {
  Le64 magic;
  Le64 sequence;
  struct {
    Le64 exists;
    Le64 bytes;
  } files[store_file_count];
  Le64 checksum;
};
static_assert(sizeof(DirectoryBlock) == 72);

std::uint64_t checksum_of(const DirectoryBlock& block) {
  return XXH3_64bits(&block, offsetof(DirectoryBlock, checksum));
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Result<void> FileStore::mount() {
  if (device_.block_count() < blocks_min) {
    return fail(Errc::too_large);
  }
  now_ = durable_ = {};
  sequence_ = 0;
  for (unsigned copy = 0; copy < directory_blocks; ++copy) {
    if (auto read = read_directory(copy); !read) {
      return read;
    }
  }
  now_ = durable_;
  return {};
}

Result<void> FileStore::read_directory(unsigned copy) {
  scratch_.assign(device_.block_bytes(), std::byte{});
  if (auto read = device_.read(Lba{copy}, scratch_); !read) {
    return read;
  }
  DirectoryBlock block;
  std::memcpy(&block, scratch_.data(), sizeof block);
  if (block.magic != directory_magic || block.checksum != checksum_of(block) || block.sequence <= sequence_) {
    return {};
  }
  sequence_ = block.sequence;
  for (std::size_t i = 0; i < store_file_count; ++i) {
    durable_[i] = {block.files[i].exists != 0, block.files[i].bytes};
  }
  return {};
}

Lba FileStore::first_block(StoreFile file) const {
  const std::uint64_t quarter = (device_.block_count() - directory_blocks) / 4;
  switch (file) {
    case StoreFile::database:
      return Lba{directory_blocks};
    case StoreFile::journal:
      return Lba{directory_blocks + 2 * quarter};
    case StoreFile::wal:
      return Lba{directory_blocks + 3 * quarter};
  }
  return Lba{directory_blocks};
}

std::uint64_t FileStore::capacity_bytes(StoreFile file) const {
  const std::uint64_t quarter = (device_.block_count() - directory_blocks) / 4;
  return (file == StoreFile::database ? 2 * quarter : quarter) * device_.block_bytes();
}

void FileStore::create(StoreFile file) {
  entry(file).exists = true;
}

Result<std::size_t> FileStore::read(StoreFile file, std::uint64_t offset, std::span<std::byte> data) {
  const std::uint64_t size = size_bytes(file);
  const std::uint64_t available = offset >= size ? 0 : std::min<std::uint64_t>(data.size(), size - offset);
  std::memset(data.data() + available, 0, data.size() - available);
  if (available == 0) {
    return std::size_t{0};
  }
  const std::uint32_t block_bytes = device_.block_bytes();
  const std::uint64_t first = offset / block_bytes;
  const std::uint64_t end = round_up(offset + available, block_bytes) / block_bytes;
  scratch_.resize((end - first) * block_bytes);
  if (auto loaded = device_.read(first_block(file) + first, scratch_); !loaded) {
    return fail(loaded.error());
  }
  std::memcpy(data.data(), scratch_.data() + (offset - first * block_bytes), available);
  return static_cast<std::size_t>(available);
}

Result<void> FileStore::write(StoreFile file, std::uint64_t offset, std::span<const std::byte> data) {
  if (offset + data.size() > capacity_bytes(file)) {
    return fail(Errc::too_large);
  }
  if (auto extended = extend_with_zeroes(file, offset); !extended) {
    return extended;
  }
  if (auto stored = store(file, offset, data); !stored) {
    return stored;
  }
  entry(file).bytes = std::max(entry(file).bytes, offset + data.size());
  return {};
}

Result<void> FileStore::extend_with_zeroes(StoreFile file, std::uint64_t to) {
  const std::uint64_t size = size_bytes(file);
  if (to <= size) {
    return {};
  }
  // The block that holds the old end is completed by load_block; whole blocks behind it are written.
  const std::uint64_t from = round_up(size, device_.block_bytes());
  if (from < to) {
    const std::vector<std::byte> zeroes(to - from);
    if (auto stored = store(file, from, zeroes); !stored) {
      return stored;
    }
  }
  if (size < from) {
    const std::vector<std::byte> zeroes(std::min(from, to) - size);
    if (auto stored = store(file, size, zeroes); !stored) {
      return stored;
    }
  }
  entry(file).bytes = to;
  return {};
}

Result<void> FileStore::store(StoreFile file, std::uint64_t offset, std::span<const std::byte> data) {
  const std::uint32_t block_bytes = device_.block_bytes();
  const std::uint64_t first = offset / block_bytes;
  const std::uint64_t end = round_up(offset + data.size(), block_bytes) / block_bytes;
  std::vector<std::byte> blocks((end - first) * block_bytes);
  const std::span<std::byte> all(blocks);
  if (offset % block_bytes != 0) {
    if (auto loaded = load_block(file, first, all.first(block_bytes)); !loaded) {
      return loaded;
    }
  }
  const bool last_is_partial = (offset + data.size()) % block_bytes != 0;
  if (last_is_partial && (end - first > 1 || offset % block_bytes == 0)) {
    if (auto loaded = load_block(file, end - 1, all.last(block_bytes)); !loaded) {
      return loaded;
    }
  }
  std::memcpy(blocks.data() + (offset - first * block_bytes), data.data(), data.size());
  return device_.write(first_block(file) + first, blocks, false);
}

Result<void> FileStore::load_block(StoreFile file, std::uint64_t block, std::span<std::byte> into) {
  const std::uint64_t start = block * into.size();
  const std::uint64_t size = size_bytes(file);
  if (start >= size) {
    std::memset(into.data(), 0, into.size());
    return {};
  }
  if (auto loaded = device_.read(first_block(file) + block, into); !loaded) {
    return loaded;
  }
  const std::uint64_t valid = std::min<std::uint64_t>(into.size(), size - start);
  std::memset(into.data() + valid, 0, into.size() - valid);
  return {};
}

void FileStore::truncate(StoreFile file, std::uint64_t bytes) {
  entry(file).bytes = std::min(entry(file).bytes, bytes);
}

Result<void> FileStore::sync(StoreFile file) {
  if (auto flushed = device_.flush(); !flushed) {
    return flushed;
  }
  return publish(file);
}

Result<void> FileStore::remove(StoreFile file) {
  entry(file) = {};
  return publish(file);
}

/// Makes one file's entry durable and leaves the others' as they last were: their data may not have been flushed.
Result<void> FileStore::publish(StoreFile file) {
  const auto index = static_cast<std::size_t>(file);
  if (durable_[index] == now_[index]) {
    return {};
  }
  Entries next = durable_;
  next[index] = now_[index];
  DirectoryBlock block{};
  block.magic = directory_magic;
  block.sequence = sequence_ + 1;
  for (std::size_t i = 0; i < store_file_count; ++i) {
    block.files[i].exists = next[i].exists ? 1u : 0u;
    block.files[i].bytes = next[i].bytes;
  }
  block.checksum = checksum_of(block);
  scratch_.assign(device_.block_bytes(), std::byte{});
  std::memcpy(scratch_.data(), &block, sizeof block);
  if (auto written = device_.write(Lba{block.sequence % directory_blocks}, scratch_, true); !written) {
    return written;
  }
  sequence_ = block.sequence;
  durable_ = next;
  return {};
}

}  // namespace phasebit::scenarios
