// The pages of `enlace help TOPIC`: states, handling, exit-codes, files, environment.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/profile/profile.h"
#include "client/texts/locale.h"

namespace enlace::client {

// "states, handling, exit-codes, files, environment".
std::string HelpTopics();

// The page of a topic, at most 80 columns wide; nothing for another word. `profile` tells where
// this installation keeps its files; null: the page of files names no path.
std::optional<std::string> HelpTopicText(std::string_view topic, const texts::Locale& locale,
                                         const Profile* profile);

}  // namespace enlace::client
