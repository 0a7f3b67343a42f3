#include "codec/ndjson_reader.h"
#include "codec/ndjson_writer.h"
#include "muster/recording.h"

namespace muster {

std::string to_canonical_line(const Event& event) {
  std::string line;
  codec::append_event(line, event);
  return line;
}

Event parse_canonical_line(std::string_view line) {
  return codec::NdjsonReader().parse(line);
}

}  // namespace muster
