// Values that the objects of --output json share; internal to the screens.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "client/cases/views.h"
#include "client/texts/code_names.h"
#include "client/texts/time_format.h"

namespace enlace::client {

// RFC 3339; null for 0.
inline nlohmann::json TimeOrNull(int64_t at_ms) {
  return at_ms == 0 ? nlohmann::json() : nlohmann::json(texts::Rfc3339(at_ms));
}

// The model's word; null for what is not stated.
inline nlohmann::json Code(texts::CodeKind kind, int number) {
  return number == 0 ? nlohmann::json() : nlohmann::json(texts::CodeWord(kind, number));
}

inline nlohmann::json JsonOfFreshness(const Freshness& fresh) {
  return {{"online", fresh.online},
          {"synced_at", TimeOrNull(fresh.synced_at_ms)},
          {"offline_since", TimeOrNull(fresh.offline_since_ms)},
          {"queued", fresh.queued}};
}

}  // namespace enlace::client
