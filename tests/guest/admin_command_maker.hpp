// The list's admin commands.
#pragma once

#include "tests/guest/command_maker.hpp"

namespace phasebit::guest {

class AdminCommandMaker : protected CommandMaker {
 protected:
  using CommandMaker::CommandMaker;

  void admin_commands() {
    identify();
    log_pages();
    features();
    queues();
    other_admin_commands();
  }

 private:
  void identify() {
    for (std::uint64_t which = 0; which <= 0x1f; ++which) {
      add(changed(plain_identify(Cns::identify_namespace, nsid_1), cns, which));
    }
    sweep(plain_identify(Cns::identify_namespace, nsid_1), cns, {0x20, 0x7f, 0xff});
    add(plain_identify(Cns::controller, nsid_none));
    add(plain_identify(Cns::active_namespaces, nsid_none));
    for (const Cns which : {Cns::identify_namespace, Cns::controller, Cns::active_namespaces, Cns::namespace_descriptors,
                            Cns::allocated_namespaces, Cns::allocated_namespace, Cns::controllers_of_namespace}) {
      sweep(plain_identify(which, nsid_1), nsid, namespaces());
    }
    sweep(plain_identify(Cns::controller, nsid_none), cntid, {1, 0xffff});
    sweep(plain_identify(Cns::controllers_of_subsystem, nsid_none), cntid, {0, 1, 0xffff});
    sweep(plain_identify(Cns::controller, nsid_none), cnssid, {1});
    sweep(plain_identify(Cns::controller, nsid_none), csi_of_identify, {1, 0xff});
    for (const Cns which : {Cns::namespace_of_command_set, Cns::controller_of_command_set, Cns::active_namespaces_of_command_set}) {
      sweep(plain_identify(which, nsid_1), csi_of_identify, {0, 1, 2, 0xff});
    }
    sweep(plain_identify(Cns::controller, nsid_none), uuid_index, {1});
    sweep_common(plain_identify(Cns::controller, nsid_none));
  }

  void log_pages() {
    for (std::uint64_t which = 0; which <= 0x17; ++which) {
      add(changed(plain_log(Lid::smart), lid, which));
    }
    sweep(plain_log(Lid::smart), lid, {0x6f, 0x70, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xff});
    for (const Lid which : {Lid::error_information, Lid::smart, Lid::firmware_slots, Lid::changed_namespaces, Lid::command_effects}) {
      const ListedCommand log = plain_log(which);
      sweep(log, nsid, {0, 1, 2, facts_.namespaces_max + 1});
      sweep(log, lpo, {4, 1, 2, 3, 512, 513, 4096, 4100, 1ull << 32, ~0ull - 3});
      sweep(log, numdl, {0, 1, 1023});
    }
    const ListedCommand smart = plain_log(Lid::smart);
    sweep(smart, numdu, {2, 0xffff});
    sweep(smart, lsp, {1, 127});
    sweep(smart, lsi, {1});
    sweep(smart, offset_type, {1});
    sweep(smart, csi_of_log, {1, 2, 0xff});
    sweep(smart, uuid_index, {1});
    sweep(smart, rae, {0});
    sweep(plain_log(Lid::command_effects, 4096), csi_of_log, {0, 1, 2, 0xff});
    sweep_common(smart);
  }

  void features() {
    const ListedCommand volatile_cache = get(Fid::volatile_write_cache);
    for (std::uint64_t which = 0; which <= 0x1f; ++which) {
      add(changed(volatile_cache, fid, which));
    }
    sweep(volatile_cache, fid, {0x77, 0x78, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xbf, 0xc0, 0xff});
    for (const Fid which :
         {Fid::arbitration, Fid::power_management, Fid::temperature_threshold, Fid::error_recovery, Fid::volatile_write_cache,
          Fid::number_of_queues, Fid::interrupt_coalescing, Fid::interrupt_vector_configuration, Fid::write_atomicity_normal,
          Fid::async_event_configuration, Fid::host_behavior_support, Fid::io_command_set_profile}) {
      const bool of_namespace = which == Fid::error_recovery;
      const ListedCommand asked = get(which, 0, of_namespace ? nsid_1 : nsid_none);
      add(asked);
      sweep(asked, select, {1, 2, 3, 4, 7});
      sweep(asked, nsid, namespaces());
    }
    sweep(get(Fid::temperature_threshold), feature_value, {1u << 16, 8u << 16, 9u << 16, 15u << 16, 1u << 20, 2u << 20, 3u << 20});
    sweep(get(Fid::interrupt_vector_configuration), feature_value, {1, 64, 65, 0xffff});
    sweep_common(get(Fid::arbitration));
    set_features();
  }

  void set_features() {
    sweep(set(Fid::arbitration, 0), fid,
          {0, 0x0c, 0x0d, 0x10, 0x11, 0x14, 0x17, 0x18, 0x1a, 0x1f, 0x77, 0x80, 0x82, 0x83, 0x84, 0xbf, 0xff});
    set_and_get(Fid::arbitration, {7, 0x0102'0304, ~0ull, 0});
    set_and_get(Fid::power_management, {0, 1, 31, 0x20, 0xe0});
    set_and_get(Fid::temperature_threshold,
                {360, 1u << 20 | 250, 2u << 20 | 300, 1u << 16 | 360, 9u << 16 | 360, 15u << 16 | 360, 0xffff, 343});
    set_and_get(Fid::error_recovery, {1u << 16, 10, 0xffff, 1u << 17, 0}, nsid_1);
    set_and_get(Fid::volatile_write_cache, {0, 2, 0xffff'fffe, 1});
    set_and_get(Fid::number_of_queues, {0, 0xffff, 0xffff'0000, 0xffff'ffff});
    set_and_get(Fid::interrupt_coalescing, {0x0102, 0xffff, 0x1'0000, 0});
    set_and_get(Fid::interrupt_vector_configuration, {1u << 16 | 2, 65, 0xffff, 1u << 17});
    set_and_get(Fid::write_atomicity_normal, {1, 2, 0});
    set_and_get(Fid::async_event_configuration, {0, 0x100, 0x8000'0000, 0});
    set_and_get(Fid::host_behavior_support, {1});
    set_and_get(Fid::io_command_set_profile, {1, 0x1ff, 0});
    sweep(set(Fid::arbitration, 0), save, {1});
    sweep(set(Fid::temperature_threshold, 343), save, {1});
    sweep(set(Fid::host_behavior_support, 0), save, {1});
    sweep(set(Fid::volatile_write_cache, 1), nsid, namespaces());
    sweep(set(Fid::volatile_write_cache, 1), nsid, {1});
    sweep(set(Fid::error_recovery, 0, nsid_1), nsid, namespaces());
    sweep(set(Fid::host_behavior_support, 0), nsid, {1, 0xffff'ffff});
    sweep(set(Fid::volatile_write_cache, 1), uuid_index, {1});
    sweep_common(set(Fid::volatile_write_cache, 1));
  }
  void set_and_get(Fid which, const Values& values, Nsid of = nsid_none) {
    const ListedCommand look = get(which, 0, of);
    sweep(set(which, 0, of), feature_value, values, &look);
  }

  /// A queue that is made nevertheless goes again at once.
  void queues() {
    const ListedCommand gone_cq = delete_cq(free_qid);
    const ListedCommand gone_sq = delete_sq(free_qid);
    const std::uint64_t too_large = facts_.queue_entries_max;  // zero-based
    const std::uint64_t not_granted = facts_.io_queues + 1;
    sweep(create_cq(free_qid), qid, {0, 1, not_granted, 0xffff});
    sweep(create_cq(free_qid), qsize, {0, 1, too_large - 1, too_large, 0xffff}, &gone_cq);
    sweep(create_cq(free_qid), vector, {64, 65, 2047, 2048, 0xffff}, &gone_cq);
    sweep(create_cq(free_qid), interrupts, {0}, &gone_cq);
    sweep(create_cq(free_qid), physically_contiguous, {0}, &gone_cq);
    misplace(create_cq(free_qid), {1, 4, 8, 2048}, gone_cq);
    sweep(create_cq(free_qid), nsid, {1, 0xffff'ffff}, &gone_cq);
    sweep(create_cq(free_qid), psdt, {1}, &gone_cq);
    sweep(create_cq(free_qid), fuse, {1}, &gone_cq);

    add(create_cq(free_qid));
    add(create_cq(free_qid));
    sweep(create_sq(free_qid, free_qid), qid, {0, 1, not_granted, 0xffff});
    sweep(create_sq(free_qid, free_qid), qsize, {0, 1, too_large - 1, too_large, 0xffff}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), cqid, {0, free_qid + 1, not_granted, 0xffff}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), qprio, {1, 2, 3}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), nvm_set, {1}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), physically_contiguous, {0}, &gone_sq);
    misplace(create_sq(free_qid, free_qid), {1, 4, 8, 2048}, gone_sq);
    sweep(create_sq(free_qid, free_qid), nsid, {1, 0xffff'ffff}, &gone_sq);
    sweep(create_sq(free_qid, free_qid), psdt, {1}, &gone_sq);

    add(create_sq(free_qid, free_qid));
    add(create_sq(free_qid, free_qid));
    add(gone_cq);  // in use
    for (const ListedCommand& command : {gone_sq, gone_cq}) {
      sweep(command, nsid, {1});
      add(command);
      add(command);
      sweep(command, qid, {0, 2, not_granted, 0xffff});
      sweep(command, fuse, {1});
      sweep(command, psdt, {1});
    }
  }
  void misplace(const ListedCommand& command, const Values& offsets, const ListedCommand& then) {
    for (const std::uint64_t offset : offsets) {
      ListedCommand misplaced = command;
      misplaced.field = "prp1 offset";
      misplaced.value = offset;
      misplaced.error.prp1 = offset;
      add(misplaced);
      add(then);
    }
  }

  void other_admin_commands() {
    const ListedCommand abort = admin("abort", spec::Abort{.sqid = Qid{1}, .cid = Cid{0x7777}}.sqe());
    add(abort);
    sweep(abort, abort_sqid, {0, 2, facts_.io_queues + 1, 0xffff});
    sweep(abort, abort_cid, {0, 0xffff});
    sweep(abort, nsid, {1});
    sweep(abort, fuse, {1});
    sweep(abort, psdt, {1});
    for (const auto& [name, code] : {std::pair{"namespace_management", 0x0d},
                                     {"firmware_commit", 0x10},
                                     {"firmware_image_download", 0x11},
                                     {"device_self_test", 0x14},
                                     {"keep_alive", 0x18},
                                     {"directive_send", 0x19},
                                     {"directive_receive", 0x1a},
                                     {"virtualization_management", 0x1c},
                                     {"nvme_mi_send", 0x1d},
                                     {"nvme_mi_receive", 0x1e},
                                     {"capacity_management", 0x20},
                                     {"lockdown", 0x24},
                                     {"fabrics", 0x7f},
                                     {"security_send", 0x81},
                                     {"security_receive", 0x82},
                                     {"sanitize", 0x84},
                                     {"get_lba_status", 0x86}}) {
      add(admin(name, spec::admin_sqe(static_cast<AdminOpcode>(code)), 4096));
    }
    // These two exist on QEMU's drive: they are sent so that they cannot be carried out.
    ListedCommand format = admin("format_nvm", spec::admin_sqe(AdminOpcode::format_nvm, nsid_1));
    sweep(format, {"lbaf", 10, 0, 4}, {15});
    sweep(format, nsid, {0, 2, facts_.namespaces_max + 1});
    ListedCommand attach = admin("namespace_attachment", spec::admin_sqe(AdminOpcode::namespace_attachment, nsid_1), 4096);
    sweep(attach, {"sel", 10, 0, 4}, {2, 15});
    sweep(attach, nsid, {0, 2, facts_.namespaces_max + 1, 0xffff'ffff});
  }
};

}  // namespace phasebit::guest
