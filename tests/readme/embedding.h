// What the pieces of docs/embedding.md take for granted.
#pragma once

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "muster/snapshot.h"
#include "muster/store.h"

std::vector<muster::Event> read_from_source(std::uint64_t first);
bool queue_for_devices(const muster::PendingCommand& command);
void send_everything_again();
std::uint64_t load_seen();
void save_seen(std::uint64_t number);
