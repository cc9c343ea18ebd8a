// Register fields, identifiers and bits against libnvme's constants.
#include <gtest/gtest.h>
#include <libnvme.h>

#include "src/spec/async_event.hpp"
#include "src/spec/cns.hpp"
#include "src/spec/dataset_management.hpp"
#include "src/spec/features.hpp"
#include "src/spec/identify_bits.hpp"
#include "src/spec/identify_lists.hpp"
#include "src/spec/io_commands.hpp"
#include "src/spec/log_pages.hpp"
#include "src/spec/opcodes.hpp"
#include "src/spec/registers.hpp"

namespace phasebit::spec {
namespace {

template <class Ours, class Theirs>
void expect_same(Ours ours, Theirs theirs) {
  EXPECT_EQ(static_cast<std::uint64_t>(ours), static_cast<std::uint64_t>(static_cast<std::uint32_t>(theirs)));
}

template <class Field, class Mask>
void expect_field(Field field, int shift, Mask mask) {
  EXPECT_EQ(field.mask, static_cast<std::uint64_t>(mask) << shift);
}

TEST(LibnvmeRegisters, lie_where_ours_do) {
  expect_same(offset::cap, NVME_REG_CAP);
  expect_same(offset::vs, NVME_REG_VS);
  expect_same(offset::intms, NVME_REG_INTMS);
  expect_same(offset::intmc, NVME_REG_INTMC);
  expect_same(offset::cc, NVME_REG_CC);
  expect_same(offset::csts, NVME_REG_CSTS);
  expect_same(offset::nssr, NVME_REG_NSSR);
  expect_same(offset::aqa, NVME_REG_AQA);
  expect_same(offset::asq, NVME_REG_ASQ);
  expect_same(offset::acq, NVME_REG_ACQ);
  expect_same(offset::cmbloc, NVME_REG_CMBLOC);
  expect_same(offset::cmbsz, NVME_REG_CMBSZ);
  expect_same(offset::bpinfo, NVME_REG_BPINFO);
  expect_same(offset::bprsel, NVME_REG_BPRSEL);
  expect_same(offset::bpmbl, NVME_REG_BPMBL);
  expect_same(offset::cmbmsc, NVME_REG_CMBMSC);
  expect_same(offset::cmbsts, NVME_REG_CMBSTS);
  expect_same(offset::crto, NVME_REG_CRTO);
  expect_same(offset::pmrcap, NVME_REG_PMRCAP);
  expect_same(offset::pmrctl, NVME_REG_PMRCTL);
  expect_same(offset::pmrsts, NVME_REG_PMRSTS);
  expect_same(offset::pmrebs, NVME_REG_PMREBS);
  expect_same(offset::pmrswtp, NVME_REG_PMRSWTP);
  expect_same(offset::pmrmscl, NVME_REG_PMRMSCL);
  expect_same(offset::pmrmscu, NVME_REG_PMRMSCU);
}

TEST(LibnvmeRegisters, have_fields_where_ours_do) {
  expect_field(Cap::mqes, NVME_CAP_MQES_SHIFT, NVME_CAP_MQES_MASK);
  expect_field(Cap::cqr, NVME_CAP_CQR_SHIFT, NVME_CAP_CQR_MASK);
  expect_field(Cap::ams, NVME_CAP_AMS_SHIFT, NVME_CAP_AMS_MASK);
  expect_field(Cap::ams_weighted_round_robin, NVME_CAP_AMS_SHIFT, NVME_CAP_AMS_WRR);
  expect_field(Cap::to, NVME_CAP_TO_SHIFT, NVME_CAP_TO_MASK);
  expect_field(Cap::dstrd, NVME_CAP_DSTRD_SHIFT, NVME_CAP_DSTRD_MASK);
  expect_field(Cap::nssrs, NVME_CAP_NSSRC_SHIFT, NVME_CAP_NSSRC_MASK);
  expect_field(Cap::css, NVME_CAP_CSS_SHIFT, NVME_CAP_CSS_MASK);
  expect_field(Cap::css_nvm, NVME_CAP_CSS_SHIFT, NVME_CAP_CSS_NVM);
  expect_field(Cap::css_command_sets, NVME_CAP_CSS_SHIFT, NVME_CAP_CSS_CSI);
  expect_field(Cap::css_admin_only, NVME_CAP_CSS_SHIFT, NVME_CAP_CSS_ADMIN);
  expect_field(Cap::bps, NVME_CAP_BPS_SHIFT, NVME_CAP_BPS_MASK);
  expect_field(Cap::mpsmin, NVME_CAP_MPSMIN_SHIFT, NVME_CAP_MPSMIN_MASK);
  expect_field(Cap::mpsmax, NVME_CAP_MPSMAX_SHIFT, NVME_CAP_MPSMAX_MASK);
  expect_field(Cap::pmrs, NVME_CAP_PMRS_SHIFT, NVME_CAP_PMRS_MASK);
  expect_field(Cap::cmbs, NVME_CAP_CMBS_SHIFT, NVME_CAP_CMBS_MASK);
  expect_field(Cap::crms, NVME_CAP_CRMS_SHIFT, NVME_CAP_CRMS_MASK);
  expect_field(Cap::crms_with_media, NVME_CAP_CRMS_SHIFT, NVME_CAP_CRWMS);
  expect_field(Cap::crms_independent_of_media, NVME_CAP_CRMS_SHIFT, NVME_CAP_CRIMS);
  expect_field(Cc::en, NVME_CC_EN_SHIFT, NVME_CC_EN_MASK);
  expect_field(Cc::css, NVME_CC_CSS_SHIFT, NVME_CC_CSS_MASK);
  expect_field(Cc::mps, NVME_CC_MPS_SHIFT, NVME_CC_MPS_MASK);
  expect_field(Cc::ams, NVME_CC_AMS_SHIFT, NVME_CC_AMS_MASK);
  expect_field(Cc::shn, NVME_CC_SHN_SHIFT, NVME_CC_SHN_MASK);
  expect_field(Cc::iosqes, NVME_CC_IOSQES_SHIFT, NVME_CC_IOSQES_MASK);
  expect_field(Cc::iocqes, NVME_CC_IOCQES_SHIFT, NVME_CC_IOCQES_MASK);
  expect_field(Cc::crime, NVME_CC_CRIME_SHIFT, NVME_CC_CRIME_MASK);
  expect_field(Csts::rdy, NVME_CSTS_RDY_SHIFT, NVME_CSTS_RDY_MASK);
  expect_field(Csts::cfs, NVME_CSTS_CFS_SHIFT, NVME_CSTS_CFS_MASK);
  expect_field(Csts::shst, NVME_CSTS_SHST_SHIFT, NVME_CSTS_SHST_MASK);
  expect_field(Csts::nssro, NVME_CSTS_NSSRO_SHIFT, NVME_CSTS_NSSRO_MASK);
  expect_field(Csts::pp, NVME_CSTS_PP_SHIFT, NVME_CSTS_PP_MASK);
  expect_field(Aqa::asqs, NVME_AQA_ASQS_SHIFT, NVME_AQA_ASQS_MASK);
  expect_field(Aqa::acqs, NVME_AQA_ACQS_SHIFT, NVME_AQA_ACQS_MASK);
  expect_field(Crto::crwmt, 0, NVME_CRTO_CRWMT_MASK);
  expect_field(Crto::crimt, 0, static_cast<std::uint32_t>(NVME_CRTO_CRIMT_MASK));
}

TEST(LibnvmeRegisters, of_the_controller_memory_buffer_have_fields_where_ours_do) {
  expect_field(Cmbloc::bir, NVME_CMBLOC_BIR_SHIFT, NVME_CMBLOC_BIR_MASK);
  expect_field(Cmbloc::cqmms, NVME_CMBLOC_CQMMS_SHIFT, NVME_CMBLOC_CQMMS_MASK);
  expect_field(Cmbloc::cqpds, NVME_CMBLOC_CQPDS_SHIFT, NVME_CMBLOC_CQPDS_MASK);
  expect_field(Cmbloc::cdpmls, NVME_CMBLOC_CDPLMS_SHIFT, NVME_CMBLOC_CDPLMS_MASK);
  expect_field(Cmbloc::cdpcils, NVME_CMBLOC_CDPCILS_SHIFT, NVME_CMBLOC_CDPCILS_MASK);
  expect_field(Cmbloc::cdmmms, NVME_CMBLOC_CDMMMS_SHIFT, NVME_CMBLOC_CDMMMS_MASK);
  expect_field(Cmbloc::cqda, NVME_CMBLOC_CQDA_SHIFT, NVME_CMBLOC_CQDA_MASK);
  expect_field(Cmbloc::ofst, NVME_CMBLOC_OFST_SHIFT, NVME_CMBLOC_OFST_MASK);
  expect_field(Cmbsz::sqs, NVME_CMBSZ_SQS_SHIFT, NVME_CMBSZ_SQS_MASK);
  expect_field(Cmbsz::cqs, NVME_CMBSZ_CQS_SHIFT, NVME_CMBSZ_CQS_MASK);
  expect_field(Cmbsz::lists, NVME_CMBSZ_LISTS_SHIFT, NVME_CMBSZ_LISTS_MASK);
  expect_field(Cmbsz::rds, NVME_CMBSZ_RDS_SHIFT, NVME_CMBSZ_RDS_MASK);
  expect_field(Cmbsz::wds, NVME_CMBSZ_WDS_SHIFT, NVME_CMBSZ_WDS_MASK);
  expect_field(Cmbsz::szu, NVME_CMBSZ_SZU_SHIFT, NVME_CMBSZ_SZU_MASK);
  expect_field(Cmbsz::sz, NVME_CMBSZ_SZ_SHIFT, NVME_CMBSZ_SZ_MASK);
  expect_field(Cmbmsc::cre, NVME_CMBMSC_CRE_SHIFT, NVME_CMBMSC_CRE_MASK);
  expect_field(Cmbmsc::cmse, NVME_CMBMSC_CMSE_SHIFT, NVME_CMBMSC_CMSE_MASK);
  EXPECT_EQ(Cmbmsc::cba.mask, ~0ull << NVME_CMBMSC_CBA_SHIFT);
}

TEST(LibnvmeRegisters, have_values_that_are_ours) {
  expect_same(Css::nvm, NVME_CC_CSS_NVM);
  expect_same(Css::all_supported, NVME_CC_CSS_CSI);
  expect_same(Css::admin_only, NVME_CC_CSS_ADMIN);
  expect_same(Ams::round_robin, NVME_CC_AMS_RR);
  expect_same(Ams::weighted_round_robin, NVME_CC_AMS_WRRU);
  expect_same(Ams::vendor_specific, NVME_CC_AMS_VS);
  expect_same(Shn::none, NVME_CC_SHN_NONE);
  expect_same(Shn::normal, NVME_CC_SHN_NORMAL);
  expect_same(Shn::abrupt, NVME_CC_SHN_ABRUPT);
  expect_same(Shst::normal_operation, NVME_CSTS_SHST_NORMAL);
  expect_same(Shst::occurring, NVME_CSTS_SHST_OCCUR);
  expect_same(Shst::complete, NVME_CSTS_SHST_CMPLT);
}

TEST(LibnvmeOpcodes, are_ours) {
  expect_same(AdminOpcode::delete_io_sq, nvme_admin_delete_sq);
  expect_same(AdminOpcode::create_io_sq, nvme_admin_create_sq);
  expect_same(AdminOpcode::get_log_page, nvme_admin_get_log_page);
  expect_same(AdminOpcode::delete_io_cq, nvme_admin_delete_cq);
  expect_same(AdminOpcode::create_io_cq, nvme_admin_create_cq);
  expect_same(AdminOpcode::identify, nvme_admin_identify);
  expect_same(AdminOpcode::abort, nvme_admin_abort_cmd);
  expect_same(AdminOpcode::set_features, nvme_admin_set_features);
  expect_same(AdminOpcode::get_features, nvme_admin_get_features);
  expect_same(AdminOpcode::async_event_request, nvme_admin_async_event);
  expect_same(AdminOpcode::namespace_management, nvme_admin_ns_mgmt);
  expect_same(AdminOpcode::firmware_commit, nvme_admin_fw_commit);
  expect_same(AdminOpcode::firmware_image_download, nvme_admin_fw_download);
  expect_same(AdminOpcode::device_self_test, nvme_admin_dev_self_test);
  expect_same(AdminOpcode::namespace_attachment, nvme_admin_ns_attach);
  expect_same(AdminOpcode::keep_alive, nvme_admin_keep_alive);
  expect_same(AdminOpcode::directive_send, nvme_admin_directive_send);
  expect_same(AdminOpcode::directive_receive, nvme_admin_directive_recv);
  expect_same(AdminOpcode::virtualization_management, nvme_admin_virtual_mgmt);
  expect_same(AdminOpcode::nvme_mi_send, nvme_admin_nvme_mi_send);
  expect_same(AdminOpcode::nvme_mi_receive, nvme_admin_nvme_mi_recv);
  expect_same(AdminOpcode::capacity_management, nvme_admin_capacity_mgmt);
  expect_same(AdminOpcode::lockdown, nvme_admin_lockdown);
  expect_same(AdminOpcode::doorbell_buffer_config, nvme_admin_dbbuf);
  expect_same(AdminOpcode::fabrics, nvme_admin_fabrics);
  expect_same(AdminOpcode::format_nvm, nvme_admin_format_nvm);
  expect_same(AdminOpcode::security_send, nvme_admin_security_send);
  expect_same(AdminOpcode::security_receive, nvme_admin_security_recv);
  expect_same(AdminOpcode::sanitize, nvme_admin_sanitize_nvm);
  expect_same(AdminOpcode::get_lba_status, nvme_admin_get_lba_status);
  expect_same(NvmOpcode::flush, nvme_cmd_flush);
  expect_same(NvmOpcode::write, nvme_cmd_write);
  expect_same(NvmOpcode::read, nvme_cmd_read);
  expect_same(NvmOpcode::write_uncorrectable, nvme_cmd_write_uncor);
  expect_same(NvmOpcode::compare, nvme_cmd_compare);
  expect_same(NvmOpcode::write_zeroes, nvme_cmd_write_zeroes);
  expect_same(NvmOpcode::dataset_management, nvme_cmd_dsm);
  expect_same(NvmOpcode::verify, nvme_cmd_verify);
  expect_same(NvmOpcode::reservation_register, nvme_cmd_resv_register);
  expect_same(NvmOpcode::reservation_report, nvme_cmd_resv_report);
  expect_same(NvmOpcode::reservation_acquire, nvme_cmd_resv_acquire);
  expect_same(NvmOpcode::reservation_release, nvme_cmd_resv_release);
  expect_same(NvmOpcode::copy, nvme_cmd_copy);
}

TEST(LibnvmeIdentifiers, of_structures_features_and_logs_are_ours) {
  expect_same(Cns::identify_namespace, NVME_IDENTIFY_CNS_NS);
  expect_same(Cns::controller, NVME_IDENTIFY_CNS_CTRL);
  expect_same(Cns::active_namespaces, NVME_IDENTIFY_CNS_NS_ACTIVE_LIST);
  expect_same(Cns::namespace_descriptors, NVME_IDENTIFY_CNS_NS_DESC_LIST);
  expect_same(Cns::namespace_of_command_set, NVME_IDENTIFY_CNS_CSI_NS);
  expect_same(Cns::controller_of_command_set, NVME_IDENTIFY_CNS_CSI_CTRL);
  expect_same(Cns::active_namespaces_of_command_set, NVME_IDENTIFY_CNS_CSI_NS_ACTIVE_LIST);
  expect_same(Cns::namespace_independent, NVME_IDENTIFY_CNS_CSI_INDEPENDENT_ID_NS);
  expect_same(Cns::allocated_namespaces, NVME_IDENTIFY_CNS_ALLOCATED_NS_LIST);
  expect_same(Cns::controllers_of_subsystem, NVME_IDENTIFY_CNS_CTRL_LIST);
  expect_same(Cns::io_command_sets, NVME_IDENTIFY_CNS_COMMAND_SET_STRUCTURE);
  expect_same(Nidt::eui64, NVME_NIDT_EUI64);
  expect_same(Nidt::nguid, NVME_NIDT_NGUID);
  expect_same(Nidt::uuid, NVME_NIDT_UUID);
  expect_same(Nidt::csi, NVME_NIDT_CSI);
  expect_same(Fid::arbitration, NVME_FEAT_FID_ARBITRATION);
  expect_same(Fid::temperature_threshold, NVME_FEAT_FID_TEMP_THRESH);
  expect_same(Fid::error_recovery, NVME_FEAT_FID_ERR_RECOVERY);
  expect_same(Fid::volatile_write_cache, NVME_FEAT_FID_VOLATILE_WC);
  expect_same(Fid::number_of_queues, NVME_FEAT_FID_NUM_QUEUES);
  expect_same(Fid::interrupt_coalescing, NVME_FEAT_FID_IRQ_COALESCE);
  expect_same(Fid::interrupt_vector_configuration, NVME_FEAT_FID_IRQ_CONFIG);
  expect_same(Fid::write_atomicity_normal, NVME_FEAT_FID_WRITE_ATOMIC);
  expect_same(Fid::async_event_configuration, NVME_FEAT_FID_ASYNC_EVENT);
  expect_same(Fid::keep_alive_timer, NVME_FEAT_FID_KATO);
  expect_same(Fid::host_behavior_support, NVME_FEAT_FID_HOST_BEHAVIOR);
  expect_same(Fid::io_command_set_profile, NVME_FEAT_FID_IOCS_PROFILE);
  expect_same(Fid::software_progress_marker, NVME_FEAT_FID_SW_PROGRESS);
  expect_same(Fid::namespace_write_protection, NVME_FEAT_FID_WRITE_PROTECT);
  expect_same(Lid::error_information, NVME_LOG_LID_ERROR);
  expect_same(Lid::smart, NVME_LOG_LID_SMART);
  expect_same(Lid::firmware_slots, NVME_LOG_LID_FW_SLOT);
  expect_same(Lid::changed_namespaces, NVME_LOG_LID_CHANGED_NS);
  expect_same(Lid::command_effects, NVME_LOG_LID_CMD_EFFECTS);
  expect_same(Lid::persistent_events, NVME_LOG_LID_PERSISTENT_EVENT);
  expect_same(Lid::sanitize_status, NVME_LOG_LID_SANITIZE);
}

TEST(LibnvmeFeatures, have_fields_where_ours_do) {
  expect_field(Arbitration::ab, NVME_FEAT_ARBITRATION_BURST_SHIFT, NVME_FEAT_ARBITRATION_BURST_MASK);
  expect_field(Arbitration::lpw, NVME_FEAT_ARBITRATION_LPW_SHIFT, NVME_FEAT_ARBITRATION_LPW_MASK);
  expect_field(Arbitration::mpw, NVME_FEAT_ARBITRATION_MPW_SHIFT, NVME_FEAT_ARBITRATION_MPW_MASK);
  expect_field(Arbitration::hpw, NVME_FEAT_ARBITRATION_HPW_SHIFT, NVME_FEAT_ARBITRATION_HPW_MASK);
  expect_field(PowerManagement::ps, NVME_FEAT_PWRMGMT_PS_SHIFT, NVME_FEAT_PWRMGMT_PS_MASK);
  expect_field(PowerManagement::wh, NVME_FEAT_PWRMGMT_WH_SHIFT, NVME_FEAT_PWRMGMT_WH_MASK);
  expect_field(TemperatureThreshold::tmpth, NVME_FEAT_TT_TMPTH_SHIFT, NVME_FEAT_TT_TMPTH_MASK);
  expect_field(TemperatureThreshold::tmpsel, NVME_FEAT_TT_TMPSEL_SHIFT, NVME_FEAT_TT_TMPSEL_MASK);
  expect_field(TemperatureThreshold::thsel, NVME_FEAT_TT_THSEL_SHIFT, NVME_FEAT_TT_THSEL_MASK);
  expect_field(ErrorRecovery::tler, NVME_FEAT_ERROR_RECOVERY_TLER_SHIFT, NVME_FEAT_ERROR_RECOVERY_TLER_MASK);
  expect_field(ErrorRecovery::dulbe, NVME_FEAT_ERROR_RECOVERY_DULBE_SHIFT, NVME_FEAT_ERROR_RECOVERY_DULBE_MASK);
  expect_field(VolatileWriteCache::wce, NVME_FEAT_VWC_WCE_SHIFT, NVME_FEAT_VWC_WCE_MASK);
  expect_field(NumberOfQueues::nsq, NVME_FEAT_NRQS_NSQR_SHIFT, NVME_FEAT_NRQS_NSQR_MASK);
  expect_field(NumberOfQueues::ncq, NVME_FEAT_NRQS_NCQR_SHIFT, NVME_FEAT_NRQS_NCQR_MASK);
  expect_field(InterruptCoalescing::thr, NVME_FEAT_IRQC_THR_SHIFT, NVME_FEAT_IRQC_THR_MASK);
  expect_field(InterruptCoalescing::time, NVME_FEAT_IRQC_TIME_SHIFT, NVME_FEAT_IRQC_TIME_MASK);
  expect_field(InterruptVectorConfiguration::iv, NVME_FEAT_ICFG_IV_SHIFT, NVME_FEAT_ICFG_IV_MASK);
  expect_field(InterruptVectorConfiguration::cd, NVME_FEAT_ICFG_CD_SHIFT, NVME_FEAT_ICFG_CD_MASK);
  expect_field(WriteAtomicityNormal::dn, NVME_FEAT_WA_DN_SHIFT, NVME_FEAT_WA_DN_MASK);
  expect_field(AsyncEventConfiguration::smart, NVME_FEAT_AE_SMART_SHIFT, NVME_FEAT_AE_SMART_MASK);
  expect_field(AsyncEventConfiguration::namespace_attributes, NVME_FEAT_AE_NAN_SHIFT, NVME_FEAT_AE_NAN_MASK);
  expect_field(AsyncEventConfiguration::firmware_activation, NVME_FEAT_AE_FW_SHIFT, NVME_FEAT_AE_FW_MASK);
  expect_field(AsyncEventConfiguration::telemetry, NVME_FEAT_AE_TELEM_SHIFT, NVME_FEAT_AE_TELEM_MASK);
  expect_field(AsyncEventConfiguration::ana_change, NVME_FEAT_AE_ANA_SHIFT, NVME_FEAT_AE_ANA_MASK);
  expect_field(AsyncEventConfiguration::predictable_latency, NVME_FEAT_AE_PLA_SHIFT, NVME_FEAT_AE_PLA_MASK);
  expect_field(AsyncEventConfiguration::lba_status, NVME_FEAT_AE_LBAS_SHIFT, NVME_FEAT_AE_LBAS_MASK);
  expect_field(AsyncEventConfiguration::endurance_group, NVME_FEAT_AE_EGA_SHIFT, NVME_FEAT_AE_EGA_MASK);
}

TEST(LibnvmeCommands, have_bits_where_ours_do) {
  // libnvme keeps bits 31:16 of dword 12 as a word of its own.
  expect_field(BlockCommand::Cdw12::stc, 16, NVME_IO_STC);
  expect_field(BlockCommand::Cdw12::deac, 16, NVME_IO_DEAC);
  expect_field(BlockCommand::Cdw12::prinfo, 16,
               NVME_IO_PRINFO_PRCHK_REF | NVME_IO_PRINFO_PRCHK_APP | NVME_IO_PRINFO_PRCHK_GUARD | NVME_IO_PRINFO_PRACT);
  expect_field(BlockCommand::Cdw12::fua, 16, NVME_IO_FUA);
  expect_field(BlockCommand::Cdw12::lr, 16, NVME_IO_LR);
  expect_field(DatasetManagement::Cdw11::idr, 0, NVME_DSMGMT_IDR);
  expect_field(DatasetManagement::Cdw11::idw, 0, NVME_DSMGMT_IDW);
  expect_field(DatasetManagement::Cdw11::ad, 0, NVME_DSMGMT_AD);
}

TEST(LibnvmeIdentifyBits, are_ours) {
  expect_field(Oacs::format_nvm, 0, NVME_CTRL_OACS_FORMAT);
  expect_field(Oacs::firmware, 0, NVME_CTRL_OACS_FW);
  expect_field(Oacs::namespace_management, 0, NVME_CTRL_OACS_NS_MGMT);
  expect_field(Oacs::doorbell_buffer_config, 0, NVME_CTRL_OACS_DBBUF_CFG);
  expect_field(Oacs::lockdown, 0, NVME_CTRL_OACS_CMD_FEAT_LD);
  expect_field(Oncs::compare, 0, NVME_CTRL_ONCS_COMPARE);
  expect_field(Oncs::write_uncorrectable, 0, NVME_CTRL_ONCS_WRITE_UNCORRECTABLE);
  expect_field(Oncs::dataset_management, 0, NVME_CTRL_ONCS_DSM);
  expect_field(Oncs::write_zeroes, 0, NVME_CTRL_ONCS_WRITE_ZEROES);
  expect_field(Oncs::save_and_select, 0, NVME_CTRL_ONCS_SAVE_FEATURES);
  expect_field(Oncs::verify, 0, NVME_CTRL_ONCS_VERIFY);
  expect_field(Oncs::copy, 0, NVME_CTRL_ONCS_COPY);
  expect_field(Vwc::present, 0, NVME_CTRL_VWC_PRESENT);
  expect_field(Vwc::flush_all, 0, NVME_CTRL_VWC_FLUSH);
  expect_field(Oaes::namespace_attributes, 0, NVME_CTRL_OAES_NA);
  expect_field(Oaes::normal_shutdown, 0, NVME_CTRL_OAES_NS);
  expect_field(Ctratt::host_identifier_128_bits, 0, NVME_CTRL_CTRATT_128_ID);
  expect_field(Ctratt::multi_domain, 0, NVME_CTRL_CTRATT_MDS);
  expect_field(Ctratt::extended_lba_formats, 0, NVME_CTRL_CTRATT_ELBAS);
  expect_field(Lpa::command_effects, 0, NVME_CTRL_LPA_CMD_EFFECTS);
  expect_field(Lpa::extended_data, 0, NVME_CTRL_LPA_EXTENDED);
  expect_field(Nwpc::until_power_cycle, 0, NVME_CTRL_NWPC_WRITE_PROTECT_POWER_CYCLE);
  expect_field(Sgls::support, 0, NVME_CTRL_SGLS_SUPPORTED);
  expect_field(Sgls::bit_bucket, 0, NVME_CTRL_SGLS_BIT_BUCKET);
  expect_field(Sgls::offsets, 0, NVME_CTRL_SGLS_OFFSET);
  expect_field(Flbas::index_low, 0, NVME_NS_FLBAS_LOWER_MASK);
  expect_field(Flbas::metadata_extended, 0, NVME_NS_FLBAS_META_EXT);
  expect_field(Flbas::index_high, 0, NVME_NS_FLBAS_HIGHER_MASK);
  expect_field(Dlfeat::read, 0, NVME_NS_DLFEAT_RB);
  expect_field(Dlfeat::deallocate_in_write_zeroes, 0, NVME_NS_DLFEAT_WRITE_ZEROES);
  expect_field(Nsfeat::thin_provisioning, 0, NVME_NS_FEAT_THIN);
  expect_field(Nsfeat::optimal_performance, 0, NVME_NS_FEAT_IO_OPT);
  expect_field(Fuses::compare_and_write, 0, NVME_CTRL_FUSES_COMPARE_AND_WRITE);
  expect_field(CriticalWarning::read_only, 0, NVME_SMART_CRIT_MEDIA);
  expect_field(CommandEffects::csupp, 0, NVME_CMD_EFFECTS_CSUPP);
  expect_field(CommandEffects::uss, 0, NVME_CMD_EFFECTS_UUID_SEL);
}

TEST(LibnvmeAsyncEvents, are_ours) {
  expect_same(AsyncEventType::error, NVME_AER_ERROR);
  expect_same(AsyncEventType::smart, NVME_AER_SMART);
  expect_same(AsyncEventType::notice, NVME_AER_NOTICE);
  expect_same(AsyncEventType::io_command_set, NVME_AER_CSS);
  expect_same(AsyncEventType::vendor_specific, NVME_AER_VS);
  expect_same(AsyncErrorInfo::invalid_doorbell_register, NVME_AER_ERROR_INVALID_DB_REG);
  expect_same(AsyncErrorInfo::invalid_doorbell_value, NVME_AER_ERROR_INVALID_DB_VAL);
  expect_same(AsyncErrorInfo::firmware_image_load_error, NVME_AER_ERROR_FW_IMAGE_LOAD_ERROR);
  expect_same(AsyncSmartInfo::temperature_threshold, NVME_AER_SMART_TEMPERATURE_THRESHOLD);
  expect_same(AsyncSmartInfo::spare_below_threshold, NVME_AER_SMART_SPARE_THRESHOLD);
  expect_same(AsyncNoticeInfo::namespace_attribute_changed, NVME_AER_NOTICE_NS_CHANGED);
  expect_same(AsyncNoticeInfo::firmware_activation_starting, NVME_AER_NOTICE_FW_ACT_STARTING);
  expect_same(AsyncNoticeInfo::endurance_group_log_changed, NVME_AER_NOTICE_EG_EVENT);
  expect_same(AsyncNvmInfo::sanitize_completed, NVME_AER_CSS_NVM_SANITIZE_COMPLETED);
}

}  // namespace
}  // namespace phasebit::spec
