#pragma once

#include "muster/snapshot.h"
#include "store/view.h"

namespace muster {

class Snapshot::Impl {
 public:
  explicit Impl(store::View view_of) : view(std::move(view_of)) {}

  store::View view;
};

}  // namespace muster
