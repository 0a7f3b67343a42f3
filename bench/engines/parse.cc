// The floor of text input: the mapped file, simdjson's DOM parser line by line, dates to numbers,
// identifiers to numbers by guessing that they come in the order of the last time. It keeps no
// state. Settings: one parser that keeps its memory. The DOM parser comes out of the library, which
// takes the widest instructions that the processor has; the on-demand parser is compiled here, for
// the oldest processor that the build serves.
#include <fcntl.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>
#include <stdexcept>

#include "base/time.h"
#include "bench/engine.h"

namespace muster::bench {
namespace {

namespace dom = simdjson::dom;

/// A file in memory, with readable bytes behind it.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) : size_(std::filesystem::file_size(path)) {
    const int file = ::open(path.c_str(), O_RDONLY);
    if (file < 0) throw std::runtime_error("cannot open " + path.string());
    reserved_ = size_ + simdjson::SIMDJSON_PADDING + 4'096;
    bytes_ = ::mmap(nullptr, reserved_, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool mapped =
        bytes_ != MAP_FAILED &&
        ::mmap(bytes_, size_, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) != MAP_FAILED;
    ::close(file);
    if (!mapped) throw std::runtime_error("cannot map " + path.string());
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { ::munmap(bytes_, reserved_); }

  const char* begin() const { return static_cast<const char*>(bytes_); }
  const char* end() const { return begin() + size_; }

 private:
  std::size_t size_;
  std::size_t reserved_ = 0;
  void* bytes_ = nullptr;
};

class ParseFloor : public Engine {
 public:
  void apply(std::span<const Event>) override {}
  void replay(const std::filesystem::path& recording, const ReplaySetting& setting,
              const CommitSeen& seen) override {
    const MappedFile file(recording);
    lines_ = dates_ = text_bytes_ = 0;
    std::uint32_t in_batch = 0;
    for (const char* line = file.begin(); line < file.end();) {
      const auto* end = static_cast<const char*>(
          std::memchr(line, '\n', static_cast<std::size_t>(file.end() - line)));
      if (end == nullptr) end = file.end();
      take({line, static_cast<std::size_t>(end - line)});
      line = end + 1;
      if (++in_batch % setting.batch == 0) seen();
    }
  }
  EngineUse use() override { return {}; }
  std::map<std::string, double> counts() override {
    return {{"lines", lines_},
            {"dates", dates_},
            {"text_bytes", text_bytes_},
            {"identifiers", highest_ + 1.0}};
  }

 private:
  void take(std::string_view line) {
    ++lines_;
    const dom::object event = parser_.parse(line.data(), line.size(), false);
    for (const auto [key, value] : event) {
      if (key == "profiles") {
        for (const dom::object profile : value.get_array()) take_profile(profile);
      } else if (key == "labels") {
        for (const std::string_view label : value.get_array()) take_text(label);
      } else if (key == "at" || key == "detail_updated_at") {
        if (!base::parse_rfc3339(value.get_string())) {
          throw std::runtime_error("the floor cannot read a date");
        }
      } else if (value.is_string()) {
        take_text(value.get_string());
      }
    }
  }
  void take_profile(const dom::object& profile) {
    for (const auto [key, value] : profile) {
      if (key == "identifier") {
        highest_ = std::max(highest_, number_of(value.get_string()));
      } else if (key == "install_date") {
        if (!base::parse_install_date(value.get_string())) {
          throw std::runtime_error("the floor cannot read a date");
        }
        ++dates_;
      }
    }
  }
  void take_text(std::string_view text) { text_bytes_ += static_cast<double>(text.size()); }
  std::uint32_t number_of(std::string_view identifier) {
    ++guess_;
    if (guess_ >= names_.size() || names_[guess_] != identifier) {
      const auto [at, fresh] =
          known_.try_emplace(std::string(identifier), static_cast<std::uint32_t>(names_.size()));
      if (fresh) names_.emplace_back(identifier);
      guess_ = at->second;
    }
    return guess_;
  }

  dom::parser parser_;
  std::vector<std::string> names_;
  boost::unordered_flat_map<std::string, std::uint32_t> known_;
  std::uint32_t guess_ = 0;
  std::uint32_t highest_ = 0;
  // Of the last recording.
  double lines_ = 0;
  double dates_ = 0;
  double text_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_parse(const EngineSetting&) {
  return std::make_unique<ParseFloor>();
}

}  // namespace muster::bench
