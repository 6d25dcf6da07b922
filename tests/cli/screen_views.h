// The views of the screens in CLI.md: the given cases as their officers see them at a pinned time.
//
// Thread safety: functions that read files of the source tree.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "client/alerts/merge.h"
#include "client/alerts/workflow.h"
#include "client/cases/list_views.h"
#include "client/cases/office_directory.h"
#include "client/cases/statistics.h"
#include "client/cases/views.h"
#include "client/cli/screen.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client::testing {

// "2026-11-18T04:52:00Z".
int64_t At(const char* rfc3339);

// The messages of one case in the server's order, and what a device sees of them.
class CaseScript {
 public:
  CaseScript& Alert(const alert::v1::CaseAlert& alert, int64_t at_ms);
  CaseScript& Delivered(const std::string& office, int64_t at_ms);
  CaseScript& Act(alert::v1::Action action, const std::string& office, const std::string& officer,
                  int64_t at_ms);
  // As a device of `my_offices` sees it.
  CaseView View(const std::vector<std::string>& my_offices) const;
  alerts::CaseTable Table() const { return workflow_.table(); }

 private:
  std::deque<alert::v1::CaseAlert> alerts_;
  std::vector<alerts::OrderedAlert> ordered_;
  alerts::Workflow workflow_;
  uint64_t sequence_ = 0;
};

// A02 as sv.consular reads it, twelve minutes after it arrived.
CaseView ChildCase();
// A01 with the update A10, as us.consular reads it.
CaseView UpdatedCase();
// A01 as hn.consular follows it, 45 minutes after the acknowledge deadline.
StatusView MissingStatus();
InboxView Inbox();
MachineView Machine();
CasesView Cases();
ReviewView Review();
SearchView Search();
DocumentsView Documents();
DirectoryView Directory();
StatsView Stats();

// A screen by name, drawn for any width, language and set of characters.
struct NamedScreen {
  std::string name;
  int64_t now_ms = 0;
  std::function<Page(const Screen&)> draw;
};
// The reading screens.
std::vector<NamedScreen> AllScreens();
// What commands say that do something (talk_views.cc).
std::vector<NamedScreen> TalkScreens();

}  // namespace enlace::client::testing
