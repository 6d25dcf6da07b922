// status: the sender's table, and this machine.

#include <algorithm>

#include "client/cli/render.h"
#include "client/cli/render_parts.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"
#include "client/texts/durations.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using alerts::Row;
using texts::CodeKind;

constexpr size_t kOfficeColumns = 18;
constexpr size_t kRoleColumns = 7;
constexpr size_t kTimeColumns = 11;
constexpr size_t kReadColumns = 7;
constexpr size_t kAckColumns = 20;

std::string AckWord(const StatusView& view, const Row& row, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  if (row.role == alert::v1::ROLE_INFO) return sheet.T("not asked");
  if (row.acknowledged.happened()) {
    return texts::ClockTime(screen.zone, row.acknowledged.at_ms) + " " +
           sheet.Safe(row.acknowledged.officer_id);
  }
  const alerts::RowFlags flags = alerts::FlagsOf(view.the_case.table, row, screen.now_ms);
  if (flags.ack_late) {
    return sheet.T("LATE {age}",
                   {{"age", texts::Relative(screen.language(), row.ack_due_ms, screen.now_ms)}});
  }
  return row.ack_due_ms == 0
             ? std::string(screen.glyphs().dash)
             : sheet.T("by {time}", {{"time", texts::ClockTime(screen.zone, row.ack_due_ms)}});
}

bool HasNoDevice(const StatusView& view, const std::string& office) {
  return std::find(view.offices_without_devices.begin(), view.offices_without_devices.end(),
                   office) != view.offices_without_devices.end();
}

const OutboxState* WaitingItem(const StatusView& view, const Row& row) {
  for (const OutboxState& state : view.outbox) {
    const bool waits = state.state != alerts::RowState::kSent;
    if (waits && state.action == 0 && state.alert_id == row.alert_id) return &state;
  }
  return nullptr;
}

std::string QueueText(const OutboxState& item, const Freshness& fresh, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  if (item.state == alerts::RowState::kFailed) {
    return sheet.T(
        "NOT SENT: {why}",
        {{"why", LocalMessage(item.reason,
                              screen.language() == texts::Language::kSpanish ? item.message_es
                                                                             : item.message_en,
                              screen)}});
  }
  const std::string tries =
      texts::Plural(screen.language(), "{count} try", "{count} tries", item.attempts);
  // What is tried again and again tells when; the first try is under way.
  const std::string next =
      item.next_attempt_ms <= screen.now_ms
          ? ""
          : ", " + sheet.T("next {time}",
                           {{"time", texts::ClockTime(screen.zone, item.next_attempt_ms)}});
  const bool offline = !fresh.online && fresh.offline_since_ms != 0;
  return (offline ? sheet.T("queued: no connection since {time}, {tries}",
                            {{"time", texts::ClockTime(screen.zone, fresh.offline_since_ms)},
                             {"tries", tries}})
                  : sheet.T("queued since {time}, {tries}",
                            {{"time", texts::ClockTime(screen.zone, item.queued_at_ms)},
                             {"tries", tries}})) +
         next;
}

void DrawRow(const StatusView& view, const Row& row, Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const std::string role = texts::RoleShort(screen.language(), row.role);
  const std::string office = texts::PadRight("  " + sheet.Safe(row.office_id), kOfficeColumns);
  const std::string head = office + texts::PadRight(role, kRoleColumns - 1);
  if (HasNoDevice(view, row.office_id)) {
    sheet.Field(head, sheet.T("NO ACTIVE MACHINE: nobody can read it. Call the duty phone."));
    return;
  }
  if (const OutboxState* waiting = WaitingItem(view, row)) {
    sheet.Field(head, QueueText(*waiting, view.the_case.freshness, sheet));
    return;
  }
  const size_t rest =
      sheet.Rest(kOfficeColumns + kRoleColumns + kTimeColumns + kReadColumns + kAckColumns);
  sheet.Row({{office, kOfficeColumns},
             {role, kRoleColumns},
             {ClockOf(sheet, row.delivered.at_ms), kTimeColumns},
             {ClockOf(sheet, row.read.at_ms), kReadColumns},
             {AckWord(view, row, sheet), kAckColumns},
             {sheet.Safe(texts::CodeName(screen.language(), CodeKind::kRowState,
                                         static_cast<int>(row.state))),
              rest}});
}

// The rows that count: those of the opening alert and those of offices that came in later.
std::vector<const Row*> CaseRows(const StatusView& view) {
  std::vector<const Row*> rows;
  for (const Row& row : view.the_case.table.rows) {
    const bool seen = std::any_of(rows.begin(), rows.end(),
                                  [&](const Row* one) { return one->office_id == row.office_id; });
    if (!seen && row.office_id != view.the_case.table.origin_office_id) rows.push_back(&row);
  }
  return rows;
}

// "13:20", with the day when it is not that of sending.
std::string DueText(const StatusView& view, int64_t due_ms, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const auto day = [&](int64_t at_ms) {
    return texts::ShortDay(screen.language(), screen.zone, at_ms, screen.now_ms);
  };
  const std::string clock = texts::ClockTime(screen.zone, due_ms);
  return day(due_ms) == day(view.the_case.opened_at_ms) ? clock : day(due_ms) + " " + clock;
}

// The deadlines of the offices that were asked to act; the same for all that entered together.
void DrawDeadlines(const StatusView& view, Sheet& sheet) {
  for (const Row& row : view.the_case.table.rows) {
    if (row.role != alert::v1::ROLE_ACTION || row.ack_due_ms == 0) continue;
    const std::string answer = row.response_due_ms == 0
                                   ? ""
                                   : sheet.T("answer before {time}",
                                             {{"time", DueText(view, row.response_due_ms, sheet)}});
    sheet.Text(sheet.Dotted(
        {sheet.T("Acknowledge before {time}", {{"time", DueText(view, row.ack_due_ms, sheet)}}),
         answer}));
    return;
  }
}

// Whether the server does not have the alert yet that opened the case.
bool IsQueued(const StatusView& view) {
  return std::ranges::any_of(view.outbox, [&](const OutboxState& state) {
    return state.action == 0 && state.state != alerts::RowState::kSent &&
           state.alert_id == view.the_case.table.opening_alert_id;
  });
}

void DrawStatusHead(const StatusView& view, Sheet& sheet) {
  const alerts::AlertView& picture = view.the_case.merged.picture;
  const Screen& screen = sheet.screen();
  DrawMark(picture.status, sheet);
  sheet.Ends(
      sheet.Safe(picture.case_ref) + "  " +
          sheet.Safe(texts::CodeName(screen.language(), CodeKind::kAlertType, picture.alert_type)),
      sheet.Dotted({PriorityWord(picture.priority, sheet),
                    CaseStateWord(view.the_case.table.state, sheet)}));
  std::string handling = texts::CodeWord(CodeKind::kTlp, picture.handling.tlp);
  for (const int code : picture.handling.codes) {
    handling += (code == picture.handling.codes.front() ? sheet.Dot() : " ") +
                sheet.Safe(texts::CodeWord(CodeKind::kHandlingCode, code));
  }
  const size_t attachments = view.the_case.attachments.size();
  sheet.Ends(
      handling,
      sheet.Dotted(
          {sheet.T(IsQueued(view) ? ENLACE_TEXT("queued {time}") : ENLACE_TEXT("sent {time}"),
                   {{"time", texts::LocalThenUtcClock(screen.language(), screen.zone,
                                                      view.the_case.opened_at_ms, screen.now_ms)}}),
           attachments == 0 ? ""
                            : sheet.Safe(texts::Plural(screen.language(), "{count} attachment",
                                                       "{count} attachments", attachments))}));
  DrawDeadlines(view, sheet);
  if (!view.the_case.freshness.online) sheet.Text(ConnectionText(view.the_case.freshness, sheet));
  if (!picture.handling.restriction_note.empty()) {
    sheet.Text(sheet.T("Restriction: {text}", {{"text", picture.handling.restriction_note}}));
  }
}

size_t CountUnacknowledged(const std::vector<const Row*>& rows) {
  return static_cast<size_t>(std::count_if(rows.begin(), rows.end(), [](const Row* row) {
    return row->role == alert::v1::ROLE_ACTION && !row->acknowledged.happened();
  }));
}

// Of an office that has not acknowledged: whom to call.
void DrawWhomToCall(const StatusView& view, const Row& row, Sheet& sheet) {
  for (const auto& [office, phone] : view.duty_phones) {
    if (office != row.office_id) continue;
    sheet.Text(sheet.T("On duty at {office}: {phone} · enlace directory {office}",
                       {{"office", office}, {"phone", phone}}));
  }
}

// Whose supervisors were told that the window has run out, and when.
std::string NoticeText(const StatusView& view, const std::vector<const Row*>& rows,
                       const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  std::string text;
  for (const Row* row : rows) {
    const alerts::RowFlags flags = alerts::FlagsOf(view.the_case.table, *row, screen.now_ms);
    const bool told = !row->acknowledged.happened() && row->role == alert::v1::ROLE_ACTION &&
                      flags.escalation_percent >= 100;
    if (!told) continue;
    text += " " + sheet.T("Notice to the supervisor of {office}: {time}.",
                          {{"office", row->office_id},
                           {"time", texts::ClockTime(screen.zone, row->ack_due_ms)}});
  }
  return text;
}

// Rule 9: who has not confirmed yet, of each correction and withdrawal.
void DrawUnconfirmed(const StatusView& view, Sheet& sheet) {
  const alerts::CaseTable& table = view.the_case.table;
  std::vector<std::string> told;
  for (const alerts::Row& row : table.rows) {
    for (const alerts::Confirmation& one : row.confirmations) {
      if (std::ranges::find(told, one.action_id) != told.end()) continue;
      told.push_back(one.action_id);
      std::string offices;
      for (const alerts::Row* waits : alerts::Unconfirmed(table, one.action_id))
        offices += (offices.empty() ? "" : ", ") + waits->office_id;
      if (offices.empty()) continue;
      sheet.Text(sheet.T(one.is_withdrawal
                             ? ENLACE_TEXT("Withdrawal not confirmed yet: {offices}.")
                             : ENLACE_TEXT("Correction not confirmed yet: {offices}."),
                         {{"offices", offices}}));
    }
  }
}

// This machine's steps that the server does not have: the table does not show them yet.
void DrawQueuedSteps(const StatusView& view, Sheet& sheet) {
  std::string steps;
  for (const OutboxState& state : view.outbox) {
    if (state.action == 0 || state.state != alerts::RowState::kQueued) continue;
    steps += (steps.empty() ? "" : ", ") +
             texts::CodeName(sheet.screen().language(), CodeKind::kAction, state.action);
  }
  if (steps.empty()) return;
  sheet.Text(
      sheet.T("Queued here, they count when the server has them: {steps}.", {{"steps", steps}}));
}

void DrawStatusFoot(const StatusView& view, const std::vector<const Row*>& rows, Sheet& sheet) {
  const Screen& screen = sheet.screen();
  sheet.Line();
  sheet.Text(sheet.T("DELIVERED: a machine decrypted it · READ: somebody opened it · ACKNOWLEDGED: "
                     "the office answers for it. Local times ({zone}).",
                     {{"zone", texts::OffsetName(screen.zone, screen.now_ms)}}),
             2);
  const auto action =
      static_cast<size_t>(std::count_if(rows.begin(), rows.end(), [](const Row* row) {
        return row->role == alert::v1::ROLE_ACTION;
      }));
  sheet.Line();
  // Of a case that has ended nobody owes an acknowledgement.
  const bool open = view.the_case.table.state == alerts::CaseState::kOpen;
  const size_t missing = open ? CountUnacknowledged(rows) : 0;
  if (missing != 0) {
    const std::string all =
        texts::Plural(screen.language(), "{count} office", "{count} offices", action);
    sheet.Text(sheet.T("{missing} of {all} without acknowledgement.",
                       {{"missing", std::to_string(missing)}, {"all", all}}) +
               NoticeText(view, rows, sheet));
  } else if (action != 0 && open) {
    sheet.Text(sheet.T("Every office that was asked to act has acknowledged."));
  }
  DrawUnconfirmed(view, sheet);
  DrawQueuedSteps(view, sheet);
  for (const Row* row : rows) {
    const bool owes = row->role == alert::v1::ROLE_ACTION && !row->acknowledged.happened();
    if (open && owes) DrawWhomToCall(view, *row, sheet);
  }
}

}  // namespace

Page RenderStatus(const StatusView& view, const Screen& screen) {
  Sheet sheet(screen);
  DrawStatusHead(view, sheet);
  sheet.Line();
  const size_t rest =
      sheet.Rest(kOfficeColumns + kRoleColumns + kTimeColumns + kReadColumns + kAckColumns);
  sheet.Row({{"  " + sheet.T("OFFICE"), kOfficeColumns},
             {sheet.T("ROLE"), kRoleColumns},
             {sheet.T("DELIVERED"), kTimeColumns},
             {sheet.T("READ"), kReadColumns},
             {sheet.T("ACKNOWLEDGED"), kAckColumns},
             {sheet.T("STATE"), rest}});
  const std::vector<const Row*> rows = CaseRows(view);
  for (const Row* row : rows) DrawRow(view, *row, sheet);
  DrawStatusFoot(view, rows, sheet);
  sheet.Next(sheet.T("Proof of notification: enlace receipt {case} --out FILE",
                     {{"case", view.the_case.table.case_ref}}));
  sheet.NextClose();
  return sheet.Take();
}

namespace {

constexpr int64_t kClockOffMs = 5 * 60 * 1000;

// "+0.4": seconds that the server is ahead.
std::string OffsetText(int64_t offset_ms) {
  const int64_t tenths = (std::abs(offset_ms) + 50) / 100;
  return (offset_ms < 0 && tenths != 0 ? "-" : "+") + std::to_string(tenths / 10) + "." +
         std::to_string(tenths % 10);
}

// "you and ofc-sv-015 until Wed 18 Nov 06:00".
std::string DutyText(const MachineView& view, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  std::string names;
  for (const std::string& officer : view.on_duty) {
    const std::string name = officer == view.officer_id ? sheet.T("you") : sheet.Safe(officer);
    const bool last = &officer == &view.on_duty.back();
    names += (names.empty() ? "" : last ? " " + sheet.T("and") + " " : ", ") + name;
  }
  return sheet.T("{names} until {time}",
                 {{"names", names},
                  {"time", texts::ShortDay(screen.language(), screen.zone, view.on_duty_until_ms,
                                           screen.now_ms) +
                               " " + texts::ClockTime(screen.zone, view.on_duty_until_ms)}});
}

std::string IdentityText(const MachineView& view, const Sheet& sheet) {
  const texts::Glyphs& glyphs = sheet.screen().glyphs();
  const std::string entries = texts::Count(sheet.screen().language(), view.registry_entries);
  return sheet.Dotted({sheet.T("charter v{version}, signed by {signed} of {keys} keys {tick}",
                               {{"version", std::to_string(view.charter_version)},
                                {"signed", std::to_string(view.charter_signatures)},
                                {"keys", std::to_string(view.charter_keys)},
                                {"tick", glyphs.tick}}),
                       view.registry_consistent
                           ? sheet.T("registry {entries} entries {mark} coherent",
                                     {{"entries", entries}, {"mark", glyphs.tick}})
                           : sheet.T("registry {entries} entries {mark} EMPTY",
                                     {{"entries", entries}, {"mark", glyphs.cross}})});
}

std::string VaultText(const MachineView& view, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const texts::Language language = screen.language();
  return sheet.Dotted(
      {sheet.T("{cases} cases, {open} open", {{"cases", texts::Count(language, view.cases)},
                                              {"open", texts::Count(language, view.open_cases)}}),
       view.vault_bytes == 0 ? "" : sheet.Safe(texts::ByteSize(language, view.vault_bytes)),
       view.unlocked_until_ms == 0
           ? ""
           : sheet.T("open until {time}",
                     {{"time", texts::ClockTime(screen.zone, view.unlocked_until_ms)}})});
}

}  // namespace

Page RenderMachine(const MachineView& view, const Screen& screen) {
  Sheet sheet(screen);
  const texts::Language language = screen.language();
  std::string offices;
  for (const std::string& office : view.office_ids)
    offices += (offices.empty() ? "" : ", ") + office;
  sheet.Text(sheet.Dotted({sheet.Safe(view.officer_id), sheet.Safe(offices),
                           sheet.T("machine {device} (this one)", {{"device", view.device_id}})}));
  constexpr size_t kLabel = 14;
  const auto field = [&](const std::string& label, const std::string& value) {
    sheet.Field(texts::PadRight(label, kLabel - 1, ""), value);
  };
  const std::string clock =
      std::abs(view.clock_offset_ms) > kClockOffMs
          ? sheet.T("clock differs by {span}",
                    {{"span", texts::Span(language, view.clock_offset_ms)}})
          : sheet.T("clock right ({offset} s)", {{"offset", OffsetText(view.clock_offset_ms)}});
  field(sheet.T("Server"),
        sheet.Dotted({sheet.Safe(view.server),
                      view.freshness.online
                          ? sheet.T("online, {ms} ms", {{"ms", std::to_string(view.round_trip_ms)}})
                          : sheet.T("OFFLINE"),
                      clock}));
  const std::string queued =
      view.freshness.queued == 0
          ? sheet.T("nothing queued")
          : sheet.T("{count} queued", {{"count", texts::Count(language, view.freshness.queued)}});
  field(
      sheet.T("Synchronised"),
      sheet.Dotted(
          {view.freshness.synced_at_ms == 0
               ? sheet.T("never")
               : sheet.Safe(texts::Relative(language, view.freshness.synced_at_ms, screen.now_ms)),
           queued,
           view.attachments_waiting == 0
               ? ""
               : sheet.T("{count} attachments not downloaded ({size})",
                         {{"count", texts::Count(language, view.attachments_waiting)},
                          {"size", texts::ByteSize(language, view.attachments_waiting_bytes)}})}));
  field(sheet.T("Certificate"),
        sheet.T("valid until {day} ({days} days)",
                {{"day", texts::IsoDay(view.certificate_until_ms)},
                 {"days", std::to_string(std::max<int64_t>(
                              0, (view.certificate_until_ms - screen.now_ms) / kDayMs))}}));
  field(sheet.T("Identity"), IdentityText(view, sheet));
  field(sheet.T("Vault"), VaultText(view, sheet));
  if (!view.on_duty.empty()) field(sheet.T("On duty"), DutyText(view, sheet));
  if (view.late_alerts != 0) {
    field(sheet.T("Attention"),
          sheet.Dotted({sheet.Safe(texts::Plural(language, "{count} alert is late",
                                                 "{count} alerts are late", view.late_alerts)),
                        "enlace inbox"}));
  }
  return sheet.Take();
}

}  // namespace enlace::client
