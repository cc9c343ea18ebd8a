#include "src/driver/namespace_scan.hpp"

#include <algorithm>
#include <cstring>

#include "src/spec/admin_commands.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_units.hpp"

namespace phasebit::driver {
namespace {

constexpr std::uint64_t block_bytes_min = 512;
constexpr std::uint64_t block_bytes_max = 1ull << 31;

/// Copies an identifier of exactly `bytes` bytes; a drive that gives another length gives none.
template <std::size_t bytes>
void copy_identifier(std::array<std::uint8_t, bytes>& to, std::span<const std::byte> from) {
  if (from.size() == bytes) {
    std::memcpy(to.data(), from.data(), bytes);
  }
}

void take_identifier(Namespace& entry, spec::Nidt type, std::span<const std::byte> value) {
  switch (type) {
    case spec::Nidt::eui64:
      copy_identifier(entry.eui64, value);
      break;
    case spec::Nidt::nguid:
      copy_identifier(entry.nguid, value);
      break;
    case spec::Nidt::uuid:
      copy_identifier(entry.uuid, value);
      break;
    case spec::Nidt::csi:  // of another command set: not ours to read or write
      entry.blocks = value.size() == 1 && value[0] != std::byte{0} ? 0 : entry.blocks;
      break;
    case spec::Nidt::end:
      break;
  }
}

}  // namespace

void NamespaceScan::begin(const NamespaceScanSetup& setup, NamespaceTable& into) {
  setup_ = setup;
  table_ = &into;
  table_->clear();
  last_ = nsid_none;
  index_ = 0;
  counted_ = 0;
  tries_each_ = false;
  step_ = Step::active_list;
  if (!setup.active_list) {
    try_each();
  }
}

spec::Sqe NamespaceScan::command() const {
  switch (step_) {
    case Step::active_list:
      return spec::Identify{.cns = spec::Cns::active_namespaces, .nsid = last_}.sqe();
    case Step::identify:
      return spec::Identify{.cns = spec::Cns::identify_namespace, .nsid = tries_each_ ? last_ : table_->all()[index_].nsid}.sqe();
    case Step::descriptors:
    case Step::done:
      break;
  }
  return spec::Identify{.cns = spec::Cns::namespace_descriptors, .nsid = table_->all()[index_].nsid}.sqe();
}

void NamespaceScan::take(bool succeeded, std::span<const std::byte, 4096> page) {
  switch (step_) {
    case Step::active_list:
      if (succeeded) {
        take_list(page);
      } else {
        try_each();
      }
      break;
    case Step::identify:
      if (succeeded) {
        take_namespace(page);
      }
      after_namespace();
      break;
    case Step::descriptors:
      if (succeeded) {
        take_descriptors(page);
      }
      if (++index_ == table_->size()) {
        finish();
      }
      break;
    case Step::done:
      break;
  }
}

/// NSIDs ascend from page to page. One that does not ends the list: a drive that returns the same page for ever is not followed.
void NamespaceScan::take_list(std::span<const std::byte, 4096> page) {
  spec::NamespaceList list;
  std::memcpy(&list, page.data(), sizeof list);
  for (const Le32 raw : list.nsid) {
    const Nsid nsid{raw};
    if (nsid <= last_ || nsid.value > setup_.namespaces_max) {
      after_list();
      return;
    }
    ++counted_;
    if (!table_->is_full()) {
      table_->add({.nsid = nsid});
    }
    last_ = nsid;
  }
  if (last_.value == setup_.namespaces_max || counted_ >= counted_max) {
    after_list();
  }
}

void NamespaceScan::after_list() {
  step_ = Step::identify;
  if (table_->size() == 0) {
    finish();
  }
}

void NamespaceScan::try_each() {
  table_->clear();
  counted_ = 0;
  tries_each_ = true;
  last_ = Nsid{1};
  step_ = Step::identify;
  if (setup_.namespaces_max == 0) {
    finish();
  }
}

void NamespaceScan::take_namespace(std::span<const std::byte, 4096> page) {
  if (!tries_each_) {
    Namespace& entry = (*table_)[index_];
    entry = namespace_from(entry.nsid, page, setup_.atomic_write_blocks);
    return;
  }
  const Namespace found = namespace_from(last_, page, setup_.atomic_write_blocks);
  counted_ += found.blocks != 0 ? 1 : 0;
  if (found.blocks != 0 && !table_->is_full()) {
    table_->add(found);
  }
}

void NamespaceScan::after_namespace() {
  const std::uint32_t last_tried = std::min(setup_.namespaces_max, tried_max);
  const bool more = tries_each_ ? last_.value < last_tried : index_ + 1 < table_->size();
  if (more) {
    last_ = tries_each_ ? Nsid{last_.value + 1} : last_;
    ++index_;
    return;
  }
  table_->drop_empty();
  index_ = 0;
  step_ = Step::descriptors;
  if (!setup_.descriptors || table_->size() == 0) {
    finish();
  }
}

void NamespaceScan::take_descriptors(std::span<const std::byte, 4096> page) {
  std::size_t at = 0;
  while (at + sizeof(spec::NamespaceDescriptorHeader) <= page.size()) {
    const auto type = static_cast<spec::Nidt>(page[at]);
    const std::size_t bytes = std::to_integer<std::size_t>(page[at + 1]);
    at += sizeof(spec::NamespaceDescriptorHeader);
    if (type == spec::Nidt::end || bytes == 0 || at + bytes > page.size()) {
      return;
    }
    take_identifier((*table_)[index_], type, page.subspan(at, bytes));
    at += bytes;
  }
}

void NamespaceScan::finish() {
  table_->drop_empty();
  step_ = Step::done;
}

Namespace namespace_from(Nsid nsid, std::span<const std::byte, 4096> page, std::uint32_t atomic_write_blocks) {
  spec::IdentifyNamespace id;
  std::memcpy(&id, page.data(), sizeof id);
  Namespace entry{.nsid = nsid};
  const std::uint64_t bytes = spec::block_bytes(id);
  if (bytes < block_bytes_min || bytes > block_bytes_max || id.nsze == 0) {
    return entry;
  }
  entry.blocks = id.nsze;
  entry.block_bytes = static_cast<std::uint32_t>(bytes);
  entry.metadata_bytes = id.lbaf[spec::lba_format_index(id) % spec::lba_formats_max].ms;
  entry.io_boundary_blocks = id.noiob;
  const bool own_atomics = spec::Nsfeat{id.nsfeat}.get(spec::Nsfeat::atomics);
  entry.atomic_write_blocks = own_atomics ? spec::count_from_zero_based(id.nawupf) : atomic_write_blocks;
  entry.read_only = spec::Nsattr{id.nsattr}.get(spec::Nsattr::write_protected);
  entry.deallocated_reads = static_cast<std::uint8_t>(spec::Dlfeat{id.dlfeat}.get(spec::Dlfeat::read));
  entry.nguid = id.nguid;
  entry.eui64 = id.eui64;
  return entry;
}

}  // namespace phasebit::driver
