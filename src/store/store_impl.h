#pragma once

#include <memory>

#include "muster/store.h"
#include "store/engine.h"
#include "store/store_directory.h"

namespace muster {

class Store::Impl {
 public:
  Impl(store::StoreLock lock_held, std::unique_ptr<store::Engine> engine_open)
      : lock(std::move(lock_held)), engine(std::move(engine_open)) {}

  store::StoreLock lock;  ///< released after the engine
  std::unique_ptr<store::Engine> engine;
};

}  // namespace muster
