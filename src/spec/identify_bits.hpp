// The bytes and words of the Identify structures that are made of bits: `Oacs{id.oacs}.get(Oacs::doorbell_buffer_config)`.
#pragma once

#include <cstdint>

#include "src/spec/bits.hpp"

namespace phasebit::spec {

/// Controller Multi-Path I/O and Namespace Sharing Capabilities.
struct Cmic : Bits<Cmic, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Cmic, 0, 1> ports{};
  static constexpr Field<Cmic, 1, 1> controllers{};
  static constexpr Field<Cmic, 2, 1> virtual_function{};
  static constexpr Field<Cmic, 3, 1> ana{};
};

/// Optional Asynchronous Events Supported; the bits are those of the Asynchronous Event Configuration feature.
struct Oaes : Bits<Oaes, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Oaes, 8, 1> namespace_attributes{};
  static constexpr Field<Oaes, 9, 1> firmware_activation{};
  static constexpr Field<Oaes, 11, 1> ana_change{};
  static constexpr Field<Oaes, 12, 1> predictable_latency{};
  static constexpr Field<Oaes, 13, 1> lba_status{};
  static constexpr Field<Oaes, 14, 1> endurance_group{};
  static constexpr Field<Oaes, 15, 1> normal_shutdown{};
};

/// Controller Attributes.
struct Ctratt : Bits<Ctratt, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Ctratt, 0, 1> host_identifier_128_bits{};
  static constexpr Field<Ctratt, 1, 1> non_operational_power_state_permissive{};
  static constexpr Field<Ctratt, 2, 1> nvm_sets{};
  static constexpr Field<Ctratt, 3, 1> read_recovery_levels{};
  static constexpr Field<Ctratt, 4, 1> endurance_groups{};
  static constexpr Field<Ctratt, 5, 1> predictable_latency{};
  static constexpr Field<Ctratt, 6, 1> traffic_based_keep_alive{};
  static constexpr Field<Ctratt, 7, 1> namespace_granularity{};
  static constexpr Field<Ctratt, 8, 1> sq_associations{};
  static constexpr Field<Ctratt, 9, 1> uuid_list{};
  static constexpr Field<Ctratt, 10, 1> multi_domain{};
  static constexpr Field<Ctratt, 15, 1> extended_lba_formats{};
};

/// CNTRLTYPE: what kind of controller it is.
enum class ControllerType : std::uint8_t { not_reported = 0, io = 1, discovery = 2, administrative = 3 };

/// Optional Admin Command Support.
struct Oacs : Bits<Oacs, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<Oacs, 0, 1> security{};
  static constexpr Field<Oacs, 1, 1> format_nvm{};
  static constexpr Field<Oacs, 2, 1> firmware{};
  static constexpr Field<Oacs, 3, 1> namespace_management{};
  static constexpr Field<Oacs, 4, 1> device_self_test{};
  static constexpr Field<Oacs, 5, 1> directives{};
  static constexpr Field<Oacs, 6, 1> nvme_mi{};
  static constexpr Field<Oacs, 7, 1> virtualization_management{};
  static constexpr Field<Oacs, 8, 1> doorbell_buffer_config{};
  static constexpr Field<Oacs, 9, 1> get_lba_status{};
  static constexpr Field<Oacs, 10, 1> lockdown{};
};

/// Firmware Updates.
struct Frmw : Bits<Frmw, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Frmw, 0, 1> slot_1_read_only{};
  static constexpr Field<Frmw, 1, 3> slots{};  ///< 1 to 7
  static constexpr Field<Frmw, 4, 1> activation_without_reset{};
  static constexpr Field<Frmw, 5, 1> multiple_update_detection{};
};

/// Log Page Attributes.
struct Lpa : Bits<Lpa, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Lpa, 0, 1> smart_per_namespace{};
  static constexpr Field<Lpa, 1, 1> command_effects{};
  static constexpr Field<Lpa, 2, 1> extended_data{};  ///< 32-bit dword counts and offsets in Get Log Page
  static constexpr Field<Lpa, 3, 1> telemetry{};
  static constexpr Field<Lpa, 4, 1> persistent_events{};
  static constexpr Field<Lpa, 5, 1> supported_log_pages{};
  static constexpr Field<Lpa, 6, 1> telemetry_data_area_4{};
};

/// SQES and CQES: powers of two of the entry sizes.
struct EntrySizes : Bits<EntrySizes, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<EntrySizes, 0, 4> required{};
  static constexpr Field<EntrySizes, 4, 4> maximum{};
};

/// Optional NVM Command Support.
struct Oncs : Bits<Oncs, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<Oncs, 0, 1> compare{};
  static constexpr Field<Oncs, 1, 1> write_uncorrectable{};
  static constexpr Field<Oncs, 2, 1> dataset_management{};
  static constexpr Field<Oncs, 3, 1> write_zeroes{};
  static constexpr Field<Oncs, 4, 1> save_and_select{};
  static constexpr Field<Oncs, 5, 1> reservations{};
  static constexpr Field<Oncs, 6, 1> timestamp{};
  static constexpr Field<Oncs, 7, 1> verify{};
  static constexpr Field<Oncs, 8, 1> copy{};
};

/// Fused Operation Support.
struct Fuses : Bits<Fuses, std::uint16_t> {
  using Bits::Bits;
  static constexpr Field<Fuses, 0, 1> compare_and_write{};
};

/// Format NVM Attributes.
struct Fna : Bits<Fna, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Fna, 0, 1> format_all{};
  static constexpr Field<Fna, 1, 1> erase_all{};
  static constexpr Field<Fna, 2, 1> cryptographic_erase{};
  static constexpr Field<Fna, 3, 1> broadcast_not_supported{};
};

/// What VWC says of a Flush to NSID FFFFFFFFh.
enum class FlushAll : std::uint8_t { not_indicated = 0, reserved = 1, not_supported = 2, supported = 3 };

/// Volatile Write Cache.
struct Vwc : Bits<Vwc, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Vwc, 0, 1> present{};
  static constexpr Field<Vwc, 1, 2, FlushAll> flush_all{};
};

/// Namespace Write Protection Capabilities.
struct Nwpc : Bits<Nwpc, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Nwpc, 0, 1> write_protect{};
  static constexpr Field<Nwpc, 1, 1> until_power_cycle{};
  static constexpr Field<Nwpc, 2, 1> permanent{};
};

/// SGL Support: 0 none, 1 without, 2 with dword alignment.
struct Sgls : Bits<Sgls, std::uint32_t> {
  using Bits::Bits;
  static constexpr Field<Sgls, 0, 2> support{};
  static constexpr Field<Sgls, 2, 1> keyed{};
  static constexpr Field<Sgls, 16, 1> bit_bucket{};
  static constexpr Field<Sgls, 17, 1> metadata_byte_aligned{};
  static constexpr Field<Sgls, 18, 1> longer_than_data{};
  static constexpr Field<Sgls, 19, 1> metadata_sgl{};
  static constexpr Field<Sgls, 20, 1> offsets{};
};

/// Namespace Features.
struct Nsfeat : Bits<Nsfeat, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Nsfeat, 0, 1> thin_provisioning{};
  static constexpr Field<Nsfeat, 1, 1> atomics{};  ///< NAWUN, NAWUPF and NACWU count instead of the controller's
  static constexpr Field<Nsfeat, 2, 1> deallocated_error{};
  static constexpr Field<Nsfeat, 3, 1> identifiers_not_reused{};
  static constexpr Field<Nsfeat, 4, 1> optimal_performance{};
};

/// Formatted LBA Size: which format is in use, in two parts when there are more than 16.
struct Flbas : Bits<Flbas, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Flbas, 0, 4> index_low{};
  static constexpr Field<Flbas, 4, 1> metadata_extended{};
  static constexpr Field<Flbas, 5, 2> index_high{};
};

/// What a deallocated block reads as.
enum class DeallocatedRead : std::uint8_t { not_reported = 0, zeroes = 1, ones = 2 };

/// Deallocate Logical Block Features.
struct Dlfeat : Bits<Dlfeat, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Dlfeat, 0, 3, DeallocatedRead> read{};
  static constexpr Field<Dlfeat, 3, 1> deallocate_in_write_zeroes{};
  static constexpr Field<Dlfeat, 4, 1> guard_is_crc{};
};

/// Namespace Attributes.
struct Nsattr : Bits<Nsattr, std::uint8_t> {
  using Bits::Bits;
  static constexpr Field<Nsattr, 0, 1> write_protected{};
};

}  // namespace phasebit::spec
