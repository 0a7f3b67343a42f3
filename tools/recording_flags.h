// Options of the commands that read recordings.
#pragma once

#include "muster/recording.h"

namespace CLI {
class App;
}  // namespace CLI

namespace muster::tool {

void add_recording_flags(CLI::App& command, RecordingOptions& options);

}  // namespace muster::tool
