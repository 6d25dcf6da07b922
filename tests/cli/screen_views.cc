#include "tests/cli/screen_views.h"

#include "client/alerts/alert_json.h"
#include "client/alerts/identity_split.h"
#include "client/alerts/validation.h"
#include "client/cli/render.h"
#include "client/cli/render_lists.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::client::testing {
namespace {

using alerts::CaseOf;
using alerts::RowState;

constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;

InboxRow Row(const char* case_ref, alert::v1::AlertType type, const char* from, RowState state) {
  InboxRow row;
  row.case_ref = case_ref;
  row.alert_type = type;
  row.from_office_id = from;
  row.state = state;
  row.priority = alert::v1::PRIORITY_HIGH;
  row.status = alert::v1::STATUS_ACTUAL;
  row.role = alert::v1::ROLE_ACTION;
  return row;
}

Freshness OnlineAt(int64_t now_ms) {
  Freshness fresh;
  fresh.online = true;
  fresh.synced_at_ms = now_ms - 3'000;
  return fresh;
}

CaseRow ListRow(const char* case_ref, alert::v1::AlertType type, const char* from, int my_state) {
  CaseRow row;
  row.case_ref = case_ref;
  row.alert_type = type;
  row.from_office_id = from;
  row.my_state = my_state;
  row.my_role = alert::v1::ROLE_ACTION;
  row.priority = alert::v1::PRIORITY_HIGH;
  row.status = alert::v1::STATUS_ACTUAL;
  row.opened_at_ms = row.newest_at_ms = At("2026-11-16T15:20:00Z");
  return row;
}

}  // namespace

int64_t At(const char* rfc3339) { return alerts::ParseRfc3339(rfc3339).value(); }

CaseScript& CaseScript::Alert(const alert::v1::CaseAlert& alert, int64_t at_ms) {
  const alert::v1::CaseAlert& kept = alerts_.emplace_back(alert);
  ++sequence_;
  const auto& sender = kept.sender();
  ordered_.push_back({&kept, sequence_, at_ms, sender.office_id(), sender.officer_id()});
  workflow_.ApplyAlert({sequence_, at_ms, sender.office_id(), sender.officer_id()}, kept);
  return *this;
}

CaseScript& CaseScript::Delivered(const std::string& office, int64_t at_ms) {
  workflow_.ApplyReceipt({++sequence_, at_ms, office, ""}, {alerts_.front().alert_id()}, {});
  return *this;
}

CaseScript& CaseScript::Act(alert::v1::Action action, const std::string& office,
                            const std::string& officer, int64_t at_ms) {
  alerts::ActionStep step;
  step.action_id = "action-" + std::to_string(++sequence_);
  step.alert_id = alerts_.front().alert_id();
  step.action = action;
  step.office_id = office;
  step.officer_id = officer;
  if (action == alert::v1::ACTION_ACCEPT) step.assignee_officer_id = officer;
  workflow_.ApplyAction({sequence_, at_ms, office, officer}, step);
  return *this;
}

CaseView CaseScript::View(const std::vector<std::string>& my_offices) const {
  CaseView view;
  view.merged = alerts::Merge(ordered_);
  view.table = workflow_.table();
  for (const std::string& office : my_offices) {
    if (view.table.CaseRow(office) != nullptr) view.my_office_ids.push_back(office);
    view.i_am_origin = view.i_am_origin || office == view.table.origin_office_id;
  }
  for (const alerts::AttachmentView& one : view.merged.picture.attachments)
    view.attachments.push_back({one, false, true});
  view.opened_at_ms = ordered_.front().accepted_at_ms;
  view.newest_at_ms = ordered_.back().accepted_at_ms;
  view.freshness = OnlineAt(view.newest_at_ms);
  return view;
}

CaseView ChildCase() {
  const int64_t sent_ms = At("2026-11-18T04:40:00Z");
  CaseView view =
      CaseScript()
          .Alert(alerts::SplitIdentity(CaseOf("A02")).notice, sent_ms)
          .Delivered("sv.consular", sent_ms + 2'000)
          .Act(alert::v1::ACTION_READ, "sv.consular", "ofc-sv-012", At("2026-11-18T04:54:00Z"))
          .View({"sv.consular"});
  view.my_officer_id = "ofc-sv-012";
  view.identity = IdentityState::kWithheld;
  return view;
}

CaseView UpdatedCase() {
  const int64_t sent_ms = At("2026-11-16T15:20:00Z");
  return CaseScript()
      .Alert(CaseOf("A01"), sent_ms)
      .Delivered("us.consular", sent_ms + 20'000)
      .Act(alert::v1::ACTION_READ, "us.consular", "ofc-us-002", sent_ms + kHourMs)
      .Act(alert::v1::ACTION_ACKNOWLEDGE, "us.consular", "ofc-us-002", sent_ms + kHourMs)
      .Alert(CaseOf("A10"), At("2026-11-20T18:45:00Z"))
      .View({"us.consular"});
}

StatusView MissingStatus() {
  const int64_t sent_ms = At("2026-11-16T15:20:00Z");
  const auto after = [sent_ms](int minutes) { return sent_ms + minutes * kMinuteMs; };
  StatusView view;
  view.the_case =
      CaseScript()
          .Alert(CaseOf("A01"), sent_ms)
          .Delivered("mx.consular", after(0))
          .Delivered("mx.trafficking", after(1))
          .Delivered("us.consular", after(0))
          .Act(alert::v1::ACTION_READ, "mx.consular", "ofc-mx-021", after(11))
          .Act(alert::v1::ACTION_ACKNOWLEDGE, "mx.consular", "ofc-mx-021", after(13))
          .Act(alert::v1::ACTION_ACCEPT, "mx.consular", "ofc-mx-021", after(14))
          .Act(alert::v1::ACTION_START, "mx.consular", "ofc-mx-021", after(15))
          .Delivered("gt.consular", after(88))
          .Act(alert::v1::ACTION_READ, "mx.trafficking", "ofc-mx-044", after(102))
          .Act(alert::v1::ACTION_ACKNOWLEDGE, "mx.trafficking", "ofc-mx-044", after(105))
          .Act(alert::v1::ACTION_ACCEPT, "mx.trafficking", "ofc-mx-044", after(106))
          .Act(alert::v1::ACTION_READ, "gt.consular", "ofc-gt-003", after(260))
          .View({"hn.consular"});
  view.duty_phones = {{"us.consular", "+12025550112"}};
  return view;
}

// gt.consular's machine without a connection: it sent an alert that waits, corrected one that
// others have, and asked for more time.
StatusView QueuedStatus() {
  StatusView view = MissingStatus();
  view.the_case.freshness.online = false;
  view.the_case.freshness.offline_since_ms = At("2026-11-16T15:18:00Z");
  view.the_case.freshness.queued = 1;
  OutboxState state;
  state.alert_id = view.the_case.table.opening_alert_id;
  state.state = alerts::RowState::kQueued;
  state.attempts = 3;
  state.queued_at_ms = At("2026-11-16T15:18:00Z");
  state.next_attempt_ms = At("2026-11-16T20:07:00Z");
  view.outbox = {state};
  view.duty_phones.clear();
  return view;
}

StatusView CorrectedStatus() {
  StatusView view = MissingStatus();
  for (alerts::Row& row : view.the_case.table.rows) {
    const bool confirmed = row.office_id == "mx.consular";
    row.confirmations = {{"action-90", false, confirmed ? row.read : alerts::Fact()}};
  }
  OutboxState state;
  state.alert_id = view.the_case.table.opening_alert_id;
  state.action = alert::v1::ACTION_CLOSE;
  state.state = alerts::RowState::kQueued;
  view.outbox = {state};
  return view;
}

InboxView Inbox() {
  const int64_t now_ms = At("2026-11-18T04:52:00Z");
  InboxView view;
  view.office_ids = {"sv.consular"};
  view.freshness = OnlineAt(now_ms);
  view.waiting = 3;
  view.late = 1;
  view.exercises = 1;
  view.other_open = 12;
  InboxRow late = Row("GT-2026-000731", alert::v1::ALERT_TYPE_DETAINED_NATIONAL, "gt.consular",
                      RowState::kRead);
  late.ack_due_ms = now_ms - 72 * kMinuteMs;
  late.late = true;
  late.priority = alert::v1::PRIORITY_URGENT;
  late.subject = "Nacional detenida en Ciudad de Guatemala, primera audiencia mañana 09:00";
  InboxRow child = Row("MX-2026-001877", alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD, "mx.consular",
                       RowState::kDelivered);
  child.ack_due_ms = now_ms + 18 * kMinuteMs;
  child.priority = alert::v1::PRIORITY_URGENT;
  child.subject = "Niña no acompañada, 9 a 10 años, Tapachula: se solicita localizar familia";
  InboxRow death = Row("HN-2026-000398", alert::v1::ALERT_TYPE_DEATH_OR_REMAINS, "hn.consular",
                       RowState::kDelivered);
  death.ack_due_ms = now_ms + 185 * kMinuteMs;
  death.subject = "Restos por identificar, carretera CA-5: posible nacional salvadoreño";
  InboxRow stamps = Row("PA-2026-000209", alert::v1::ALERT_TYPE_DOCUMENT_FRAUD, "pa.trafficking",
                        RowState::kRead);
  stamps.role = alert::v1::ROLE_INFO;
  stamps.subject = "Sellos de salida falsos en la ruta Tocumen – San Salvador";
  InboxRow drill =
      Row("CR-2026-000640", alert::v1::ALERT_TYPE_MASS_EVENT, "cr.consular", RowState::kDelivered);
  drill.status = alert::v1::STATUS_EXERCISE;
  drill.ack_due_ms = now_ms + 340 * kMinuteMs;
  drill.subject = "SIMULACRO: deslizamiento en Paso Canoas, 60 personas";
  view.rows = {late, child, death, stamps, drill};
  return view;
}

MachineView Machine() {
  const int64_t now_ms = At("2026-11-18T04:52:00Z");
  MachineView view;
  view.officer_id = "ofc-sv-012";
  view.office_ids = {"sv.consular", "sv.consular.turno"};
  view.device_id = "dev-7";
  view.server = "enlace.rcm.example";
  view.freshness = OnlineAt(now_ms);
  view.round_trip_ms = 640;
  view.clock_offset_ms = 400;
  view.certificate_until_ms = At("2027-03-02T12:00:00Z");
  view.charter_version = 14;
  view.charter_signatures = 2;
  view.charter_keys = 3;
  view.registry_entries = 18'342;
  view.registry_consistent = true;
  view.cases = 1'204;
  view.open_cases = 38;
  view.vault_bytes = 212u << 20;
  view.unlocked_until_ms = At("2026-11-18T05:07:00Z");
  view.on_duty = {"ofc-sv-012", "ofc-sv-015"};
  view.on_duty_until_ms = At("2026-11-18T12:00:00Z");
  view.late_alerts = 1;
  view.attachments_waiting = 3;
  view.attachments_waiting_bytes = 2'202'010;
  return view;
}

CasesView Cases() {
  CasesView view;
  view.office_ids = {"sv.consular"};
  view.freshness = OnlineAt(At("2026-11-18T04:52:00Z"));
  CaseRow late = ListRow("GT-2026-000731", alert::v1::ALERT_TYPE_DETAINED_NATIONAL, "gt.consular",
                         static_cast<int>(RowState::kRead));
  late.overdue_since_ms = At("2026-11-18T03:40:00Z");
  late.subject = "Nacional detenida en Ciudad de Guatemala, primera audiencia mañana 09:00";
  CaseRow drill = ListRow("CR-2026-000640", alert::v1::ALERT_TYPE_MASS_EVENT, "cr.consular",
                          static_cast<int>(RowState::kDelivered));
  drill.status = alert::v1::STATUS_EXERCISE;
  drill.subject = "Deslizamiento en Paso Canoas, 60 personas";
  CaseRow asked = ListRow("HN-2026-000398", alert::v1::ALERT_TYPE_DEATH_OR_REMAINS, "hn.consular",
                          static_cast<int>(RowState::kInfoRequested));
  asked.subject = "Restos por identificar, carretera CA-5: posible nacional salvadoreño";
  CaseRow mine = ListRow("SV-2026-000011", alert::v1::ALERT_TYPE_MISSING_MIGRANT, "sv.consular", 0);
  mine.i_am_origin = true;
  mine.updated_unread = true;
  mine.subject = "Migrante sin contacto desde Tapachula";
  CaseRow closed = ListRow("MX-2026-000004", alert::v1::ALERT_TYPE_STRANDED_MIGRANTS, "mx.consular",
                           static_cast<int>(RowState::kClosed));
  closed.state = alerts::CaseState::kClosed;
  closed.outcome = alert::v1::OUTCOME_RETURNED;
  closed.subject = "Grupo varado en Tenosique";
  view.rows = {late, drill, asked, mine, closed};
  view.matching = 1'204;
  view.open = 38;
  view.overdue = 1;
  return view;
}

ReviewView Review() {
  const CasesView cases = Cases();
  ReviewView view;
  view.office_ids = cases.office_ids;
  view.freshness = cases.freshness;
  view.until_ms = At("2026-11-25T04:52:00Z");
  view.rows = {{cases.rows[2], At("2026-11-12T15:00:00Z"), At("2027-10-12T15:00:00Z")},
               {cases.rows[1], At("2026-11-17T15:00:00Z"), 0},
               {cases.rows[3], At("2026-11-20T15:00:00Z"), At("2026-12-20T15:00:00Z")}};
  view.matching = 3;
  view.due = 2;
  return view;
}

SearchView Search() {
  const CasesView cases = Cases();
  SearchView view;
  view.query = "E1234567 Zelandieta";
  view.freshness = cases.freshness;
  view.rows = {{cases.rows[0], {Match::kDocument, Match::kWords}},
               {cases.rows[2], {Match::kBirthDate}},
               {cases.rows[4], {Match::kWords}}};
  view.matching = 3;
  return view;
}

DocumentsView Documents() {
  DocumentsView view;
  view.number = "X00000171";
  view.issuing_state = "CRI";
  view.zone_fails = true;
  view.freshness = OnlineAt(At("2026-11-18T04:52:00Z"));
  DocumentReport report;
  report.case_ref = "PA-2026-000209";
  report.alert_type = alert::v1::ALERT_TYPE_DOCUMENT_FRAUD;
  report.status = alert::v1::STATUS_ACTUAL;
  report.from_office_id = report.by_office_id = "pa.trafficking";
  report.at_ms = At("2026-11-12T15:00:00Z");
  report.type = alert::v1::DOCUMENT_TYPE_PASSPORT;
  report.finding = alert::v1::DOCUMENT_FINDING_ALTERED;
  report.number = "X00000171";
  report.issuing_state = "CRI";
  DocumentReport range = report;
  range.case_ref = "CR-2026-000031";
  range.by_office_id = "cr.consular";
  range.number = "X00000100";
  range.number_to = "X00000199";
  range.finding = alert::v1::DOCUMENT_FINDING_BLANK_STOLEN;
  range.in_range = true;
  range.status = alert::v1::STATUS_TEST;
  view.reports = {report, range};
  return view;
}

DirectoryView Directory() {
  OfficeCard mexico;
  mexico.office_id = "mx.consular";
  mexico.name_es = "Protección consular (ficticia)";
  mexico.name_en = "Consular protection (fictional)";
  mexico.authority = "mx";
  mexico.country = "MEX";
  mexico.networks = {"consular"};
  mexico.languages = {"en", "es"};
  mexico.time_zone = "America/Mexico_City";
  mexico.duty_phone = "+520000000021";
  mexico.supervisor = "ofc-mx-001";
  mexico.officers = {"ofc-mx-001", "ofc-mx-021"};
  mexico.machines = 3;
  mexico.on_duty = {{"ofc-mx-021", "+520000000121", At("2026-11-18T12:00:00Z")}};
  OfficeCard child = mexico;
  child.office_id = "mx.trafficking.turno";
  child.networks = {"trafficking"};
  child.duty_phone.clear();
  child.on_duty.clear();
  child.officers.clear();
  child.machines = 0;
  OfficeCard iom = mexico;
  iom.office_id = "iom.sanjose";
  iom.authority = "iom";
  iom.country.clear();
  iom.authority_name_es = "Organización Internacional para las Migraciones";
  iom.authority_name_en = "International Organization for Migration";
  iom.time_zone = "America/Costa_Rica";
  DirectoryView view;
  view.refreshed_at_ms = At("2026-11-18T04:40:00Z");
  view.offices = {mexico, child, iom};
  return view;
}

StatsView Stats() {
  std::vector<vault::v1::CaseRecord> records;
  const auto add = [&](int count, alert::v1::AlertType type, const char* origin, uint32_t years) {
    for (int i = 0; i < count; ++i) {
      vault::v1::CaseRecord& record = records.emplace_back();
      record.set_alert_type(type);
      record.set_status(alert::v1::STATUS_ACTUAL);
      record.set_origin_office_id(origin);
      record.set_opened_at_ms(At("2026-11-01T12:00:00Z"));
      vault::v1::CasePerson& person = *record.add_persons();
      person.set_sex(i % 3 == 0 ? alert::v1::SEX_F : alert::v1::SEX_M);
      person.set_age_years_plus_1(years + 1);
      vault::v1::CaseOffice& office = *record.add_offices();
      office.set_office_id("mx.consular");
      office.set_role(alert::v1::ROLE_ACTION);
      office.set_acknowledged_at_ms(record.opened_at_ms() + (i + 1) * 7 * kMinuteMs);
      record.set_closed(i % 2 == 0);
      if (record.closed()) record.set_outcome(alert::v1::OUTCOME_LOCATED_ALIVE);
    }
  };
  add(41, alert::v1::ALERT_TYPE_MISSING_MIGRANT, "hn.consular", 22);
  add(17, alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD, "mx.consular", 9);
  add(6, alert::v1::ALERT_TYPE_DETAINED_NATIONAL, "gt.consular", 35);
  add(2, alert::v1::ALERT_TYPE_DEATH_OR_REMAINS, "pa.consular", 61);
  return StatisticsOf(records, {At("2026-01-01T06:00:00Z"), At("2027-01-01T06:00:00Z")});
}

namespace {

std::vector<NamedScreen> ListScreens() {
  const int64_t night = At("2026-11-18T04:52:00Z");
  const auto one = [](DirectoryView view) {
    view.offices.resize(1);
    return view;
  };
  return {
      {"cases", night, [](const Screen& s) { return RenderCases(Cases(), s); }},
      {"cases-offline", night,
       [](const Screen& s) {
         CasesView view = Cases();
         view.freshness.online = false;
         view.freshness.offline_since_ms = At("2026-11-18T03:40:00Z");
         view.freshness.queued = 2;
         return RenderCases(view, s);
       }},
      {"review", night, [](const Screen& s) { return RenderReview(Review(), s); }},
      {"review-empty", night,
       [](const Screen& s) {
         ReviewView none = Review();
         none.rows.clear();
         none.matching = none.due = 0;
         return RenderReview(none, s);
       }},
      {"search", night, [](const Screen& s) { return RenderSearch(Search(), s); }},
      {"search-empty", night,
       [](const Screen& s) {
         SearchView none = Search();
         none.rows.clear();
         none.matching = 0;
         return RenderSearch(none, s);
       }},
      {"document", night, [](const Screen& s) { return RenderDocuments(Documents(), s); }},
      {"directory", night, [](const Screen& s) { return RenderDirectory(Directory(), s); }},
      {"directory-one", night,
       [=](const Screen& s) { return RenderDirectory(one(Directory()), s); }},
      {"stats", night, [](const Screen& s) { return RenderStats(Stats(), s); }},
  };
}

}  // namespace

std::vector<NamedScreen> AllScreens() {
  const int64_t night = At("2026-11-18T04:52:00Z");
  const int64_t read = At("2026-11-18T04:54:00Z");
  const int64_t late = At("2026-11-16T20:05:00Z");
  const int64_t updated = At("2026-11-20T19:00:00Z");
  const auto offline = [](InboxView view) {
    view.freshness.online = false;
    view.freshness.offline_since_ms = At("2026-11-18T03:40:00Z");
    view.freshness.queued = 2;
    return view;
  };
  const auto empty = [](InboxView view) {
    view.rows.clear();
    view.waiting = view.late = view.exercises = view.other_open = 0;
    return view;
  };
  const auto exercise = [](CaseView view) {
    view.merged.picture.status = alert::v1::STATUS_EXERCISE;
    view.table.status = alert::v1::STATUS_EXERCISE;
    return view;
  };
  std::vector<NamedScreen> screens = {
      {"inbox", night, [](const Screen& s) { return RenderInbox(Inbox(), s); }},
      {"inbox-offline", night, [=](const Screen& s) { return RenderInbox(offline(Inbox()), s); }},
      {"inbox-empty", night, [=](const Screen& s) { return RenderInbox(empty(Inbox()), s); }},
      {"show", read, [](const Screen& s) { return RenderCase(ChildCase(), s); }},
      {"show-updated", updated, [](const Screen& s) { return RenderCase(UpdatedCase(), s); }},
      {"show-exercise", read,
       [=](const Screen& s) { return RenderCase(exercise(ChildCase()), s); }},
      {"attachment", read, [](const Screen& s) { return RenderAttachments(ChildCase(), s); }},
      {"status-case", late, [](const Screen& s) { return RenderStatus(MissingStatus(), s); }},
      {"status-queued", late, [](const Screen& s) { return RenderStatus(QueuedStatus(), s); }},
      {"status-corrected", late,
       [](const Screen& s) { return RenderStatus(CorrectedStatus(), s); }},
      {"status", night, [](const Screen& s) { return RenderMachine(Machine(), s); }},
      {"watch", night,
       [](const Screen& s) {
         Page page;
         for (const InboxRow& row : Inbox().rows) page.lines.push_back(RenderWatchLine(row, s));
         return page;
       }},
  };
  for (NamedScreen& list : ListScreens()) screens.push_back(std::move(list));
  return screens;
}

}  // namespace enlace::client::testing
