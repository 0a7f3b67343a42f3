// Event -> one line of canonical text.
#pragma once

#include <string>

#include "muster/event.h"

namespace muster::codec {

/// Without a line feed.
void append_event(std::string& out, const Event& event);

}  // namespace muster::codec
