// The judge of the host: reads the stream and names each rule that the host breaks.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/monitor/drive_view.hpp"
#include "sim/monitor/violation.hpp"
#include "sim/stream/stream.hpp"
#include "src/backend/event.hpp"
#include "src/spec/command.hpp"

namespace phasebit::sim {

/// Works from events alone, so that a recorded stream is judged as a running world is.
class Monitor : public StreamReader {
 public:
  void on_event(std::uint64_t number, const Event& event) override;

  const std::vector<Violation>& violations() const { return found_.all(); }
  std::uint64_t violation_count() const { return found_.count(); }

 private:
  struct Drive {
    DriveView view;
    spec::Sqe sqe;
  };

  void judge(const Event& event, Drive& on);
  void judge_write(const Event& event, DriveView& view);
  void judge_phase(const Event& event);
  void judge_finished(const Event& event, DriveView& view);
  void take_part(const Event& event, Drive& on);
  Drive& drive(std::uint8_t index);

  std::vector<Drive> drives_;
  ViolationList found_;
};

}  // namespace phasebit::sim
