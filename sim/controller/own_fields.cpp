#include "sim/controller/own_fields.hpp"

namespace phasebit::sim {
namespace {

// Base 2.0 Figure 275.
constexpr OwnField identify_controller_fields[] = {
    {"VID", 0, 2},                ///< configuration space says it too
    {"SSVID", 2, 2},              ///< likewise
    {"CMIC bit 3", 76, 1, 0x08},  ///< asymmetric namespace access: a log page
    {"MDTS", 77},
    {"VER", 80, 4},
    {"RTD3E", 88, 4},
    {"CTRATT", 96, 4},  ///< log pages and features of many kinds
    {"RRLS", 100, 2},   ///< a feature
    {"CNTRLTYPE", 111},
    {"CRDT1", 128, 2},
    {"CRDT2", 130, 2},
    {"CRDT3", 132, 2},
    {"OACS", 256, 2},  ///< commands
    {"ACL", 258},
    {"AERL", 259},
    {"LPA", 261},  ///< log pages, and how they are asked for
    {"ELPE", 262},
    {"NPSS", 263},
    {"APSTA", 265},     ///< a feature
    {"HMPRE", 272, 4},  ///< a feature
    {"HMMIN", 276, 4},  ///< likewise
    {"RPMBS", 312, 4},  ///< commands
    {"KAS", 320, 2},
    {"HCTMA", 322, 2},    ///< a feature
    {"SANICAP", 328, 4},  ///< a command
    {"SQES", 512},
    {"CQES", 513},
    {"NN", 516, 4},
    {"ONCS", 520, 2},
    {"FUSES", 522, 2},
    {"VWC", 525},
    {"AWUPF", 528, 2},
    {"NWPC", 531},  ///< a feature
    {"SGLS", 536, 4},
};

// NVM Command Set 1.0 §4.1.5.4.
constexpr OwnField identify_controller_nvm_fields[] = {{"DMRL", 3}};

// NVM Command Set 1.0 §4.1.5.1. Which LBA format is in use is looked at as a whole, see validate.
constexpr OwnField identify_namespace_fields[] = {
    {"NSZE", 0, 8},  {"NCAP", 8, 8},
    {"NUSE", 16, 8}, {"NSFEAT bits 2:1", 24, 1, 0x06},  ///< atomic units of its own, errors for deallocated blocks
    {"DPS", 29},     {"RESCAP", 31},                    ///< commands
    {"DLFEAT", 33},  {"NSATTR bit 0", 99, 1, 0x01},     ///< write protection
};

// Base 2.0 Figure 207: what counts, and the temperature. Spare, wear and what only vendors count inform.
constexpr OwnField smart_log_fields[] = {
    {"Critical Warning bit 1", 0, 1, 0x02},
    {"Composite Temperature", 1, 2},
    {"Data Units Read", 32, 16},
    {"Data Units Written", 48, 16},
    {"Host Read Commands", 64, 16},
    {"Host Write Commands", 80, 16},
    {"Controller Busy Time", 96, 16},
    {"Power Cycles", 112, 16},
    {"Power On Hours", 128, 16},
    {"Unsafe Shutdowns", 144, 16},
    {"Media and Data Integrity Errors", 160, 16},
    {"Number of Error Information Log Entries", 176, 16},
};

}  // namespace

std::span<const OwnField> own_fields_of_identify_controller() {
  return identify_controller_fields;
}

std::span<const OwnField> own_fields_of_identify_controller_nvm() {
  return identify_controller_nvm_fields;
}

std::span<const OwnField> own_fields_of_identify_namespace() {
  return identify_namespace_fields;
}

std::span<const OwnField> own_fields_of_smart_log() {
  return smart_log_fields;
}

std::span<const OwnField> own_fields_of_firmware_log() {
  return {};
}

}  // namespace phasebit::sim
