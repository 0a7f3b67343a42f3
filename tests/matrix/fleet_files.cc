#include "tests/matrix/fleet_files.h"

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string_view>

#include "muster/recording.h"
#include "muster/recording_writer.h"
#include "tests/support/files.h"
#include "tests/support/store_tools.h"

namespace muster::test {
namespace {

struct Size {
  std::uint32_t hosts = 48;
  std::uint32_t profiles = 8;
  std::uint32_t hours = 24;
};

Size fleet_size() {
  Size size;
  const char* given = std::getenv("MUSTER_FLEET");
  if (given == nullptr) return size;
  std::string_view rest(given);
  for (std::uint32_t* number : {&size.hosts, &size.profiles, &size.hours}) {
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), *number);
    if (read.ec != std::errc()) throw std::runtime_error("MUSTER_FLEET is HOSTSxPROFILESxHOURS");
    rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
    if (rest.starts_with('x')) rest.remove_prefix(1);
  }
  return size;
}

FleetFiles make_files(const std::filesystem::path& folder) {
  std::cout << matrix_hint() << '\n';
  FleetFiles files;
  files.text = folder / "fleet.ndjson";
  files.binary = folder / "fleet.mrec";
  FleetGenerator generator = require(FleetGenerator::make(matrix_fleet_options()), "generate");
  files.id = generator.recording_id();
  RecordingHeader header;
  header.id = files.id;
  RecordingWriterOptions binary_options;
  binary_options.form = RecordingForm::kBinary;
  auto text = require(RecordingWriter::create(files.text, header), "text");
  auto binary = require(RecordingWriter::create(files.binary, header, binary_options), "binary");
  while (const auto event = generator.next()) {
    require_ok(text.append(*event), "text");
    require_ok(binary.append(*event), "binary");
    ++files.events;
  }
  require_ok(text.close(), "text");
  require_ok(binary.close(), "binary");

  Store store = open_store(buffered(folder / "reference"));
  ReplayOptions options;
  options.threads = 1;
  const std::span<const std::filesystem::path> recording(&files.binary, 1);
  const ReplayReport report = require(replay(store, recording, options, {}), "replay");
  require_ok(report.input, "replay");
  if (report.events != files.events || report.divergences.total() != 0) {
    throw std::runtime_error("the reference store did not take the fleet as it was generated");
  }
  files.digest = digest_of(store);
  std::cout << files.events << " events, digest " << files.digest << '\n';
  return files;
}

}  // namespace

muster::FleetOptions matrix_fleet_options() {
  const Size size = fleet_size();
  muster::FleetOptions options;
  options.hosts = size.hosts;
  options.profiles = size.profiles;
  options.hours = size.hours;
  options.seed = seed_or(1);
  return options;
}

std::string matrix_hint() {
  const muster::FleetOptions options = matrix_fleet_options();
  return "MUSTER_FLEET=" + std::to_string(options.hosts) + "x" + std::to_string(options.profiles) +
         "x" + std::to_string(options.hours) + " MUSTER_SEED=" + std::to_string(options.seed);
}

const FleetFiles& fleet_files() {
  static const TempDir folder;
  static const FleetFiles files = make_files(folder.path());
  return files;
}

void read_spans(const std::filesystem::path& recording, std::uint64_t skipped, std::size_t size,
                const std::function<void(std::vector<Event> events, std::uint64_t first)>& take) {
  auto reader = require(RecordingReader::open(recording), "open");
  std::uint64_t first = require(reader.skip(skipped), "skip") + 1;
  std::vector<Event> events;
  while (true) {
    RecordedEvent* next = require(reader.next(), "read");
    if (next != nullptr) events.push_back(std::move(next->event));
    if (events.size() < size && next != nullptr) continue;
    const std::size_t count = events.size();
    if (count > 0) take(std::move(events), first);
    events.clear();
    first += count;
    if (next == nullptr) return;
  }
}

}  // namespace muster::test
