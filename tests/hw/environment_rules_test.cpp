#include "hw/environment_rules.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace phasebit::hw {
namespace {

using Options = EnvironmentOptions;

constexpr std::uint64_t mib = 1ull << 20;

/// A machine that can give all that is asked for below.
MachineLimits ample() {
  MachineLimits machine;
  machine.processors = {0, 1, 2, 3};
  machine.lcores_max = 128;
  machine.hugepage_bytes_free = 128 * mib;
  machine.hugetlbfs_bytes_free = 128 * mib;
  machine.ordinary_bytes_free = 1024 * mib;
  machine.knows_physical_addresses = true;
  machine.file_descriptors_free = 1000;
  return machine;
}

MachineLimits with_primary() {
  MachineLimits machine = ample();
  machine.has_primary = true;
  return machine;
}

/// The first rule that is broken.
const OptionRule* broken_by(const Options& options) {
  const auto rules = option_rules();
  const auto found = std::ranges::find_if(rules, [&](const OptionRule& rule) { return rule.is_broken(options); });
  return found == rules.end() ? nullptr : &*found;
}

TEST(OptionRules, are_each_broken_by_a_set_that_is_refused_in_their_words) {
  const std::vector<std::pair<std::string, Options>> broken = {
      {"--core-mask '1' names the processors a second time", {.lcores = "0", .core_mask = "1"}},
      {"--lcores '1-0' is no list of processors", {.lcores = "1-0"}},
      {"--core-mask '0x0' is no mask of processors", {.core_mask = "0x0"}},
      {"--iova-mode 'dc' is no IOVA mode", {.iova_mode = "dc"}},
      {"--iova-mode 'VA' is no IOVA mode", {.iova_mode = "VA"}},
      {"--base-virtaddr '0x200000000123' is no address", {.base_virtaddr = "0x200000000123"}},
      {"--base-virtaddr '0x200000800000' is no address", {.base_virtaddr = "0x200000800000"}},
      {"--base-virtaddr '0' is no address", {.base_virtaddr = "0"}},
      {"--base-virtaddr '0x' is no address", {.base_virtaddr = "0x"}},
      {"--base-virtaddr 'here' is no address", {.base_virtaddr = "here"}},
      {"--base-virtaddr '0x800000000000' is no address", {.base_virtaddr = "0x800000000000"}},
      {"--base-virtaddr '10000000000000000000' is no address", {.base_virtaddr = "10000000000000000000"}},
      {"--file-prefix 'a/b' is no file prefix", {.file_prefix = "a/b"}},
      {"--file-prefix 'a%b' is no file prefix", {.file_prefix = "a%b"}},
      {"--file-prefix '..' is no file prefix", {.file_prefix = ".."}},
      {"--file-prefix 'aaaa", {.file_prefix = std::string(49, 'a')}},
      {"--proc-type 'third' is no type of process", {.proc_type = "third"}},
      {"--mem-size '0' leaves EAL without memory", {.mem_size = 0}},
      {"--log-level 'loud' is no log level", {.log_level = "loud"}},
      {"--log-level '0' is no log level", {.log_level = "0"}},
      {"--log-level '9' is no log level", {.log_level = "9"}},
      {"--log-level ':debug' is no log level", {.log_level = ":debug"}},
      {"--log-level 'lib.eal:' is no log level", {.log_level = "lib.eal:"}},
      {"--iova-mode 'pa' needs hugepages", {.iova_mode = "pa", .no_huge = true}},
      {"--match-allocations is about hugepages", {.match_allocations = true, .no_huge = true}},
      {"--file-prefix 'x' names memory that processes share", {.file_prefix = "x", .no_huge = true}},
      {"--proc-type 'auto' is about memory that processes share", {.proc_type = "auto", .no_huge = true}},
      {"--proc-type 'secondary' finds its memory", {.iova_mode = "va", .proc_type = "secondary"}},
      {"--proc-type 'secondary' finds its memory", {.base_virtaddr = "0x200000000000", .proc_type = "secondary"}},
      {"--proc-type 'secondary' finds its memory", {.match_allocations = true, .proc_type = "secondary"}},
      {"--proc-type 'secondary' finds its memory", {.proc_type = "secondary", .mem_size = 64}},
  };
  std::set<const OptionRule*> seen;
  for (const auto& [start, options] : broken) {
    const auto answer = check_options(options);
    ASSERT_FALSE(answer.has_value()) << start;
    EXPECT_EQ(Errc::invalid_argument, answer.error().error);
    EXPECT_TRUE(answer.error().why.starts_with(start)) << answer.error().why;
    const OptionRule* const rule = broken_by(options);
    EXPECT_TRUE(answer.error().why.ends_with(rule->why)) << answer.error().why;
    seen.insert(rule);
  }
  EXPECT_EQ(option_rules().size(), seen.size()) << "a rule is broken by no set";
}

TEST(MachineRules, are_each_broken_by_a_machine_that_lacks_one_thing) {
  struct Case {
    std::string start;
    Options options;
    MachineLimits machine;
  };
  std::vector<Case> broken;
  const auto lacking = [&](std::string start, Options options, auto take_away) {
    EXPECT_TRUE(check_options(options).has_value()) << start;
    MachineLimits machine = ample();
    take_away(machine);
    broken.push_back({std::move(start), std::move(options), machine});
  };
  lacking("--lcores '0,4' names processors", {.lcores = "0,4"}, [](MachineLimits&) {});
  lacking("--core-mask '10' names processors", {.core_mask = "10"}, [](MachineLimits&) {});
  lacking("EAL knows no processor", {}, [](MachineLimits& machine) { machine.processors = {128}; });
  lacking("EAL knows no processor", {.lcores = "1,128"}, [](MachineLimits& machine) { machine.processors = {1, 128}; });
  lacking("EAL knows no processor", {}, [](MachineLimits& machine) { machine.processors.clear(); });
  lacking("no hugepage is free", {}, [](MachineLimits& machine) { machine.hugepage_bytes_free = 0; });
  lacking("--mem-size '129' is more MiB than the free hugepages have", {.mem_size = 129}, [](MachineLimits&) {});
  lacking("--mem-size '1025' is more MiB than the machine has free", {.mem_size = 1025, .no_huge = true}, [](MachineLimits&) {});
  lacking("--mem-size '17592186044416' is more MiB", {.mem_size = 1ull << 44}, [](MachineLimits&) {});
  lacking("--proc-type 'secondary' finds no primary process", {.proc_type = "secondary"}, [](MachineLimits&) {});
  lacking("--file-prefix 'x' has a primary process already", {.file_prefix = "x"},
          [](MachineLimits& machine) { machine.has_primary = true; });
  lacking("--file-prefix has a primary process already", {.proc_type = "primary"},
          [](MachineLimits& machine) { machine.has_primary = true; });
  lacking("memory that processes share", {.file_prefix = "x"}, [](MachineLimits& machine) { machine.hugetlbfs_bytes_free = 0; });
  lacking("memory that processes share", {.proc_type = "auto", .mem_size = 64},
          [](MachineLimits& machine) { machine.hugetlbfs_bytes_free = 63 * mib; });
  lacking("--iova-mode 'pa' needs physical addresses", {.iova_mode = "pa"},
          [](MachineLimits& machine) { machine.knows_physical_addresses = false; });
  lacking("too few files may be open", {}, [](MachineLimits& machine) { machine.file_descriptors_free = 31; });
  lacking("too few files may be open", {.lcores = "0-1"}, [](MachineLimits& machine) { machine.file_descriptors_free = 35; });
  lacking("too few files may be open", {.mem_size = 64}, [](MachineLimits& machine) { machine.file_descriptors_free = 63; });
  std::set<const MachineRule*> seen;
  for (const Case& one : broken) {
    const auto answer = check_machine(one.options, one.machine);
    ASSERT_FALSE(answer.has_value()) << one.start;
    EXPECT_EQ(Errc::environment, answer.error().error);
    EXPECT_TRUE(answer.error().why.starts_with(one.start)) << answer.error().why;
    const auto rules = machine_rules();
    seen.insert(&*std::ranges::find_if(rules, [&](const MachineRule& rule) { return rule.is_broken(one.options, one.machine); }));
  }
  EXPECT_EQ(machine_rules().size(), seen.size()) << "a rule is broken by no machine";
}

TEST(EnvironmentRules, let_every_class_of_legal_sets_pass) {
  const std::vector<std::pair<Options, MachineLimits>> legal = {
      {{}, ample()},
      {{.lcores = "0,2-3"}, ample()},
      {{.core_mask = "0xd"}, ample()},
      {{.iova_mode = "va", .base_virtaddr = "0x200000000000", .match_allocations = true, .mem_size = 128}, ample()},
      {{.iova_mode = "pa", .base_virtaddr = "1000000"}, ample()},
      {{.file_prefix = "spdk_pid-1.x"}, ample()},
      {{.iova_mode = "pa",
        .base_virtaddr = "0x7fffff000000",
        .match_allocations = true,
        .file_prefix = "x",
        .proc_type = "primary",
        .mem_size = 2},
       ample()},
      {{.proc_type = "auto"}, ample()},
      {{.iova_mode = "va", .base_virtaddr = "0x200000000000", .match_allocations = true, .proc_type = "auto", .mem_size = 4096},
       with_primary()},
      {{.file_prefix = "x", .proc_type = "secondary"}, with_primary()},
      {{.no_huge = true}, ample()},
      {{.lcores = "3", .iova_mode = "va", .base_virtaddr = "0x200000000000", .mem_size = 1024, .no_huge = true, .log_level = "debug"},
       ample()},
      {{.log_level = "8"}, ample()},
      {{.log_level = "lib.*:1"}, ample()},
  };
  for (const auto& [options, machine] : legal) {
    const auto possible = check_options(options).and_then([&] { return check_machine(options, machine); });
    EXPECT_TRUE(possible.has_value()) << possible.error().why;
  }
}

/// Calls `visit` with every set of one word or none for each option.
template <class Visit>
void for_every_set(Visit visit) {
  Options options;
  for (unsigned bits = 0; bits < 1u << 10; ++bits) {
    const auto word = [&](unsigned bit, const char* text) { return (bits >> bit & 1) != 0 ? std::string(text) : std::string(); };
    options.lcores = word(0, "0");
    options.core_mask = word(1, "1");
    options.iova_mode = word(2, (bits >> 9 & 1) != 0 ? "pa" : "va");
    options.base_virtaddr = word(3, "0x200000000000");
    options.match_allocations = !word(4, "yes").empty();
    options.file_prefix = word(5, "x");
    options.mem_size = word(6, "64").empty() ? std::nullopt : std::optional<std::uint64_t>(64);
    options.no_huge = !word(7, "yes").empty();
    options.log_level = word(8, "debug");
    for (const char* type : {"", "primary", "secondary", "auto"}) {
      options.proc_type = type;
      visit(options);
    }
  }
}

TEST(OptionRules, refuse_of_all_sets_of_good_words_those_that_contradict_themselves_and_no_others) {
  unsigned legal = 0;
  for_every_set([&](const Options& options) {
    const bool names_twice = !options.lcores.empty() && !options.core_mask.empty();
    const bool wants_of_ordinary =
        options.iova_mode == "pa" || options.match_allocations || !options.file_prefix.empty() || !options.proc_type.empty();
    const bool sets_up = !options.iova_mode.empty() || !options.base_virtaddr.empty() || options.match_allocations || options.mem_size;
    const bool expected = !names_twice && !(options.no_huge && wants_of_ordinary) && !(options.proc_type == "secondary" && sets_up);
    EXPECT_EQ(expected, check_options(options).has_value());
    legal += expected ? 1 : 0;
  });
  EXPECT_GT(legal, 500u);
}

TEST(EalArguments, of_every_legal_set_say_one_thing_about_memory_and_nothing_twice) {
  for_every_set([&](const Options& options) {
    if (!check_options(options)) {
      return;
    }
    const auto words = eal_arguments(options, ample());
    const auto count = [&](const std::string& start) {
      return std::ranges::count_if(words, [&](const std::string& word) { return word.starts_with(start); });
    };
    EXPECT_EQ(1, count("--in-memory") + count("--no-huge") + count("--file-prefix="));
    EXPECT_EQ(count("--file-prefix="), count("--proc-type="));
    EXPECT_EQ(count("--no-huge"), count("--no-shconf"));
    EXPECT_EQ(options.no_huge || options.mem_size ? 1 : 0, count("-m"));
    EXPECT_EQ(words.size(), std::set<std::string>(words.begin(), words.end()).size());
  });
}

TEST(EalArguments, are_these) {
  using Words = std::vector<std::string>;
  MachineLimits machine = ample();
  machine.processors = {2, 3};
  EXPECT_EQ((Words{"phasebit", "-l", "2", "--no-telemetry", "--no-pci", "--log-level=error", "--iova-mode=va", "--in-memory"}),
            eal_arguments({}, machine))
      << "the first processor that the process may run on";
  EXPECT_EQ((Words{"phasebit", "-l", "2", "--no-telemetry", "--no-pci", "--log-level=error", "--iova-mode=va", "--no-huge", "--no-shconf",
                   "-m", "64"}),
            eal_arguments({.no_huge = true}, machine));
  EXPECT_EQ((Words{"phasebit", "-l", "2,3", "--no-telemetry", "--no-pci", "--log-level=lib.eal:8", "--iova-mode=pa", "--file-prefix=x",
                   "--proc-type=auto", "-m", "32", "--match-allocations", "--base-virtaddr=0x200000000000"}),
            eal_arguments({.core_mask = "c",
                           .iova_mode = "pa",
                           .base_virtaddr = "0x200000000000",
                           .match_allocations = true,
                           .file_prefix = "x",
                           .proc_type = "auto",
                           .mem_size = 32,
                           .log_level = "lib.eal:8"},
                          machine));
  const Words shared = eal_arguments({.proc_type = "secondary"}, machine);
  EXPECT_EQ((Words{"--file-prefix=rte", "--proc-type=secondary"}), Words(shared.end() - 2, shared.end()));
}

TEST(RunningEal, agrees_with_what_it_has) {
  const RunningEal running{{0, 1}, "va", false, "primary", "rte"};
  for (const Options& options : std::vector<Options>{{},
                                                     {.lcores = "1,0"},
                                                     {.core_mask = "3"},
                                                     {.iova_mode = "va"},
                                                     {.file_prefix = "rte", .proc_type = "primary"},
                                                     {.proc_type = "auto"},
                                                     {.no_huge = true}}) {
    EXPECT_TRUE(check_running(options, running).has_value());
  }
}

TEST(RunningEal, is_contradicted_by_what_it_has_not_and_by_what_cannot_be_asked) {
  const RunningEal running{{0, 1}, "pa", true, "secondary", "rte"};
  for (const auto& [why, options] : std::vector<std::pair<std::string, Options>>{
           {"--lcores '0' contradicts the EAL that runs in this process: it has processors 0,1", {.lcores = "0"}},
           {"--core-mask '4' contradicts the EAL that runs in this process: it has processors 0,1", {.core_mask = "4"}},
           {"--iova-mode 'va' contradicts the EAL that runs in this process: it has IOVA mode pa", {.iova_mode = "va"}},
           {"--no-huge contradicts the EAL that runs in this process: it has hugepages", {.no_huge = true}},
           {"--proc-type 'primary' contradicts the EAL that runs in this process: it is a secondary process's", {.proc_type = "primary"}},
           {"--file-prefix 'x' contradicts the EAL that runs in this process: it has file prefix rte", {.file_prefix = "x"}},
           {"--base-virtaddr '1000000' contradicts the EAL that runs in this process: it cannot be asked", {.base_virtaddr = "1000000"}},
           {"--match-allocations contradicts", {.match_allocations = true}},
           {"--mem-size '64' contradicts", {.mem_size = 64}},
           {"--log-level 'debug' contradicts", {.log_level = "debug"}}}) {
    const auto answer = check_running(options, running);
    ASSERT_FALSE(answer.has_value()) << why;
    EXPECT_EQ(Errc::invalid_argument, answer.error().error);
    EXPECT_TRUE(answer.error().why.starts_with(why)) << answer.error().why;
  }
}

TEST(EnvironmentPage, has_a_row_for_every_rule_in_its_words) {
  std::ostringstream page;
  page << std::ifstream(PHASEBIT_SOURCES "/docs/environment.md").rdbuf();
  const auto expect_row = [&](const EnvironmentOption* option, std::string_view why) {
    const std::string name = option == nullptr ? "" : "`" + std::string(option->name) + "`";
    EXPECT_NE(std::string::npos, page.str().find("| " + name + " | " + std::string(why) + " | ")) << name << ": " << why;
  };
  for (const OptionRule& rule : option_rules()) {
    expect_row(rule.option, rule.why);
  }
  for (const MachineRule& rule : machine_rules()) {
    expect_row(rule.option, rule.why);
  }
}

TEST(PhysicalAddresses, are_asked_of_eal_where_nothing_is_said_of_them) {
  EXPECT_EQ("pa", with_physical_addresses({}).value().iova_mode);
  EXPECT_EQ("pa", with_physical_addresses({.iova_mode = "pa"}).value().iova_mode);
  EXPECT_EQ("2", with_physical_addresses({.lcores = "2", .proc_type = "auto"}).value().lcores);
  const Options secondary = with_physical_addresses({.proc_type = "secondary"}).value();
  EXPECT_EQ("", secondary.iova_mode);
  EXPECT_TRUE(check_options(secondary)) << "the primary has asked";
}

TEST(PhysicalAddresses, are_not_to_be_had_from_other_memory) {
  const auto ordinary = with_physical_addresses({.no_huge = true});
  ASSERT_FALSE(ordinary);
  EXPECT_EQ(Errc::environment, ordinary.error().error);
  EXPECT_EQ(
      "--no-huge is not for a drive without an IOMMU, which finds memory by its physical address: ordinary memory does not stay where it "
      "is; leave it out",
      ordinary.error().why);
  const auto virtual_ones = with_physical_addresses({.iova_mode = "va"});
  ASSERT_FALSE(virtual_ones);
  EXPECT_EQ(Errc::environment, virtual_ones.error().error);
  EXPECT_EQ(
      "--iova-mode 'va' is not for a drive without an IOMMU, which finds memory by its physical address: virtual addresses mean nothing to "
      "it; say pa",
      virtual_ones.error().why);
}

}  // namespace
}  // namespace phasebit::hw
