#include "scenarios/engine/workers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

#include "scenarios/engine/interrupt.hpp"
#include "src/base/assert.hpp"

namespace phasebit::scenarios {
namespace {

using RealTime = std::chrono::steady_clock;
constexpr std::uint64_t no_item = ~0ull;

/// What a child leaves behind where its parent can read it, whatever becomes of the child.
struct Beacon {
  std::atomic<std::uint64_t> item;
  std::atomic<bool> seed_is_told;
  std::atomic<std::uint64_t> seed;
  std::atomic<std::uint64_t> time_ns;
  char broken_promise[232];
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

struct SharedPage {
  std::atomic<std::uint64_t> next_item;
  Beacon beacons[1];  ///< one per job; the mapping is as long as it needs to be
};

Beacon* own_beacon = nullptr;

void note_broken_promise(const char* condition, const char* file, int line) noexcept {
  if (own_beacon != nullptr) {
    std::snprintf(own_beacon->broken_promise, sizeof(own_beacon->broken_promise), "assertion failed: %s (%s:%d)", condition, file, line);
  }
}

void note_exception(const char* what) noexcept {
  if (own_beacon != nullptr) {
    std::snprintf(own_beacon->broken_promise, sizeof(own_beacon->broken_promise), "unexpected error: %s", what);
  }
}

bool send_all(int pipe, const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t sent = ::write(pipe, from, bytes);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    from += sent;
    bytes -= static_cast<std::size_t>(sent);
  }
  return true;
}

/// A message is the item's number, the length of the result, the result.
struct MessageHead {
  std::uint64_t item;
  std::uint64_t bytes;
};

class Workers {
 public:
  explicit Workers(const WorkPlan& plan) : plan_(plan), ended_(plan.items), jobs_(std::max(1u, std::min<unsigned>(plan.jobs, 256))) {
    const std::size_t bytes = sizeof(SharedPage) + sizeof(Beacon) * jobs_;
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    PHASEBIT_ASSERT(memory != MAP_FAILED);
    page_ = static_cast<SharedPage*>(memory);
    page_bytes_ = bytes;
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { ::munmap(page_, page_bytes_); }

  int run() {
    for (std::size_t job = 0; job < std::min<std::size_t>(jobs_, plan_.items); ++job) {
      start(job);
    }
    while (!children_.empty() && interrupt_seen() == 0) {
      wait_for_news();
      plan_.on_tick();
    }
    end_all();
    give_up_the_rest();
    return interrupt_seen();
  }

 private:
  struct Child {
    std::size_t job = 0;
    pid_t process = 0;
    int pipe = -1;
    std::string received;
    std::uint64_t item = no_item;
    RealTime::time_point since;
    std::optional<RealTime::time_point> killed_at;  ///< of a child that was told to end
  };

  /// If the machine gives no more processes, those that run do the work.
  void start(std::size_t job) {
    int ends[2] = {};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      return;
    }
    new (&page_->beacons[job]) Beacon{};
    page_->beacons[job].item = no_item;
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process == 0) {
      ::close(ends[0]);
      work_as_child(job, ends[1], parent);
    }
    ::close(ends[1]);
    if (process < 0) {
      ::close(ends[0]);
      return;
    }
    children_.push_back({job, process, ends[0], {}, no_item, RealTime::now(), std::nullopt});
  }

  [[noreturn]] void work_as_child(std::size_t job, int pipe, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, ends_by_itself() ? SIGTERM : SIGKILL);
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    if (ends_by_itself()) {
      remember_interrupts();
    } else {
      std::signal(SIGTERM, SIG_DFL);
    }
    std::signal(SIGINT, SIG_IGN);  // a terminal's goes to the parent as well
    own_beacon = &page_->beacons[job];
    set_assertion_hook(note_broken_promise);
    while (::getppid() == parent) {
      const std::uint64_t item = page_->next_item.fetch_add(1);
      if (item >= plan_.items) {
        std::exit(0);
      }
      own_beacon->seed_is_told = false;  // what was told of the item before is not this one's
      own_beacon->time_ns = 0;
      own_beacon->item = item;
      const std::string result = work_on(item);
      if (ends_by_itself() && interrupt_seen() != 0) {
        break;  // it was not worked on to its end
      }
      const MessageHead head{item, result.size()};
      if (!send_all(pipe, &head, sizeof(head)) || !send_all(pipe, result.data(), result.size())) {
        break;
      }
      own_beacon->item = no_item;
    }
    std::exit(1);
  }

  bool ends_by_itself() const { return plan_.grace_seconds != 0; }

  /// An exception ends the child here. Further up stands what belongs to the parent, and would be taken down.
  std::string work_on(std::size_t item) const noexcept {
    try {
      return plan_.work(item);
    } catch (const std::exception& error) {
      note_exception(error.what());
      std::abort();
    }
  }

  void wait_for_news() {
    constexpr int tick_ms = 100;
    std::vector<pollfd> polled;
    for (const Child& child : children_) {
      polled.push_back({child.pipe, POLLIN, 0});
    }
    ::poll(polled.data(), polled.size(), tick_ms);
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents != 0 && !receive(children_[i])) {
        bury(i);
      } else {
        end_if_stuck(children_[i]);
      }
    }
  }

  /// Takes what the child has sent; false at the end of its pipe.
  bool receive(Child& child) {
    char piece[65536];
    const ssize_t got = ::read(child.pipe, piece, sizeof(piece));
    if (got <= 0) {
      return got < 0 && errno == EINTR;
    }
    child.received.append(piece, static_cast<std::size_t>(got));
    MessageHead head{};
    while (child.received.size() >= sizeof(head)) {
      std::memcpy(&head, child.received.data(), sizeof(head));
      if (child.received.size() - sizeof(head) < head.bytes) {
        break;
      }
      ended_[head.item] = true;
      plan_.on_result(head.item, child.received.substr(sizeof(head), head.bytes));
      child.received.erase(0, sizeof(head) + head.bytes);
    }
    return true;
  }

  void end_if_stuck(Child& child) {
    const std::uint64_t item = page_->beacons[child.job].item;
    if (item != child.item) {
      child.item = item;
      child.since = RealTime::now();
    } else if (child.killed_at) {
      kill_if_due(child);
    } else if (item != no_item && RealTime::now() - child.since > std::chrono::seconds(plan_.item_seconds_max)) {
      std::snprintf(page_->beacons[child.job].broken_promise, sizeof(Beacon::broken_promise), "did not end within %llu s of real time",
                    static_cast<unsigned long long>(plan_.item_seconds_max));
      end(child);
    }
  }

  void end(Child& child) {
    ::kill(child.process, ends_by_itself() ? SIGTERM : SIGKILL);
    child.killed_at = RealTime::now() + std::chrono::seconds(plan_.grace_seconds);
  }

  static void kill_if_due(Child& child) {
    if (RealTime::now() >= *child.killed_at) {
      ::kill(child.process, SIGKILL);
    }
  }

  /// A child has ended: if it left an item unfinished, that item crashed and another child takes over.
  void bury(std::size_t index) {
    const Child child = std::move(children_[index]);
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(index));
    ::close(child.pipe);
    int status = 0;
    while (::waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
    }
    const Beacon& beacon = page_->beacons[child.job];
    if (beacon.item < plan_.items && !ended_[beacon.item] && interrupt_seen() == 0) {
      ended_[beacon.item] = true;
      plan_.on_crash(beacon.item, {cause_of_death(beacon, status), seed_of(beacon), beacon.time_ns});
    }
    if (page_->next_item < plan_.items && interrupt_seen() == 0) {
      start(child.job);
    }
  }

  static std::optional<std::uint64_t> seed_of(const Beacon& beacon) {
    return beacon.seed_is_told ? std::optional<std::uint64_t>(beacon.seed) : std::nullopt;
  }

  static std::string cause_of_death(const Beacon& beacon, int status) {
    if (beacon.broken_promise[0] != '\0') {
      return beacon.broken_promise;
    }
    if (WIFSIGNALED(status)) {
      return fmt::format("ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    }
    return fmt::format("ended with exit status {}", WEXITSTATUS(status));
  }

  void end_all() {
    for (Child& child : children_) {
      ::close(child.pipe);  // so that none waits for us to read
      end(child);
    }
    for (Child& child : children_) {
      while (::waitpid(child.process, nullptr, WNOHANG) == 0) {
        kill_if_due(child);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    children_.clear();
  }

  /// Without an interruption, items are left only if no process could be started, or one died between taking an item and saying so.
  void give_up_the_rest() {
    for (std::size_t item = 0; item < plan_.items && interrupt_seen() == 0; ++item) {
      if (!ended_[item]) {
        plan_.on_crash(item, {"no worker process came to work on it", std::nullopt, 0});
      }
    }
  }

  const WorkPlan& plan_;
  std::vector<bool> ended_;  ///< by item
  const unsigned jobs_;
  SharedPage* page_ = nullptr;
  std::size_t page_bytes_ = 0;
  std::vector<Child> children_;
};

}  // namespace

int run_workers(const WorkPlan& plan) {
  return Workers(plan).run();
}

void tell_world(std::uint64_t seed, std::uint64_t time_ns) {
  if (own_beacon != nullptr) {
    own_beacon->seed.store(seed, std::memory_order_relaxed);
    own_beacon->seed_is_told.store(true, std::memory_order_relaxed);
    own_beacon->time_ns.store(time_ns, std::memory_order_relaxed);
  }
}

}  // namespace phasebit::scenarios
