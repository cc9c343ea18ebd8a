#include "sim/stream/stream_file.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

namespace phasebit::sim {
namespace {

constexpr std::uint32_t version = 1;

struct FileHeader {
  std::array<char, 8> magic{'P', 'B', 'S', 'T', 'R', 'E', 'A', 'M'};
  Le32 format_version{version};
  Le32 record_bytes{sizeof(Event)};
  Le64 seed;
  Le64 zero;
};

struct FileTrailer {
  std::array<char, 8> magic{'P', 'B', 'S', 'T', 'R', 'E', 'N', 'D'};
  Le64 count;
  Le64 hash;
  Le64 zero;
};
static_assert(sizeof(FileHeader) == 32 && sizeof(FileTrailer) == 32);

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

std::string error_text(const std::string& path, int error) {
  return path + ": " + std::generic_category().message(error);
}

tl::unexpected<std::string> refuse(const std::string& path, std::string_view why) {
  return tl::unexpected(path + ": " + std::string(why));
}

/// What is wrong with a file of this header, or nothing.
std::string_view judge(const FileHeader& header) {
  if (header.magic != FileHeader{}.magic) {
    return "not a stream file";
  }
  if (header.format_version != version || header.record_bytes != sizeof(Event)) {
    return "a stream file of a version that this program cannot read";
  }
  return {};
}

/// Reads up to the end: the trailer is the last record.
bool read_records(std::FILE* file, std::vector<Event>& records) {
  Event record;
  std::size_t got = 0;
  while ((got = std::fread(&record, 1, sizeof record, file)) == sizeof record) {
    records.push_back(record);
  }
  return got == 0 && std::ferror(file) == 0;
}

}  // namespace

StreamRecorder::StreamRecorder(std::string path, std::uint64_t seed)
    : path_(std::move(path)), partial_path_(path_ + ".partial"), file_(std::fopen(partial_path_.c_str(), "wb")) {
  if (file_ == nullptr) {
    error_ = errno;
    return;
  }
  FileHeader header;
  header.seed = seed;
  write(&header, sizeof header);
}

StreamRecorder::~StreamRecorder() {
  if (file_ != nullptr) {
    std::fclose(file_);
    std::remove(partial_path_.c_str());
  }
}

void StreamRecorder::on_event(std::uint64_t, const Event& event) {
  chain_.add(event);
  write(&event, sizeof event);
}

void StreamRecorder::write(const void* bytes, std::size_t count) {
  if (error_ == 0 && std::fwrite(bytes, 1, count, file_) != count) {
    error_ = errno;
  }
}

std::string StreamRecorder::finish() {
  FileTrailer trailer;
  trailer.count = chain_.count();
  trailer.hash = chain_.value();
  write(&trailer, sizeof trailer);
  if (file_ != nullptr && std::fclose(file_) != 0 && error_ == 0) {
    error_ = errno;
  }
  if (file_ != nullptr && error_ == 0 && std::rename(partial_path_.c_str(), path_.c_str()) != 0) {
    error_ = errno;
  }
  if (file_ != nullptr && error_ != 0) {
    std::remove(partial_path_.c_str());
  }
  file_ = nullptr;
  return error_ == 0 ? std::string() : error_text(path_, error_);
}

tl::expected<RecordedStream, std::string> read_stream_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return tl::unexpected(error_text(path, errno));
  }
  FileHeader header;
  if (std::fread(&header, 1, sizeof header, file.get()) != sizeof header) {
    return refuse(path, "not a stream file");
  }
  if (const std::string_view why = judge(header); !why.empty()) {
    return refuse(path, why);
  }
  RecordedStream stream;
  stream.seed = header.seed;
  if (!read_records(file.get(), stream.events) || stream.events.empty()) {
    return refuse(path, "the stream file is cut off");
  }
  const auto trailer = std::bit_cast<FileTrailer>(stream.events.back());
  stream.events.pop_back();
  if (trailer.magic != FileTrailer{}.magic || trailer.count != stream.events.size()) {
    return refuse(path, "the stream file is cut off");
  }
  HashChain chain;
  for (const Event& event : stream.events) {
    chain.add(event);
  }
  stream.hash = chain.value();
  if (stream.hash != trailer.hash) {
    return refuse(path, "the stream file does not have the hash that it claims");
  }
  return stream;
}

}  // namespace phasebit::sim
