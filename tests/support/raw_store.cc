#include "tests/support/raw_store.h"

#include <rocksdb/db.h>

#include <stdexcept>
#include <vector>

namespace muster::test {
namespace {

void require(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("below the store: " + status.ToString());
}

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

class RawStore::Impl {
 public:
  explicit Impl(const std::string& path) {
    std::vector<std::string> names;
    require(rocksdb::DB::ListColumnFamilies({}, path, &names));
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    require(rocksdb::DB::Open({}, path, families, &handles, &opened));
    db.reset(opened);
    for (std::size_t i = 0; i < names.size(); ++i) by_name[names[i]] = handles[i];
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& [name, handle] : by_name) {
      db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
  }
  rocksdb::ColumnFamilyHandle* family(std::string_view name) const {
    const auto at = by_name.find(name);
    if (at == by_name.end()) throw std::runtime_error("no family " + std::string(name));
    return at->second;
  }

  std::unique_ptr<rocksdb::DB> db;
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> by_name;
};

RawStore::RawStore(const std::filesystem::path& store)
    : impl_(std::make_unique<Impl>((store / "data").string())) {}
RawStore::~RawStore() = default;

RawStore::Records RawStore::all(std::string_view family) const {
  Records records;
  const std::unique_ptr<rocksdb::Iterator> scan(impl_->db->NewIterator({}, impl_->family(family)));
  for (scan->SeekToFirst(); scan->Valid(); scan->Next()) {
    records.emplace(scan->key().ToString(), scan->value().ToString());
  }
  require(scan->status());
  return records;
}

std::optional<std::string> RawStore::get(std::string_view family, std::string_view key) const {
  std::string value;
  const rocksdb::Status status = impl_->db->Get({}, impl_->family(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  require(status);
  return value;
}

void RawStore::put(std::string_view family, std::string_view key, std::string_view value) {
  require(impl_->db->Put({}, impl_->family(family), slice(key), slice(value)));
}

void RawStore::remove(std::string_view family, std::string_view key) {
  require(impl_->db->Delete({}, impl_->family(family), slice(key)));
}

std::string with_bit_flipped(std::string bytes, std::size_t bit) {
  char& byte = bytes.at(bit / 8);
  byte = static_cast<char>(byte ^ static_cast<char>(1u << (bit % 8)));
  return bytes;
}

}  // namespace muster::test
