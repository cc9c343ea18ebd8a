// Which register lies at an offset (Base 2.0 Figure 35), how wide it is and what it is called.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "src/spec/registers.hpp"

namespace phasebit::spec {

struct RegisterPlace {
  std::uint32_t offset;
  std::uint32_t bytes;
  std::string_view name;
};

/// Every register below the doorbells, by offset. Optional ones are here whether a controller has them or not.
inline constexpr auto register_map = std::to_array<RegisterPlace>({
    {offset::cap, 8, "CAP"},       {offset::vs, 4, "VS"},           {offset::intms, 4, "INTMS"},     {offset::intmc, 4, "INTMC"},
    {offset::cc, 4, "CC"},         {offset::csts, 4, "CSTS"},       {offset::nssr, 4, "NSSR"},       {offset::aqa, 4, "AQA"},
    {offset::asq, 8, "ASQ"},       {offset::acq, 8, "ACQ"},         {offset::cmbloc, 4, "CMBLOC"},   {offset::cmbsz, 4, "CMBSZ"},
    {offset::bpinfo, 4, "BPINFO"}, {offset::bprsel, 4, "BPRSEL"},   {offset::bpmbl, 8, "BPMBL"},     {offset::cmbmsc, 8, "CMBMSC"},
    {offset::cmbsts, 4, "CMBSTS"}, {offset::cmbebs, 4, "CMBEBS"},   {offset::cmbswtp, 4, "CMBSWTP"}, {offset::nssd, 4, "NSSD"},
    {offset::crto, 4, "CRTO"},     {offset::pmrcap, 4, "PMRCAP"},   {offset::pmrctl, 4, "PMRCTL"},   {offset::pmrsts, 4, "PMRSTS"},
    {offset::pmrebs, 4, "PMREBS"}, {offset::pmrswtp, 4, "PMRSWTP"}, {offset::pmrmscl, 4, "PMRMSCL"}, {offset::pmrmscu, 4, "PMRMSCU"},
});

/// The register that covers a byte, or nullptr for a hole and for everything from the doorbells on.
constexpr const RegisterPlace* register_at(std::uint64_t byte) {
  for (const RegisterPlace& place : register_map) {
    if (byte >= place.offset && byte < place.offset + place.bytes) {
      return &place;
    }
  }
  return nullptr;
}

}  // namespace phasebit::spec
