// Our own events as statements: catalogs and commands may be given in this form.
#pragma once

#include "codec/foreign/statement.h"

namespace muster::codec {

/// Tells the event, and the commands of a pass that lists them. A pass that tells nothing of its
/// uuids gets `otherwise`, which is no part of what makes it known again.
void tell(Event event, const UuidSeed& otherwise, Listener& listener);

}  // namespace muster::codec
