// What Fleet's API says, in parts.
#pragma once

#include "codec/foreign/json_document.h"
#include "codec/foreign/statement.h"

namespace muster::codec {

/// One host: that it is there, and its labels.
void tell_fleet_host(const JsonFields& host, Listener& listener);
/// One configuration profile, after the labels that it names.
void tell_fleet_profile(const JsonFields& profile, Listener& listener);
void tell_fleet_label(const JsonFields& label, Listener& listener);
/// One command of one host, with the answer if there is one.
void tell_fleet_command(const JsonFields& command, const DocumentLimits& limits,
                        Listener& listener);

}  // namespace muster::codec
