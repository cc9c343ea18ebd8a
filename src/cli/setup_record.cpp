#include "src/cli/setup_record.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "hw/device_name.hpp"
#include "scenarios/engine/scalar.hpp"
#include "scenarios/engine/text_file.hpp"

namespace phasebit::cli {
namespace {

using scenarios::Json;

constexpr const char* setup_folder = "/run/phasebit";
constexpr const char* setup_lock_file = "/run/phasebit/setup.lock";
constexpr std::uint64_t record_bytes_max = 1 << 20;

Json record_json(const SetupRecord& record) {
  Json json{{"functions", Json::array()}, {"hugepages", Json::array()}};
  for (const auto& [address, state] : record.functions) {
    json["functions"].push_back({{"address", hw::text(address)},
                                 {"driver", state.driver ? Json(*state.driver) : Json(nullptr)},
                                 {"driver_override", state.driver_override}});
  }
  for (const HugepageCount& pool : record.hugepages) {
    json["hugepages"].push_back(
        {{"page_bytes", pool.page_bytes}, {"node", pool.node ? Json(*pool.node) : Json(nullptr)}, {"count", pool.count}});
  }
  return json;
}

/// Throws what nlohmann throws at a tree of another shape, and hw's refusal of an address.
SetupRecord record_from(const Json& json) {
  SetupRecord record;
  for (const Json& function : json.at("functions")) {
    hw::DriverState state;
    state.driver_override = function.at("driver_override").get<std::string>();
    if (!function.at("driver").is_null()) {
      state.driver = function.at("driver").get<std::string>();
    }
    record.functions[hw::parse_device_name(function.at("address").get<std::string>()).value()] = state;
  }
  for (const Json& pool : json.at("hugepages")) {
    HugepageCount count{pool.at("page_bytes").get<std::uint64_t>(), std::nullopt, pool.at("count").get<std::uint64_t>()};
    if (!pool.at("node").is_null()) {
      count.node = pool.at("node").get<unsigned>();
    }
    record.hugepages.push_back(count);
  }
  return record;
}

tl::unexpected<hw::Refusal> refuse_record(const std::string& why) {
  return hw::refuse(Errc::environment, fmt::format("{}: {}", setup_record_file, why));
}

tl::unexpected<hw::Refusal> refuse_setup_file(const std::string& file, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return hw::refuse(denied ? Errc::permission_denied : Errc::environment,
                    fmt::format("{}: cannot be written: {}{}", file, std::strerror(error), denied ? "; run this as root" : ""));
}

}  // namespace

hw::Answer<SetupRecord> read_record(const hw::Machine& machine) {
  if (!machine.has(setup_record_file)) {
    return SetupRecord();
  }
  const scenarios::Checked<std::string> text = scenarios::read_file(machine.at(setup_record_file).string(), record_bytes_max);
  if (!text) {
    return refuse_record(text.error().front().text);
  }
  try {
    return record_from(Json::parse(*text));
  } catch (const std::exception&) {
    return refuse_record("is not what `phasebit setup` writes; put back by hand what it tells of, and remove it");
  }
}

hw::Answer<void> write_record(const hw::Machine& machine, const SetupRecord& record) {
  if (record.is_empty()) {
    std::error_code error;
    std::filesystem::remove(machine.at(setup_record_file), error);
    return error ? refuse_setup_file(setup_record_file, error.value()) : hw::Answer<void>();
  }
  const auto written = scenarios::write_file(machine.at(setup_record_file).string(), record_json(record).dump(2) + "\n");
  return written ? hw::Answer<void>() : refuse_record(written.error().front().text);
}

hw::Answer<hw::FileDescriptor> lock_setup(const hw::Machine& machine) {
  std::error_code error;
  std::filesystem::create_directories(machine.at(setup_folder), error);
  if (error) {
    return refuse_setup_file(setup_folder, error.value());
  }
  // Nobody else may open it: whoever can, can lock it.
  hw::FileDescriptor lock(::open(machine.at(setup_lock_file).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) {
    return refuse_setup_file(setup_lock_file, errno);
  }
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? hw::refuse(Errc::busy, fmt::format("another `phasebit setup` is at work ({} is locked); try again "
                                                                     "when it has ended",
                                                                     setup_lock_file))
                                : refuse_setup_file(setup_lock_file, errno);
  }
  return lock;
}

}  // namespace phasebit::cli
