#pragma once

#include <memory>

#include "muster/store.h"
#include "store/engine.h"

namespace muster {

class Store::Impl {
 public:
  explicit Impl(std::unique_ptr<store::Engine> engine_open) : engine(std::move(engine_open)) {}

  std::unique_ptr<store::Engine> engine;
};

}  // namespace muster
