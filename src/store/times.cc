#include "store/times.h"

namespace muster::store {

TimesEntry HostTimes::get(core::HostOrdinal ordinal) const {
  const std::size_t index = core::to_integer(ordinal) / kTimesPerPage;
  if (index >= pages_.size() || pages_[index] == nullptr) return {};
  return (*pages_[index])[core::to_integer(ordinal) % kTimesPerPage];
}

void HostTimes::set(core::HostOrdinal ordinal, TimesEntry entry) {
  const std::size_t index = core::to_integer(ordinal) / kTimesPerPage;
  if (index >= pages_.size()) {
    pages_.resize(index + 1);
    epochs_.resize(index + 1, 0);
  }
  auto& page = pages_[index];
  if (page == nullptr) {
    page = std::make_shared<Page>();
    epochs_[index] = epoch_;
  } else if (epochs_[index] != epoch_) {
    page = std::make_shared<Page>(*page);
    epochs_[index] = epoch_;
  }
  (*page)[core::to_integer(ordinal) % kTimesPerPage] = entry;
  dirty_.insert(static_cast<std::uint32_t>(index));
}

HostTimes HostTimes::view() {
  ++epoch_;
  HostTimes shared;
  shared.pages_ = pages_;
  return shared;
}

void HostTimes::restore_page(std::size_t index, const Page& page) {
  if (index >= pages_.size()) {
    pages_.resize(index + 1);
    epochs_.resize(index + 1, 0);
  }
  pages_[index] = std::make_shared<Page>(page);
  epochs_[index] = epoch_;
}

}  // namespace muster::store
