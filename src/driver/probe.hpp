// Finds NVMe controllers on a bus, makes drivers of them, follows them as they come and go. One bad drive never stops the others.
#pragma once

#include <algorithm>
#include <memory>
#include <memory_resource>
#include <optional>
#include <vector>

#include "src/backend/bus.hpp"
#include "src/driver/make_any_driver.hpp"
#include "src/driver/probe_filter.hpp"
#include "src/driver/probe_listener.hpp"
#include "src/spec/pci.hpp"

namespace phasebit::driver {

template <Bus BusType>
class Probe {
 public:
  using BackendType = typename BusType::BackendType;

  /// All arguments, and the filter's lists, outlive the probe, which takes all memory from `memory` and has given it back when it
  /// knows of no drive any more.
  Probe(BusType& bus, const Options& options, const ProbeFilter& filter, ProbeListener& listener, std::pmr::memory_resource* memory)
      : bus_(bus), options_(options), filter_(filter), listener_(listener), memory_(memory), entries_(memory) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  /// Every driver has to have ended.
  ~Probe() { PHASEBIT_ASSERT(is_idle()); }

  /// Begins to attach every controller that is not yet known. Those once detached are new again.
  void probe(Instant now) {
    takes_new_ = true;
    hear_of_bus(now);  // what it told of the past must not be taken for the fate of what is found now
    for (const PciFunction& function : bus_.enumerate()) {
      consider(function, now);
    }
  }

  /// Everybody's turn. Returns when the next one is due; the bus tells nothing by itself, so call now and then all the same.
  Instant poll(Instant now) {
    hear_of_bus(now);
    Instant wake = never;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      wake = std::min(wake, poll_one(entries_[i], now));
    }
    std::erase_if(entries_, [](const Entry& entry) { return entry.stage == Stage::over; });
    if (entries_.empty()) {
      entries_ = Entries(memory_);
    }
    return wake;
  }

  /// Ends a driver in good order; `not_found` if there is none at that address. A later probe() attaches it again.
  Result<void> detach(PciAddress address, Instant now) {
    Entry* entry = find(address);
    if (entry == nullptr || entry->stage == Stage::declined) {
      return fail(Errc::not_found);
    }
    detach(*entry, Shutdown::orderly, now);
    return {};
  }
  /// Ends every driver. What is plugged in from now on is not attached before probe() is called again.
  void detach_all(Instant now, Shutdown how = Shutdown::orderly) {
    takes_new_ = false;
    for (Entry& entry : entries_) {
      if (entry.stage != Stage::declined) {
        detach(entry, how, now);
      }
    }
  }
  /// Forgets every driver as it stands, for memory that is dropped as a whole: the end of a simulated process.
  void abandon() { std::construct_at(&entries_, memory_); }

  /// nullptr if there is none, or it is not ready yet, or it has ended.
  AnyDriver* driver(PciAddress address) {
    const Entry* entry = find(address);
    return entry != nullptr && entry->stage == Stage::attached ? entry->driver : nullptr;
  }
  /// What a driver works on, for memory that its drive shall reach; nullptr if there is no driver.
  BackendType* backend(PciAddress address) {
    const Entry* entry = find(address);
    return entry != nullptr ? entry->backend : nullptr;
  }
  /// True if no driver exists.
  bool is_idle() const {
    return std::all_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.driver == nullptr; });
  }
  /// True if no drive is on its way to being attached.
  bool is_settled() const {
    return std::none_of(entries_.begin(), entries_.end(),
                        [](const Entry& entry) { return entry.stage == Stage::waiting || entry.stage == Stage::attaching; });
  }

 private:
  enum class Stage : std::uint8_t { declined, waiting, attaching, attached, ending, over };

  struct Entry {
    PciFunction function;
    Stage stage = Stage::waiting;
    Instant not_before{};  ///< some drives must be left alone at first
    Options options{};
    BackendType* backend = nullptr;
    AnyDriver* driver = nullptr;  ///< while there is one, the function is claimed and open
    bool removed = false;         ///< the bus has said so
    bool is_back = false;         ///< something sits at its address again, and waits for this driver to be let go of
  };
  using Entries = std::pmr::vector<Entry>;

  Entry* find(PciAddress address) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.function.address == address && entry.stage != Stage::over; });
    return found == entries_.end() ? nullptr : &*found;
  }

  std::optional<PciFunction> look_at(PciAddress address) {
    for (const PciFunction& function : bus_.enumerate()) {
      if (function.address == address) {
        return function;
      }
    }
    return std::nullopt;
  }

  void consider(const PciFunction& function, Instant now) {
    if (find(function.address) == nullptr) {
      if (const std::optional<Entry> entry = welcome(function, now)) {
        entries_.push_back(*entry);
      }
    }
  }

  /// Nothing for what is no controller, or not to be touched.
  std::optional<Entry> welcome(const PciFunction& function, Instant now) {
    if (function.class_code != spec::pci::class_code_nvme || !filter_.passes(function.address) || !takes_new_) {
      return std::nullopt;
    }
    Entry entry{.function = function, .options = options_};
    const bool wanted = listener_.found(function, entry.options);
    entry.stage = wanted ? Stage::waiting : Stage::declined;
    entry.not_before = now + (quirks_of(function).has(Quirk::delay_before_attach) ? seconds(2) : Duration{});
    return entry;
  }

  void hear_of_bus(Instant now) {
    while (const auto event = bus_.next_event()) {
      follow(*event, now);
    }
  }

  void follow(const BusEvent& event, Instant now) {
    Entry* const entry = find(event.address);
    switch (event.kind) {
      case BusEvent::Kind::added:
        return follow_added(entry, event.address, now);
      case BusEvent::Kind::removed:
        return follow_removed(entry, now);
      case BusEvent::Kind::removal_asked:
        if (entry != nullptr && entry->driver != nullptr) {
          entry->driver->removal_asked();
          listener_.removal_asked(entry->function, *entry->driver);
        }
        return;
    }
  }

  void follow_added(Entry* entry, PciAddress address, Instant now) {
    if (entry != nullptr && entry->driver != nullptr) {
      entry->is_back = true;
    } else if (const auto function = look_at(address)) {
      consider(*function, now);
    }
  }

  void follow_removed(Entry* entry, Instant now) {
    if (entry != nullptr && entry->driver != nullptr) {
      entry->removed = true;
      entry->is_back = false;
      entry->driver->removed(now);
    } else if (entry != nullptr) {
      entry->stage = Stage::over;
    }
  }

  Instant poll_one(Entry& entry, Instant now) {
    if (entry.stage == Stage::waiting && now >= entry.not_before) {
      attach(entry);
      if (entry.driver != nullptr) {
        return now;  // opening may have taken longer than a command may: no deadline is counted from a time before it
      }
    }
    if (entry.driver == nullptr) {
      return entry.stage == Stage::waiting ? entry.not_before : never;
    }
    entry.driver->admit(now);
    const Instant wake = entry.driver->poll(now);
    const State state = entry.driver->state();
    if (state == State::ready && entry.stage == Stage::attaching) {
      entry.stage = Stage::attached;
      listener_.attached(entry.function, *entry.driver);
    }
    if (state == State::detached || state == State::failed || state == State::gone) {
      end(entry, state);
      const Instant due = let_go(entry, now);
      return entry.driver != nullptr ? std::min(due, wake) : due;  // its channels may have orders to obey before it can go
    }
    return wake;
  }

  void attach(Entry& entry) {
    const PciAddress address = entry.function.address;
    if (const auto claimed = bus_.claim(address); !claimed) {
      return give_up(entry, {AttachFailure::Step::claim, claimed.error(), "the function cannot be claimed"});
    }
    const auto opened = bus_.open(address);
    if (!opened) {
      bus_.release(address);
      return give_up(entry, {AttachFailure::Step::open, opened.error(), "the function cannot be opened"});
    }
    const auto made = make_driver(**opened, entry.options, memory_);
    if (!made) {
      close(entry);
      return give_up(entry, {AttachFailure::Step::bring_up, errc_of(made.error()), text(made.error())});
    }
    entry.stage = Stage::attaching;
    entry.backend = *opened;
    entry.driver = *made;
    listener_.begun(entry.function, *entry.driver);
  }

  void give_up(Entry& entry, const AttachFailure& failure) {
    entry.stage = Stage::over;
    listener_.failed(entry.function, failure);
  }

  void detach(Entry& entry, Shutdown how, Instant now) {
    entry.is_back = false;
    if (entry.driver == nullptr) {
      entry.stage = Stage::over;
    } else {
      entry.driver->shutdown(how, now);
    }
  }

  void end(Entry& entry, State state) {
    if (entry.stage == Stage::attaching && state != State::detached) {
      const Errc error = state == State::gone ? Errc::device_gone : entry.driver->failure().value_or(Errc::device_failed);
      listener_.failed(entry.function, {AttachFailure::Step::bring_up, error, entry.driver->failure_text()});
    }
    entry.stage = Stage::ending;
  }

  /// Returns when the entry wants its next turn.
  Instant let_go(Entry& entry, Instant now) {
    if (!listener_.ended(entry.function, *entry.driver)) {
      return never;
    }
    // An `added` without a `removed` is believed only of a driver that has found its function gone by itself.
    const bool returns = entry.is_back && (entry.removed || entry.driver->state() == State::gone);
    destroy_any_driver(entry.driver);
    entry.driver = nullptr;
    entry.backend = nullptr;
    entry.stage = Stage::over;
    close(entry);
    return returns ? renew(entry, now) : never;
  }

  /// The entry's address has a function again, perhaps another one.
  Instant renew(Entry& entry, Instant now) {
    const auto function = look_at(entry.function.address);
    const std::optional<Entry> fresh = function ? welcome(*function, now) : std::nullopt;
    entry = fresh.value_or(entry);
    return entry.stage == Stage::waiting ? entry.not_before : never;
  }

  void close(const Entry& entry) {
    bus_.close(entry.function.address);
    bus_.release(entry.function.address);
  }

  BusType& bus_;
  const Options options_;
  ProbeFilter filter_;
  ProbeListener& listener_;
  std::pmr::memory_resource* memory_;
  Entries entries_;
  bool takes_new_ = true;  ///< what comes to the bus is attached
};

}  // namespace phasebit::driver
