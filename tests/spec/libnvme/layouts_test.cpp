// Sizes and offsets of our wire structures against libnvme's, which were written by others.
#include <gtest/gtest.h>
#include <libnvme.h>

#include <cstddef>

#include "src/spec/dataset_management.hpp"
#include "src/spec/features.hpp"
#include "src/spec/identify_controller.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/identify_namespace.hpp"
#include "src/spec/log_pages.hpp"

namespace phasebit::spec {
namespace {

#define EXPECT_SAME_SIZE(ours, theirs) EXPECT_EQ(sizeof(ours), sizeof(struct theirs))
#define EXPECT_SAME_PLACE(ours, our_field, theirs, their_field)                 \
  do {                                                                          \
    EXPECT_EQ(offsetof(ours, our_field), offsetof(struct theirs, their_field)); \
    EXPECT_EQ(sizeof(ours::our_field), sizeof(theirs::their_field));            \
  } while (false)

#define EXPECT_SAME(field) EXPECT_SAME_PLACE(IdentifyController, field, nvme_id_ctrl, field)
TEST(LibnvmeLayout, of_identify_controller_is_ours) {
  EXPECT_SAME_SIZE(IdentifyController, nvme_id_ctrl);
  EXPECT_SAME(vid);
  EXPECT_SAME(ssvid);
  EXPECT_SAME(sn);
  EXPECT_SAME(mn);
  EXPECT_SAME(fr);
  EXPECT_SAME(rab);
  EXPECT_SAME(ieee);
  EXPECT_SAME(cmic);
  EXPECT_SAME(mdts);
  EXPECT_SAME(cntlid);
  EXPECT_SAME(ver);
  EXPECT_SAME(rtd3r);
  EXPECT_SAME(rtd3e);
  EXPECT_SAME(oaes);
  EXPECT_SAME(ctratt);
  EXPECT_SAME(rrls);
  EXPECT_SAME(cntrltype);
  EXPECT_SAME(fguid);
  EXPECT_EQ(offsetof(IdentifyController, crdt), offsetof(nvme_id_ctrl, crdt1));
  EXPECT_EQ(offsetof(IdentifyController, crdt) + 4, offsetof(nvme_id_ctrl, crdt3));
  EXPECT_SAME(nvmsr);
  EXPECT_SAME(vwci);
  EXPECT_SAME(mec);
  EXPECT_SAME(oacs);
  EXPECT_SAME(acl);
  EXPECT_SAME(aerl);
  EXPECT_SAME(frmw);
  EXPECT_SAME(lpa);
  EXPECT_SAME(elpe);
  EXPECT_SAME(npss);
  EXPECT_SAME(avscc);
  EXPECT_SAME(apsta);
  EXPECT_SAME(wctemp);
  EXPECT_SAME(cctemp);
  EXPECT_SAME(mtfa);
  EXPECT_SAME(hmpre);
  EXPECT_SAME(hmmin);
  EXPECT_SAME(tnvmcap);
  EXPECT_SAME(unvmcap);
  EXPECT_SAME(rpmbs);
  EXPECT_SAME(edstt);
  EXPECT_SAME(dsto);
  EXPECT_SAME(fwug);
  EXPECT_SAME(kas);
  EXPECT_SAME(hctma);
  EXPECT_SAME(mntmt);
  EXPECT_SAME(mxtmt);
  EXPECT_SAME(sanicap);
  EXPECT_SAME(hmminds);
  EXPECT_SAME(hmmaxd);
  EXPECT_SAME(nsetidmax);
  EXPECT_SAME(endgidmax);
  EXPECT_SAME(anatt);
  EXPECT_SAME(anacap);
  EXPECT_SAME(anagrpmax);
  EXPECT_SAME(nanagrpid);
  EXPECT_SAME(pels);
  EXPECT_SAME(domainid);
  EXPECT_SAME(megcap);
  EXPECT_SAME(sqes);
  EXPECT_SAME(cqes);
  EXPECT_SAME(maxcmd);
  EXPECT_SAME(nn);
  EXPECT_SAME(oncs);
  EXPECT_SAME(fuses);
  EXPECT_SAME(fna);
  EXPECT_SAME(vwc);
  EXPECT_SAME(awun);
  EXPECT_SAME(awupf);
  EXPECT_SAME(icsvscc);
  EXPECT_SAME(nwpc);
  EXPECT_SAME(acwu);
  EXPECT_SAME_PLACE(IdentifyController, cdfs, nvme_id_ctrl, ocfs);
  EXPECT_SAME(sgls);
  EXPECT_SAME(mnan);
  EXPECT_SAME(maxdna);
  EXPECT_SAME(maxcna);
  EXPECT_SAME(subnqn);
  EXPECT_EQ(offsetof(IdentifyController, fabrics), offsetof(nvme_id_ctrl, ioccsz));
  EXPECT_SAME(psd);
  EXPECT_SAME_PLACE(IdentifyController, vendor_specific, nvme_id_ctrl, vs);
}
#undef EXPECT_SAME

#define EXPECT_SAME(field) EXPECT_SAME_PLACE(PowerStateDescriptor, field, nvme_id_psd, field)
TEST(LibnvmeLayout, of_a_power_state_is_ours) {
  EXPECT_SAME_SIZE(PowerStateDescriptor, nvme_id_psd);
  EXPECT_SAME(mp);
  EXPECT_SAME(flags);
  EXPECT_SAME(enlat);
  EXPECT_SAME(exlat);
  EXPECT_SAME(rrt);
  EXPECT_SAME(rrl);
  EXPECT_SAME(rwt);
  EXPECT_SAME(rwl);
  EXPECT_SAME(idlp);
  EXPECT_SAME(ips);
  EXPECT_SAME(actp);
  EXPECT_SAME_PLACE(PowerStateDescriptor, apw_aps, nvme_id_psd, apws);
}
#undef EXPECT_SAME

#define EXPECT_SAME(field) EXPECT_SAME_PLACE(IdentifyNamespace, field, nvme_id_ns, field)
TEST(LibnvmeLayout, of_identify_namespace_is_ours) {
  EXPECT_SAME_SIZE(IdentifyNamespace, nvme_id_ns);
  EXPECT_SAME(nsze);
  EXPECT_SAME(ncap);
  EXPECT_SAME(nuse);
  EXPECT_SAME(nsfeat);
  EXPECT_SAME(nlbaf);
  EXPECT_SAME(flbas);
  EXPECT_SAME(mc);
  EXPECT_SAME(dpc);
  EXPECT_SAME(dps);
  EXPECT_SAME(nmic);
  EXPECT_SAME(rescap);
  EXPECT_SAME(fpi);
  EXPECT_SAME(dlfeat);
  EXPECT_SAME(nawun);
  EXPECT_SAME(nawupf);
  EXPECT_SAME(nacwu);
  EXPECT_SAME(nabsn);
  EXPECT_SAME(nabo);
  EXPECT_SAME(nabspf);
  EXPECT_SAME(noiob);
  EXPECT_SAME(nvmcap);
  EXPECT_SAME(npwg);
  EXPECT_SAME(npwa);
  EXPECT_SAME(npdg);
  EXPECT_SAME(npda);
  EXPECT_SAME(nows);
  EXPECT_SAME(mssrl);
  EXPECT_SAME(mcl);
  EXPECT_SAME(msrc);
  EXPECT_SAME(anagrpid);
  EXPECT_SAME(nsattr);
  EXPECT_SAME(nvmsetid);
  EXPECT_SAME(endgid);
  EXPECT_SAME(nguid);
  EXPECT_SAME(eui64);
  EXPECT_SAME(lbaf);
}
#undef EXPECT_SAME

TEST(LibnvmeLayout, of_the_other_identify_structures_is_ours) {
  EXPECT_SAME_SIZE(LbaFormat, nvme_lbaf);
  EXPECT_SAME_PLACE(LbaFormat, ms, nvme_lbaf, ms);
  EXPECT_SAME_PLACE(LbaFormat, lbads, nvme_lbaf, ds);
  EXPECT_SAME_PLACE(LbaFormat, rp, nvme_lbaf, rp);
  EXPECT_SAME_SIZE(IdentifyNamespaceIndependent, nvme_id_independent_id_ns);
  EXPECT_SAME_PLACE(IdentifyNamespaceIndependent, anagrpid, nvme_id_independent_id_ns, anagrpid);
  EXPECT_SAME_PLACE(IdentifyNamespaceIndependent, nsattr, nvme_id_independent_id_ns, nsattr);
  EXPECT_SAME_PLACE(IdentifyNamespaceIndependent, endgid, nvme_id_independent_id_ns, endgid);
  EXPECT_SAME_PLACE(IdentifyNamespaceIndependent, nstat, nvme_id_independent_id_ns, nstat);
  EXPECT_SAME_SIZE(IdentifyNamespaceNvm, nvme_nvm_id_ns);
  EXPECT_SAME_PLACE(IdentifyNamespaceNvm, lbstm, nvme_nvm_id_ns, lbstm);
  EXPECT_SAME_PLACE(IdentifyNamespaceNvm, pic, nvme_nvm_id_ns, pic);
  EXPECT_SAME_PLACE(IdentifyNamespaceNvm, elbaf, nvme_nvm_id_ns, elbaf);
  EXPECT_SAME_SIZE(IdentifyControllerNvm, nvme_id_ctrl_nvm);
  EXPECT_SAME_PLACE(IdentifyControllerNvm, vsl, nvme_id_ctrl_nvm, vsl);
  EXPECT_SAME_PLACE(IdentifyControllerNvm, wzsl, nvme_id_ctrl_nvm, wzsl);
  EXPECT_SAME_PLACE(IdentifyControllerNvm, wusl, nvme_id_ctrl_nvm, wusl);
  EXPECT_SAME_PLACE(IdentifyControllerNvm, dmrl, nvme_id_ctrl_nvm, dmrl);
  EXPECT_SAME_PLACE(IdentifyControllerNvm, dmrsl, nvme_id_ctrl_nvm, dmrsl);
  EXPECT_SAME_PLACE(IdentifyControllerNvm, dmsl, nvme_id_ctrl_nvm, dmsl);
}

TEST(LibnvmeLayout, of_lists_and_small_structures_is_ours) {
  EXPECT_SAME_SIZE(NamespaceList, nvme_ns_list);
  EXPECT_SAME_SIZE(IoCommandSetVectors, nvme_id_iocs);
  EXPECT_SAME_SIZE(NamespaceDescriptorHeader, nvme_ns_id_desc);
  EXPECT_SAME_PLACE(NamespaceDescriptorHeader, nidt, nvme_ns_id_desc, nidt);
  EXPECT_SAME_PLACE(NamespaceDescriptorHeader, nidl, nvme_ns_id_desc, nidl);
  EXPECT_SAME_SIZE(DatasetRange, nvme_dsm_range);
  EXPECT_SAME_PLACE(DatasetRange, context_attributes, nvme_dsm_range, cattr);
  EXPECT_SAME_PLACE(DatasetRange, blocks, nvme_dsm_range, nlb);
  EXPECT_SAME_PLACE(DatasetRange, slba, nvme_dsm_range, slba);
  EXPECT_SAME_SIZE(HostBehaviorSupport, nvme_feat_host_behavior);
  EXPECT_SAME_PLACE(HostBehaviorSupport, acre, nvme_feat_host_behavior, acre);
}

TEST(LibnvmeLayout, of_the_error_log_is_ours) {
  EXPECT_SAME_SIZE(ErrorLogEntry, nvme_error_log_page);
  EXPECT_SAME_PLACE(ErrorLogEntry, error_count, nvme_error_log_page, error_count);
  EXPECT_SAME_PLACE(ErrorLogEntry, sqid, nvme_error_log_page, sqid);
  EXPECT_SAME_PLACE(ErrorLogEntry, cid, nvme_error_log_page, cmdid);
  EXPECT_SAME_PLACE(ErrorLogEntry, status_phase, nvme_error_log_page, status_field);
  EXPECT_SAME_PLACE(ErrorLogEntry, parameter_error_location, nvme_error_log_page, parm_error_location);
  EXPECT_SAME_PLACE(ErrorLogEntry, lba, nvme_error_log_page, lba);
  EXPECT_SAME_PLACE(ErrorLogEntry, nsid, nvme_error_log_page, nsid);
  EXPECT_SAME_PLACE(ErrorLogEntry, vendor_log_page, nvme_error_log_page, vs);
  EXPECT_SAME_PLACE(ErrorLogEntry, trtype, nvme_error_log_page, trtype);
  EXPECT_SAME_PLACE(ErrorLogEntry, command_specific, nvme_error_log_page, cs);
  EXPECT_SAME_PLACE(ErrorLogEntry, transport_specific, nvme_error_log_page, trtype_spec_info);
}

TEST(LibnvmeLayout, of_the_smart_log_is_ours) {
  EXPECT_SAME_SIZE(SmartLog, nvme_smart_log);
  EXPECT_SAME_PLACE(SmartLog, critical_warning, nvme_smart_log, critical_warning);
  EXPECT_SAME_PLACE(SmartLog, composite_temperature, nvme_smart_log, temperature);
  EXPECT_SAME_PLACE(SmartLog, available_spare, nvme_smart_log, avail_spare);
  EXPECT_SAME_PLACE(SmartLog, available_spare_threshold, nvme_smart_log, spare_thresh);
  EXPECT_SAME_PLACE(SmartLog, percentage_used, nvme_smart_log, percent_used);
  EXPECT_SAME_PLACE(SmartLog, endurance_group_critical_warning, nvme_smart_log, endu_grp_crit_warn_sumry);
  EXPECT_SAME_PLACE(SmartLog, data_units_read, nvme_smart_log, data_units_read);
  EXPECT_SAME_PLACE(SmartLog, data_units_written, nvme_smart_log, data_units_written);
  EXPECT_SAME_PLACE(SmartLog, host_read_commands, nvme_smart_log, host_reads);
  EXPECT_SAME_PLACE(SmartLog, host_write_commands, nvme_smart_log, host_writes);
  EXPECT_SAME_PLACE(SmartLog, controller_busy_time, nvme_smart_log, ctrl_busy_time);
  EXPECT_SAME_PLACE(SmartLog, power_cycles, nvme_smart_log, power_cycles);
  EXPECT_SAME_PLACE(SmartLog, power_on_hours, nvme_smart_log, power_on_hours);
  EXPECT_SAME_PLACE(SmartLog, unsafe_shutdowns, nvme_smart_log, unsafe_shutdowns);
  EXPECT_SAME_PLACE(SmartLog, media_errors, nvme_smart_log, media_errors);
  EXPECT_SAME_PLACE(SmartLog, error_log_entries, nvme_smart_log, num_err_log_entries);
  EXPECT_SAME_PLACE(SmartLog, warning_temperature_time, nvme_smart_log, warning_temp_time);
  EXPECT_SAME_PLACE(SmartLog, critical_temperature_time, nvme_smart_log, critical_comp_time);
  EXPECT_SAME_PLACE(SmartLog, temperature_sensor, nvme_smart_log, temp_sensor);
  EXPECT_SAME_PLACE(SmartLog, thermal_transitions_1, nvme_smart_log, thm_temp1_trans_count);
  EXPECT_SAME_PLACE(SmartLog, thermal_transitions_2, nvme_smart_log, thm_temp2_trans_count);
  EXPECT_SAME_PLACE(SmartLog, thermal_time_1, nvme_smart_log, thm_temp1_total_time);
  EXPECT_SAME_PLACE(SmartLog, thermal_time_2, nvme_smart_log, thm_temp2_total_time);
}

TEST(LibnvmeLayout, of_the_firmware_and_effects_logs_is_ours) {
  EXPECT_SAME_SIZE(FirmwareSlotLog, nvme_firmware_slot);
  EXPECT_SAME_PLACE(FirmwareSlotLog, afi, nvme_firmware_slot, afi);
  EXPECT_SAME_PLACE(FirmwareSlotLog, revision, nvme_firmware_slot, frs);
  EXPECT_SAME_SIZE(CommandEffectsLog, nvme_cmd_effects_log);
  EXPECT_SAME_PLACE(CommandEffectsLog, acs, nvme_cmd_effects_log, acs);
  EXPECT_SAME_PLACE(CommandEffectsLog, iocs, nvme_cmd_effects_log, iocs);
}

}  // namespace
}  // namespace phasebit::spec
