// The screens over many cases: all cases, search results, reports of a document, offices, counts.
//
// The same promises as render.h: no line wider than the screen, everything a peer wrote is escaped,
// no name of a person, exercises marked.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include "client/cases/list_views.h"
#include "client/cases/office_directory.h"
#include "client/cases/statistics.h"
#include "client/cli/screen.h"

namespace enlace::client {

Page RenderCases(const CasesView& view, const Screen& screen);
Page RenderReview(const ReviewView& view, const Screen& screen);
Page RenderSearch(const SearchView& view, const Screen& screen);
Page RenderDocuments(const DocumentsView& view, const Screen& screen);
// One office with everything, several as a table.
Page RenderDirectory(const DirectoryView& view, const Screen& screen);
Page RenderStats(const StatsView& view, const Screen& screen);

nlohmann::json JsonOf(const CaseRow& row);
nlohmann::json JsonOf(const CasesView& view);
nlohmann::json JsonOf(const ReviewRow& row);
nlohmann::json JsonOf(const ReviewView& view);
nlohmann::json JsonOf(const SearchRow& row);
nlohmann::json JsonOf(const SearchView& view);
nlohmann::json JsonOf(const DocumentReport& report);
nlohmann::json JsonOf(const DocumentsView& view);
nlohmann::json JsonOf(const OfficeCard& card);
nlohmann::json JsonOf(const DirectoryView& view);
nlohmann::json JsonOf(const StatsView& view);
// RFC 4180: table, key, count, suppressed; counts of withheld cells are empty.
std::string CsvOf(const StatsView& view);

}  // namespace enlace::client
