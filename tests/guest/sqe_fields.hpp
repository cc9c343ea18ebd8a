// The fields of the commands in the list, by the specification's names and places.
#pragma once

#include "tests/guest/listed_command.hpp"

namespace phasebit::guest {

// Fields that every command has (Base 2.0 Figure 87).
inline const SqeField opcode{"opcode", 0, 0, 8};
inline const SqeField fuse{"fuse", 0, 8, 2};
inline const SqeField reserved_flags{"dword 0 bits 13:10", 0, 10, 4};
inline const SqeField psdt{"psdt", 0, 14, 2};
inline const SqeField nsid{"nsid", 1};
inline const SqeField dword2{"dword 2", 2};
inline const SqeField dword3{"dword 3", 3};
inline const SqeField mptr{"mptr", 4, 0, 64};

// Of the NVM command set (NVM Command Set 1.0 §3.2).
inline const SqeField slba{"slba", 10, 0, 64};
inline const SqeField nlb{"nlb", 12, 0, 16};
inline const SqeField nlb_reserved{"dword 12 bits 19:16", 12, 16, 4};
inline const SqeField dtype{"dtype", 12, 20, 4};
inline const SqeField deac{"deac", 12, 25, 1};
inline const SqeField prinfo{"prinfo", 12, 26, 4};
inline const SqeField fua{"fua", 12, 30, 1};
inline const SqeField limited_retry{"lr", 12, 31, 1};
inline const SqeField dsm{"dsm", 13, 0, 8};
inline const SqeField dspec{"dspec", 13, 16, 16};
inline const SqeField expected_reftag{"dword 14", 14};
inline const SqeField expected_apptag{"dword 15", 15};
inline const SqeField ranges{"nr", 10, 0, 8};
inline const SqeField attributes{"dword 11", 11};

// Of admin commands (Base 2.0 §5).
inline const SqeField cns{"cns", 10, 0, 8};
inline const SqeField cntid{"cntid", 10, 16, 16};
inline const SqeField cnssid{"cnssid", 11, 0, 16};
inline const SqeField csi_of_identify{"csi", 11, 24, 8};
inline const SqeField uuid_index{"uuid index", 14, 0, 7};
inline const SqeField lid{"lid", 10, 0, 8};
inline const SqeField lsp{"lsp", 10, 8, 7};
inline const SqeField rae{"rae", 10, 15, 1};
inline const SqeField numdl{"numdl", 10, 16, 16};
inline const SqeField numdu{"numdu", 11, 0, 16};
inline const SqeField lsi{"lsi", 11, 16, 16};
inline const SqeField lpo{"lpo", 12, 0, 64};
inline const SqeField offset_type{"ot", 14, 23, 1};
inline const SqeField csi_of_log{"csi", 14, 24, 8};
inline const SqeField fid{"fid", 10, 0, 8};
inline const SqeField select{"sel", 10, 8, 3};
inline const SqeField save{"sv", 10, 31, 1};
inline const SqeField feature_value{"dword 11", 11};
inline const SqeField qid{"qid", 10, 0, 16};
inline const SqeField qsize{"qsize", 10, 16, 16};
inline const SqeField physically_contiguous{"pc", 11, 0, 1};
inline const SqeField interrupts{"ien", 11, 1, 1};
inline const SqeField vector{"iv", 11, 16, 16};
inline const SqeField qprio{"qprio", 11, 1, 2};
inline const SqeField cqid{"cqid", 11, 16, 16};
inline const SqeField nvm_set{"nvmsetid", 12, 0, 16};
inline const SqeField abort_sqid{"sqid", 10, 0, 16};
inline const SqeField abort_cid{"cid", 10, 16, 16};

}  // namespace phasebit::guest
