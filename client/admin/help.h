// The page of `enlace-admin --help`, in both languages.
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "client/texts/locale.h"

namespace enlace::client::admin {

// At most 80 columns wide; lists the commands that this program has.
std::string HelpText(const texts::Locale& locale);

}  // namespace enlace::client::admin
