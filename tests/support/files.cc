#include "tests/support/files.h"
#include "tests/support/places.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace muster::test {
namespace {

struct ReadFree {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

[[noreturn]] void fail(const std::filesystem::path& path, const char* why) {
  throw std::runtime_error(path.string() + ": " + (why == nullptr ? "unknown error" : why));
}

/// In memory where there is room: thousands of stores are opened and synced.
std::filesystem::path scratch_folder() {
  constexpr std::uintmax_t kRoom = 1u << 30;
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const auto space = std::filesystem::space(memory, error);
  if (std::getenv("TMPDIR") == nullptr && !error && space.available >= kRoom) return memory;
  return std::filesystem::temp_directory_path();
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const std::unique_ptr<archive, ReadFree> reader(archive_read_new());
  archive* const handle = reader.get();
  archive_read_support_filter_all(handle);
  archive_read_support_format_raw(handle);
  archive_read_support_format_empty(handle);
  if (archive_read_open_filename(handle, path.c_str(), 1 << 16) != ARCHIVE_OK) {
    fail(path, archive_error_string(handle));
  }
  archive_entry* entry = nullptr;
  std::string content;
  const int opened = archive_read_next_header(handle, &entry);
  if (opened == ARCHIVE_EOF) return content;
  if (opened != ARCHIVE_OK) fail(path, archive_error_string(handle));
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const auto got = archive_read_data(handle, buffer.data(), buffer.size());
    if (got < 0) fail(path, archive_error_string(handle));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (!in) fail(path, "cannot be read");
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) fail(path, "cannot write");
}

std::filesystem::path data_file(std::string_view name) {
  return std::filesystem::path(source_dir()) / "tests" / "data" / name;
}

TempDir::TempDir() {
  std::string pattern = (scratch_folder() / "muster-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) fail(pattern, "cannot make the folder");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace muster::test
