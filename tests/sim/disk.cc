#include "tests/sim/disk.h"

#include <algorithm>
#include <array>
#include <random>

#include "base/contract.h"
#include "base/hash.h"

namespace muster::test {
namespace {

constexpr std::array<std::string_view, kOps> kOpNames = {
    "nothing",           "create", "append", "truncate", "sync",          "losing sync",
    "sync of directory", "rename", "link",   "remove",   "make directory"};
constexpr std::array<std::string_view, kImageKinds> kKindNames = {
    "synced", "everything", "names_lost", "torn", "garbled", "split"};
constexpr std::size_t kNoiseBytesMax = 64;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  char byte() { return static_cast<char>(random_() & 0xFF); }

 private:
  std::mt19937_64 random_;
};

/// What a device may leave of the bytes from `synced` on.
void garble(std::string& bytes, std::size_t synced, Chance& chance) {
  const std::size_t tail = bytes.size() - synced;
  const std::size_t more = 1 + chance.below(kNoiseBytesMax);
  switch (chance.below(3)) {
    case 0:
      if (tail > 0) bytes[synced + chance.below(tail)] ^= static_cast<char>(1 << chance.below(8));
      break;
    case 1:
      for (std::size_t i = 0; i < more; ++i) bytes.push_back(chance.byte());
      break;
    default:
      bytes.append(more, '\0');
  }
}

bool may_end_in_noise(std::string_view path) {
  return is_log(path) || path.find("MANIFEST-") != std::string_view::npos || path == "watermark";
}

std::string left_of(Disk::File file, const std::string& path, ImageKind kind, Chance& chance) {
  std::fill(file.bytes.begin() + static_cast<std::ptrdiff_t>(file.lost_begin),
            file.bytes.begin() + static_cast<std::ptrdiff_t>(file.lost_end), '\0');
  if (kind == ImageKind::kNamesLost) return file.bytes;
  if (kind == ImageKind::kSynced) return file.bytes.substr(0, file.synced);
  const std::size_t tail = file.bytes.size() - file.synced;
  if (kind == ImageKind::kSplit) return file.bytes.substr(0, file.synced + tail * chance.below(2));
  std::string bytes = file.bytes.substr(0, file.synced + chance.below(tail + 1));
  if (kind == ImageKind::kGarbled && tail > 0 && may_end_in_noise(path)) {
    garble(bytes, file.synced, chance);
  }
  return bytes;
}

}  // namespace

std::string_view name_of(Op op) {
  return kOpNames[static_cast<std::size_t>(op)];
}

std::string_view name_of(ImageKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::optional<ImageKind> image_kind(std::string_view name) {
  const auto at = std::find(kKindNames.begin(), kKindNames.end(), name);
  if (at == kKindNames.end()) return std::nullopt;
  return static_cast<ImageKind>(at - kKindNames.begin());
}

std::string to_text(const Operation& operation) {
  std::string text = std::string(name_of(operation.op)) + " " + operation.path;
  if (!operation.target.empty()) text += " to " + operation.target;
  if (operation.op == Op::kAppend) text += ", " + std::to_string(operation.bytes.size()) + " bytes";
  if (operation.op == Op::kTruncate) text += " to " + std::to_string(operation.size) + " bytes";
  return text;
}

bool is_log(std::string_view path) {
  return path.ends_with(".log");
}

void Disk::perform(const Operation& operation) {
  switch (operation.op) {
    case Op::kNothing:
      return;
    case Op::kCreate:
      files_.push_back(std::make_shared<File>());
      return change_names({Op::kCreate, operation.path, {}, files_.size() - 1});
    case Op::kAppend:
      files_[operation.file]->bytes += operation.bytes;
      return;
    case Op::kTruncate: {
      File& file = *files_[operation.file];
      file.bytes.resize(operation.size);
      file.synced = std::min(file.synced, operation.size);
      file.lost_begin = std::min(file.lost_begin, operation.size);
      file.lost_end = std::min(file.lost_end, operation.size);
      return;
    }
    case Op::kSync:
      files_[operation.file]->synced = files_[operation.file]->bytes.size();
      return;
    case Op::kLosingSync: {
      File& file = *files_[operation.file];
      file.lost_begin = file.synced;
      file.lost_end = file.bytes.size();
      return;
    }
    case Op::kSyncDirectory:
      std::erase_if(pending_, [&](const NameChange& made) {
        if (directory_of(made.path) != operation.path) return false;
        change(durable_names_, made);
        return true;
      });
      return;
    case Op::kRename:
    case Op::kLink:
      MUSTER_ASSERT(directory_of(operation.path) == directory_of(operation.target));
      return change_names(
          {operation.op, operation.path, operation.target, names_.at(operation.path)});
    case Op::kRemove:
      return change_names({Op::kRemove, operation.path, {}, 0});
    case Op::kMakeDirectory:
      directories_.insert(operation.path);
      return;
  }
}

void Disk::change_names(const NameChange& made) {
  change(names_, made);
  pending_.push_back(made);
}

void Disk::change(Names& names, const NameChange& change) {
  switch (change.op) {
    case Op::kCreate:
      names[change.path] = change.file;
      return;
    case Op::kRename:
      names.erase(change.path);
      names[change.target] = change.file;
      return;
    case Op::kLink:
      names[change.target] = change.file;
      return;
    default:
      names.erase(change.path);
  }
}

std::optional<std::size_t> Disk::find(const std::string& path) const {
  const auto at = names_.find(path);
  if (at == names_.end()) return std::nullopt;
  return at->second;
}

Disk Disk::copy() const {
  Disk copy;
  copy.names_ = names_;
  copy.durable_names_ = durable_names_;
  copy.pending_ = pending_;
  copy.directories_ = directories_;
  for (const auto& file : files_) copy.files_.push_back(std::make_shared<File>(*file));
  return copy;
}

Disk Disk::after_power_loss(ImageKind kind, std::uint64_t seed) const {
  if (kind == ImageKind::kEverything) return copy();
  Chance chance(seed);
  Names names = durable_names_;
  if (kind != ImageKind::kSynced && kind != ImageKind::kNamesLost) {
    std::map<std::string, std::size_t> left;
    for (const NameChange& made : pending_) ++left[directory_of(made.path)];
    for (auto& [directory, count] : left) count = chance.below(count + 1);
    for (const NameChange& made : pending_) {
      std::size_t& count = left[directory_of(made.path)];
      if (count == 0) continue;
      --count;
      change(names, made);
    }
  }
  Disk image;
  image.directories_ = directories_;
  std::map<std::size_t, std::size_t> numbers;  // files with two names stay one file
  for (const auto& [path, number] : names) {
    const auto [at, fresh] = numbers.emplace(number, image.files_.size());
    image.names_[path] = at->second;
    if (!fresh) continue;
    const auto found = std::make_shared<File>();
    found->bytes = left_of(*files_[number], path, kind, chance);
    found->synced = found->bytes.size();
    image.files_.push_back(found);
  }
  image.durable_names_ = image.names_;
  return image;
}

std::uint64_t Disk::fingerprint() const {
  std::string summary;
  for (const auto& [path, number] : names_) {
    summary += path;
    summary.push_back('\0');
    const std::uint64_t hash = base::hash64(files_[number]->bytes);
    summary.append(reinterpret_cast<const char*>(&hash), sizeof hash);
    summary += std::to_string(files_[number]->synced);
    summary.push_back('\0');
  }
  summary += std::to_string(pending_.size());
  return base::hash64(summary);
}

}  // namespace muster::test
