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
    dirty_.resize(index + 1, false);
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
  dirty_[index] = true;
}

void HostTimes::prefetch(core::HostOrdinal ordinal) const {
  const std::size_t index = core::to_integer(ordinal) / kTimesPerPage;
  if (index >= pages_.size() || pages_[index] == nullptr) return;
  __builtin_prefetch(&(*pages_[index])[core::to_integer(ordinal) % kTimesPerPage]);
}

std::vector<std::size_t> HostTimes::take_dirty() {
  std::vector<std::size_t> pages;
  for (std::size_t index = 0; index < dirty_.size(); ++index) {
    if (dirty_[index]) pages.push_back(index);
  }
  dirty_.assign(dirty_.size(), false);
  return pages;
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
    dirty_.resize(index + 1, false);
  }
  pages_[index] = std::make_shared<Page>(page);
  epochs_[index] = epoch_;
}

}  // namespace muster::store
