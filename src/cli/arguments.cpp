#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>

#include "src/cli/commands.hpp"
#include "src/cli/output.hpp"

namespace phasebit::cli {
namespace {

constexpr unsigned jobs_max = 256;
constexpr std::uint64_t mem_size_max = 1ull << 30;  // MiB: more than any machine has

unsigned cores() {
  return std::clamp(std::thread::hardware_concurrency(), 1u, jobs_max);
}

/// A seed as text; CLI11 prints the complaint.
CLI::Validator seed_validator() {
  return CLI::Validator(
      [](std::string& text) {
        return scenarios::parse_seed(text) ? std::string()
                                           : "'" + text + "' is no seed: a decimal number, 0x..., or the 40 digits of a commit";
      },
      "SEED");
}

CLI::Validator seeds_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const bool has_dots = text.find("..") != std::string::npos;
        return has_dots && scenarios::parse_range(text) ? std::string()
                                                        : "'" + text + "' is no range of seeds: A..B, both included, A not above B";
      },
      "A..B");
}

CLI::Validator size_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto bytes = scenarios::parse_size(text);
        return bytes && *bytes > 0 && *bytes <= perf_io_bytes_max ? std::string()
                                                                  : "'" + text + "' is no size from 1 to 16m: bytes, or as 4k, 1m";
      },
      "SIZE");
}

CLI::Validator page_size_validator() {
  return CLI::Validator(
      [](std::string& text) {
        const auto bytes = scenarios::parse_size(text);
        return bytes && *bytes >= 4096 ? std::string() : "'" + text + "' is no size of a page, as 2M or 1G";
      },
      "SIZE");
}

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// Of the verbs of `app` the one that `word` is nearest to, or all.
std::string known_verbs(const CLI::App& app, const std::string& word) {
  std::vector<std::string> verbs;
  std::string list;
  for (const CLI::App* const verb : verbs_of(app)) {
    verbs.push_back(verb->get_name());
    list += (list.empty() ? "" : ", ") + verb->get_name();
  }
  const std::string meant = scenarios::nearest_spelling(word, verbs);
  return meant.empty() ? "the verbs are " + list : "did you mean " + meant + "?";
}

/// One member per option; CLI11 fills in texts, which become the command.
class Arguments {
 public:
  Arguments() : app_("A user-space NVMe driver that can be proved in CI", "phasebit") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "phasebit " PHASEBIT_VERSION);
    app_.set_help_all_flag("--help-all", "Help for every verb");
    add_run();
    add_swarm();
    add_others();
    add_hello();
    add_perf();
    add_validate();
    add_setup();
    refuse_empty_words(app_);
  }

  Command parse(int argc, char** argv) {
    if (has_unknown_verb(argc, argv)) {
      return NoCommand{ExitCode::usage};
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      // Help and version are "errors" that end well; everything else is a mistake of the caller, whatever number CLI11 has for it.
      return NoCommand{app_.exit(error) == 0 ? ExitCode::clean : ExitCode::usage};
    }
    return command();
  }

 private:
  /// CLI11 misses a verb, and does not say which word it took for none.
  bool has_unknown_verb(int argc, char** argv) const {
    const CLI::App* app = &app_;
    std::string prefix;
    for (int i = 1; i < argc && argv[i][0] != '-' && app->get_require_subcommand_min() > 0; ++i) {
      const std::string word = argv[i];
      const auto verbs = verbs_of(*app);
      const auto verb = std::ranges::find(verbs, word, [](const CLI::App* each) { return each->get_name(); });
      if (verb == verbs.end()) {
        tell(fmt::format("phasebit: {}there is no verb \"{}\"; {}\n", prefix, word, known_verbs(*app, word)));
        return true;
      }
      app = *verb;
      prefix = word + ": ";
    }
    return false;
  }

  void add_run() {
    run_.jobs = cores();
    CLI::App* const verb = app_.add_subcommand("run", "Run scenario files, or all below a directory");
    verb->add_option("PATH", run_.paths, "Files or directories")->required();
    verb->add_option("--seed", seed_, "Another seed than the file's")->check(seed_validator());
    verb->add_option("--jobs", run_.jobs, "Worker processes")->check(CLI::Range(1u, jobs_max))->capture_default_str();
    verb->add_option("--junit", run_.junit, "Write JUnit XML to this file");
    verb->add_option("--report", run_.report, "Write index.html, junit.xml, summary.json and failure files to this directory");
    verb->add_option("--trace", run_.trace, "Record the stream of the one scenario to this file");
    add_device(*verb, run_.target.device, run_.target.environment);
    add_consent(*verb, run_.target.consent);
    verb->add_option("--deadline-scale", run_.target.deadline_scale, "Deadlines on a real drive, in per cent of the file's")
        ->check(CLI::Range(1u, 10'000u))
        ->capture_default_str();
    verb->add_flag("--trace-hash", run_.trace_hash, "Print the hash of each scenario's stream");
  }

  void add_swarm() {
    swarm_.jobs = cores();
    CLI::App* const verb = app_.add_subcommand("swarm", "Run a random world from each seed");
    verb->add_option("--seeds", seeds_, "Seeds, both ends included")->required()->check(seeds_validator());
    verb->add_option("--jobs", swarm_.jobs, "Worker processes")->check(CLI::Range(1u, jobs_max))->capture_default_str();
    verb->add_option("--junit", swarm_.junit, "Write JUnit XML to this file");
    verb->add_option("--report", swarm_.report, "Write a report and failure files to this directory");
  }

  void add_others() {
    app_.add_subcommand("list", "List scenarios")
        ->add_option("PATH", list_.path, "A file or directory, from where you are")
        ->capture_default_str();
    app_.add_subcommand("rules", "List the rules that a host must obey")->add_option("ID", rules_.id, "Only this rule");
    CLI::App* const replay = app_.add_subcommand("replay", "Run a failure file; its verdict is the exit code if the hash agrees, else 4");
    replay->add_option("FILE", replay_.file, "A failure file")->required();
    replay->add_option("--trace", replay_.trace, "Record the stream to this file");
    CLI::App* const identify = app_.add_subcommand("identify", "Identify the emulated drive or a real one");
    add_device(*identify, identify_.device, identify_.environment);
    add_drive(*identify, identify_.drive);
    identify->add_flag("--json", identify_.json, "As JSON, in nvme-cli's names");
    CLI::App* const capture =
        app_.add_subcommand("capture", "Print a scenario whose emulated drive answers as this one; only reads from it");
    add_device(*capture, capture_.device, capture_.environment);
    add_drive(*capture, capture_.drive);
  }

  void add_hello() {
    CLI::App* const verb = app_.add_subcommand("hello", "Write one block, read it, compare: on the emulated drive or on a real one");
    add_device(*verb, hello_.device, hello_.environment);
    add_consent(*verb, hello_.consent);
  }

  void add_perf() {
    CLI::App* const verb = app_.add_subcommand("perf", "Measure the emulated drive or a real one under load");
    add_device(*verb, perf_.device, perf_.environment);
    add_consent(*verb, perf_.consent);
    verb->add_option("-q,--iodepth", perf_.load.iodepth, "Operations outstanding")->check(CLI::Range(1u, 4096u))->capture_default_str();
    verb->add_option("-o,--io-size", io_size_, "Bytes of each operation, as 4096 or 4k")->check(size_validator())->capture_default_str();
    verb->add_option("-w,--io-pattern", pattern_, "read, write, randread, randwrite, rw or randrw")
        ->check(CLI::IsMember(pattern_words()))
        ->capture_default_str();
    verb->add_option("-M,--rwmixread", perf_.load.rwmixread, "Per cent of reads of rw and randrw")
        ->check(CLI::Range(0u, 100u))
        ->capture_default_str();
    verb->add_option("-t,--time", perf_.load.seconds, "Seconds, virtual ones on the emulated drive")
        ->check(CLI::Range(1u, 86400u))
        ->capture_default_str();
    verb->add_flag("--interrupts", perf_.load.interrupts, "Sleep until interrupts tell of completions, instead of looking again and again");
    verb->add_flag("--json", perf_.json, "As JSON");
  }

  void add_validate() {
    CLI::App* const verb =
        app_.add_subcommand("validate", "Give a verdict on a drive: identity, limits, data, power, resets, logs, latency");
    add_device(*verb, validate_.device, validate_.environment);
    add_consent(*verb, validate_.consent);
    verb->add_option("--latency-max", latency_max_, "Milliseconds that the 99th of a hundred reads may take")
        ->check(CLI::Range(1u, 60'000u))
        ->capture_default_str();
    verb->add_flag("--json", validate_.json, "As JSON");
  }

  void add_setup() {
    CLI::App* const setup = app_.add_subcommand("setup", "Drives and hugepages for programs in user space, and back");
    setup->require_subcommand(1);
    setup->add_subcommand("status", "Each NVMe function, its driver and its users; hugepages; IOMMU")
        ->add_flag("--json", setup_status_.json, "As JSON");
    CLI::App* const bind = setup->add_subcommand("bind", "Give drives that nobody uses to vfio-pci");
    bind->add_option("BDF", setup_bind_.devices, "PCI addresses, as 0000:01:00.0; every drive if none is named");
    bind->add_option("--driver", setup_bind_.driver, "Without it vfio-pci, or uio_pci_generic where there is no IOMMU")
        ->check(CLI::IsMember({"vfio-pci", "uio_pci_generic"}));
    setup->add_subcommand("unbind", "Give drives back to the kernel's nvme driver")
        ->add_option("BDF", setup_unbind_.devices, "PCI addresses, as 0000:01:00.0")
        ->required();
    CLI::App* const hugepages = setup->add_subcommand("hugepages", "Set how many hugepages there are");
    hugepages->add_option("COUNT", setup_hugepages_.count, "Pages")->required()->check(CLI::Range(0u, 1u << 30));
    hugepages->add_option("--size", page_size_, "Of a page, as 2M or 1G")->check(page_size_validator())->capture_default_str();
    hugepages->add_option("--node", setup_hugepages_.node, "NUMA node; without it the kernel spreads them")->check(CLI::Range(0u, 1023u));
    setup->add_subcommand("reset", "Put back what setup has changed");
    setup_ = setup;
  }

  /// A word that is given must say something: an empty one, of a variable that is not set, would pass for one that is not given, and
  /// `--device ''` for the emulated drive.
  static void refuse_empty_words(CLI::App& app) {
    const auto says_something = [](const std::string& text) {
      return text.empty() ? std::string("is empty; write a value, or leave it out") : std::string();
    };
    for (CLI::Option* const option : app.get_options([](const CLI::Option* each) { return each->get_items_expected_max() > 0; })) {
      option->check(CLI::Validator(says_something, ""));
    }
    for (CLI::App* const verb : app.get_subcommands([](const CLI::App*) { return true; })) {
      refuse_empty_words(*verb);
    }
  }

  static void add_device(CLI::App& verb, std::string& device, hw::EnvironmentOptions& environment) {
    verb.add_option("--device", device, "PCI address of a real drive, as 0000:01:00.0, or its transport ID");
    add_environment(*verb.add_option_group("DPDK", "How DPDK is started for a real drive"), environment);
  }
  static void add_environment(CLI::App& group, hw::EnvironmentOptions& environment) {
    add_word(group, hw::environment_option::lcores, environment.lcores, "Processors, as 0,2-3");
    add_word(group, hw::environment_option::core_mask, environment.core_mask, "Processors as a hexadecimal mask, as 0xd");
    add_word(group, hw::environment_option::iova_mode, environment.iova_mode, "va or pa");
    add_word(group, hw::environment_option::base_virtaddr, environment.base_virtaddr, "Where DPDK's memory shall lie, as 0x200000000000");
    add_flag(group, hw::environment_option::match_allocations, environment.match_allocations, "Give hugepages back as they were taken");
    add_word(group, hw::environment_option::file_prefix, environment.file_prefix, "Name of memory that processes share");
    add_word(group, hw::environment_option::proc_type, environment.proc_type, "primary, secondary or auto, of processes that share memory");
    group
        .add_option("-s," + std::string(hw::environment_option::mem_size.name), environment.mem_size, "MiB that DPDK takes when it starts")
        ->check(CLI::Range(std::uint64_t{1}, mem_size_max));
    add_flag(group, hw::environment_option::no_huge, environment.no_huge, "Ordinary memory in place of hugepages");
    add_word(group, hw::environment_option::log_level, environment.log_level, "What DPDK logs, as debug, or lib.eal:debug for a component");
  }
  static void add_word(CLI::App& group, const hw::EnvironmentOption& option, std::string& value, const std::string& about) {
    group.add_option(std::string(option.name), value, about);
  }
  static void add_flag(CLI::App& group, const hw::EnvironmentOption& option, bool& value, const std::string& about) {
    group.add_flag(std::string(option.name), value, about);
  }
  /// Besides add_device.
  static void add_drive(CLI::App& verb, std::string& drive) {
    verb.add_option("--drive", drive, "A scenario file, whose drive is emulated")->excludes("--device");
  }
  static void add_consent(CLI::App& verb, DriveConsent& consent) {
    verb.add_flag("--destructive", consent.destructive, "The real drive may be overwritten; without it it is only read");
    verb.add_option("--serial", consent.serial, "The real drive's serial number");
    verb.add_flag("--i-know", consent.i_know, "Overwrite even a drive with a partition table or a file system");
  }

  Command command() {
    if (app_.got_subcommand("run")) {
      run_.seed = seed_.empty() ? std::nullopt : scenarios::parse_seed(seed_);
      return run_;
    }
    if (app_.got_subcommand("swarm")) {
      swarm_.seeds = *scenarios::parse_range(seeds_);
      return swarm_;
    }
    if (app_.got_subcommand("hello")) {
      return hello_;
    }
    if (app_.got_subcommand("perf")) {
      perf_.load.io_bytes = *scenarios::parse_size(io_size_);
      perf_.load.pattern = *pattern_from_word(pattern_);
      return perf_;
    }
    if (app_.got_subcommand("validate")) {
      validate_.limits.read_latency_max = milliseconds(latency_max_);
      return validate_;
    }
    if (app_.got_subcommand("replay")) {
      return replay_;
    }
    if (app_.got_subcommand("identify")) {
      return identify_;
    }
    if (app_.got_subcommand("setup")) {
      return setup_command();
    }
    if (app_.got_subcommand("capture")) {
      return capture_;
    }
    return app_.got_subcommand("rules") ? Command(rules_) : Command(list_);
  }

  Command setup_command() {
    if (setup_->got_subcommand("bind")) {
      return setup_bind_;
    }
    if (setup_->got_subcommand("unbind")) {
      return setup_unbind_;
    }
    if (setup_->got_subcommand("hugepages")) {
      setup_hugepages_.page_bytes = *scenarios::parse_size(page_size_);
      return setup_hugepages_;
    }
    return setup_->got_subcommand("reset") ? Command(SetupResetCommand{}) : Command(setup_status_);
  }

  CLI::App app_;
  CLI::App* setup_ = nullptr;
  std::string seed_;
  std::string seeds_;
  RunCommand run_;
  SwarmCommand swarm_;
  ListCommand list_;
  RulesCommand rules_;
  ReplayCommand replay_;
  IdentifyCommand identify_;
  CaptureCommand capture_;
  HelloCommand hello_;
  PerfCommand perf_;
  ValidateCommand validate_;
  unsigned latency_max_ = 100;
  SetupStatusCommand setup_status_;
  SetupBindCommand setup_bind_;
  SetupUnbindCommand setup_unbind_;
  SetupHugepagesCommand setup_hugepages_;
  std::string page_size_ = "2M";
  std::string io_size_ = "4k";
  std::string pattern_ = "randread";
};

}  // namespace

Command parse_arguments(int argc, char** argv) {
  return Arguments().parse(argc, argv);
}

}  // namespace phasebit::cli
