// Our own events as statements: catalogs and commands may be given in this form.
#pragma once

#include "codec/foreign/statement.h"

namespace muster::codec {

/// Tells the event, and the commands of a pass that lists them.
void tell(Event event, Listener& listener);

}  // namespace muster::codec
