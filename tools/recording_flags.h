// Options of the commands that read recordings.
#pragma once

#include "muster/recording.h"

namespace CLI {
class App;
}  // namespace CLI

namespace muster::tool {

void add_recording_flags(CLI::App& command, RecordingOptions& options);
/// Of them those that bound what a file may hold.
void add_recording_limits(CLI::App& command, RecordingLimits& limits);

}  // namespace muster::tool
