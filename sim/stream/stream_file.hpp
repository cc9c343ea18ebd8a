// A stream kept in a file and read back (docs/stream-format.md).
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/stream/hash_chain.hpp"
#include "sim/stream/stream.hpp"

namespace phasebit::sim {

/// Writes every event that it is told of. What is there before `finish` has another name and goes with the recorder.
class StreamRecorder final : public StreamReader {
 public:
  StreamRecorder(std::string path, std::uint64_t seed);
  StreamRecorder(const StreamRecorder&) = delete;
  StreamRecorder& operator=(const StreamRecorder&) = delete;
  ~StreamRecorder() override;

  void on_event(std::uint64_t number, const Event& event) override;

  /// Completes the file and gives it its name. Empty if all is well, else what went wrong, with the path.
  std::string finish();

 private:
  void write(const void* bytes, std::size_t count);

  std::string path_;
  std::string partial_path_;
  std::FILE* file_ = nullptr;
  int error_ = 0;  ///< the first errno
  HashChain chain_;
};

/// A stream as a file held it.
struct RecordedStream {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;
  std::vector<Event> events;
};

/// The whole file, or why it is none: one sentence with the path.
tl::expected<RecordedStream, std::string> read_stream_file(const std::string& path);

}  // namespace phasebit::sim
