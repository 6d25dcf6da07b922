// The given cases for the tests of this folder.
//
// Thread safety: functions that read files of the source tree.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "client/alerts/alert_json.h"

namespace enlace::alerts {

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::filesystem::path CasesFolder() { return ENLACE_CASES_FOLDER; }

// The case whose file begins with `id` ("A01").
inline nlohmann::json CaseJson(const std::string& id) {
  for (const auto& entry : std::filesystem::directory_iterator(CasesFolder())) {
    if (!entry.path().filename().string().starts_with(id + "-")) continue;
    return nlohmann::json::parse(ReadText(entry.path()));
  }
  ADD_FAILURE() << "no case " << id;
  return {};
}

inline alert::v1::CaseAlert CaseOf(const std::string& id) {
  ParsedAlert parsed = ParseAlertJson(CaseJson(id).dump());
  EXPECT_TRUE(parsed.alert && parsed.violations.empty()) << id;
  return parsed.alert.value_or(alert::v1::CaseAlert());
}

}  // namespace enlace::alerts
