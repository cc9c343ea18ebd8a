#include "src/cli/identify_json.hpp"

#include <algorithm>
#include <string>

#include "src/cli/shown.hpp"

namespace phasebit::cli {
namespace {

using scenarios::Json;

/// IEEE is three bytes, least significant first.
std::uint32_t oui(const std::array<std::uint8_t, 3>& ieee) {
  return static_cast<std::uint32_t>(ieee[0]) | static_cast<std::uint32_t>(ieee[1]) << 8 | static_cast<std::uint32_t>(ieee[2]) << 16;
}

std::string capacity(const spec::Le128& bytes) {
  return std::to_string(bytes.saturated());
}

/// SUBNQN ends at its first NUL.
std::string nqn(const std::array<char, 256>& field) {
  std::array<char, 256> text{};
  std::copy(field.begin(), std::find(field.begin(), field.end(), '\0'), text.begin());
  return shown(text);
}

Json power_states(const spec::IdentifyController& id) {
  Json states = Json::array();
  for (std::size_t i = 0; i <= id.npss && i < id.psd.size(); ++i) {
    const spec::PowerStateDescriptor& state = id.psd[i];
    states.push_back({{"max_power", state.mp.get()},
                      {"flags", state.flags},
                      {"entry_lat", state.enlat.get()},
                      {"exit_lat", state.exlat.get()},
                      {"read_tput", state.rrt},
                      {"read_lat", state.rrl},
                      {"write_tput", state.rwt},
                      {"write_lat", state.rwl},
                      {"idle_power", state.idlp.get()},
                      {"idle_scale", state.ips},
                      {"active_power", state.actp.get()},
                      {"active_work_scale", state.apw_aps}});
  }
  return states;
}

/// Bytes 0 to 255.
void add_identity(const spec::IdentifyController& id, Json& json) {
  json["vid"] = id.vid.get();
  json["ssvid"] = id.ssvid.get();
  json["sn"] = shown(id.sn);
  json["mn"] = shown(id.mn);
  json["fr"] = shown(id.fr);
  json["rab"] = id.rab;
  json["ieee"] = oui(id.ieee);
  json["cmic"] = id.cmic;
  json["mdts"] = id.mdts;
  json["cntlid"] = id.cntlid.get();
  json["ver"] = id.ver.get();
  json["rtd3r"] = id.rtd3r.get();
  json["rtd3e"] = id.rtd3e.get();
  json["oaes"] = id.oaes.get();
  json["ctratt"] = id.ctratt.get();
  json["rrls"] = id.rrls.get();
  json["cntrltype"] = id.cntrltype;
  json["crdt1"] = id.crdt[0].get();
  json["crdt2"] = id.crdt[1].get();
  json["crdt3"] = id.crdt[2].get();
  json["nvmsr"] = id.nvmsr;
  json["vwci"] = id.vwci;
  json["mec"] = id.mec;
}

/// Bytes 256 to 511.
void add_admin(const spec::IdentifyController& id, Json& json) {
  json["oacs"] = id.oacs.get();
  json["acl"] = id.acl;
  json["aerl"] = id.aerl;
  json["frmw"] = id.frmw;
  json["lpa"] = id.lpa;
  json["elpe"] = id.elpe;
  json["npss"] = id.npss;
  json["avscc"] = id.avscc;
  json["apsta"] = id.apsta;
  json["wctemp"] = id.wctemp.get();
  json["cctemp"] = id.cctemp.get();
  json["mtfa"] = id.mtfa.get();
  json["hmpre"] = id.hmpre.get();
  json["hmmin"] = id.hmmin.get();
  json["tnvmcap"] = capacity(id.tnvmcap);
  json["unvmcap"] = capacity(id.unvmcap);
  json["rpmbs"] = id.rpmbs.get();
  json["edstt"] = id.edstt.get();
  json["dsto"] = id.dsto;
  json["fwug"] = id.fwug;
  json["kas"] = id.kas.get();
  json["hctma"] = id.hctma.get();
  json["mntmt"] = id.mntmt.get();
  json["mxtmt"] = id.mxtmt.get();
  json["sanicap"] = id.sanicap.get();
  json["hmminds"] = id.hmminds.get();
  json["hmmaxd"] = id.hmmaxd.get();
  json["nsetidmax"] = id.nsetidmax.get();
  json["endgidmax"] = id.endgidmax.get();
  json["anatt"] = id.anatt;
  json["anacap"] = id.anacap;
  json["anagrpmax"] = id.anagrpmax.get();
  json["nanagrpid"] = id.nanagrpid.get();
  json["pels"] = id.pels.get();
  json["domainid"] = id.domainid.get();
  json["megcap"] = capacity(id.megcap);
}

/// From byte 512 on.
void add_io(const spec::IdentifyController& id, Json& json) {
  json["sqes"] = id.sqes;
  json["cqes"] = id.cqes;
  json["maxcmd"] = id.maxcmd.get();
  json["nn"] = id.nn.get();
  json["oncs"] = id.oncs.get();
  json["fuses"] = id.fuses.get();
  json["fna"] = id.fna;
  json["vwc"] = id.vwc;
  json["awun"] = id.awun.get();
  json["awupf"] = id.awupf.get();
  json["icsvscc"] = id.icsvscc;
  json["nwpc"] = id.nwpc;
  json["acwu"] = id.acwu.get();
  json["ocfs"] = id.cdfs.get();
  json["sgls"] = id.sgls.get();
  json["mnan"] = id.mnan.get();
  json["maxdna"] = capacity(id.maxdna);
  json["maxcna"] = id.maxcna.get();
  json["subnqn"] = nqn(id.subnqn);
  json["psds"] = power_states(id);
}

}  // namespace

Json identify_json(const spec::IdentifyController& identify) {
  Json json = Json::object();
  add_identity(identify, json);
  add_admin(identify, json);
  add_io(identify, json);
  return json;
}

}  // namespace phasebit::cli
