// What send, the verbs, check and doctor say, as screens to compare with their golden files.
#include "client/alerts/report.h"
#include "client/alerts/validation.h"
#include "client/cli/doctor_view.h"
#include "client/cli/render.h"
#include "client/cli/verify_view.h"
#include "proto/errors/reasons.h"
#include "tests/cli/screen_views.h"
#include "tests/unit/alerts/case_files.h"
#include "tests/unit/alerts/fake_directory.h"

namespace enlace::client::testing {
namespace {

using alert::v1::Action;

SendOutcome Sent() {
  SendOutcome outcome;
  outcome.case_ref = "MX-2026-001877";
  outcome.state = alerts::RowState::kSent;
  outcome.accepted_at_ms = At("2026-11-18T04:40:07Z");
  outcome.status = alert::v1::STATUS_ACTUAL;
  outcome.tlp = alert::v1::TLP_AMBER_STRICT;
  outcome.offices = {{"sv.consular", alert::v1::ROLE_ACTION},
                     {"sv.child", alert::v1::ROLE_ACTION},
                     {"ts.secretariat", alert::v1::ROLE_INFO}};
  outcome.devices = 9;
  outcome.attachments = 1;
  outcome.attachment_bytes = 88 << 10;
  outcome.uploaded_bytes = 11 << 10;
  return outcome;
}

SendOutcome Queued() {
  SendOutcome outcome = Sent();
  outcome.state = alerts::RowState::kQueued;
  outcome.accepted_at_ms = 0;
  outcome.status = alert::v1::STATUS_EXERCISE;
  outcome.offices_without_devices = {"sv.child"};
  return outcome;
}

ActionOutcome Step(Action action) {
  ActionOutcome outcome;
  outcome.case_ref = "MX-2026-001877";
  outcome.office_id = "sv.consular";
  outcome.officer_id = "ofc-sv-012";
  outcome.status = alert::v1::STATUS_ACTUAL;
  outcome.action = action;
  outcome.state = alerts::RowState::kSent;
  outcome.at_ms = At("2026-11-18T04:56:10Z");
  outcome.response_due_ms = At("2026-11-18T12:40:00Z");
  outcome.assignee_officer_id = "ofc-sv-015";
  if (action == alert::v1::ACTION_REFER) outcome.other_office_id = "gt.consular";
  return outcome;
}

// Every verb, one after the other.
Page Steps(const Screen& screen, bool queued) {
  Page all;
  for (const Action action :
       {alert::v1::ACTION_ACKNOWLEDGE, alert::v1::ACTION_ACCEPT, alert::v1::ACTION_ASSIGN,
        alert::v1::ACTION_REQUEST_INFO, alert::v1::ACTION_ANSWER, alert::v1::ACTION_REFER,
        alert::v1::ACTION_DECLINE, alert::v1::ACTION_CLOSE, alert::v1::ACTION_REOPEN,
        alert::v1::ACTION_EXTEND, alert::v1::ACTION_HANDOVER_OFFICER, alert::v1::ACTION_CORRECT,
        alert::v1::ACTION_WITHDRAW}) {
    ActionOutcome outcome = Step(action);
    if (queued) outcome.state = alerts::RowState::kQueued;
    if (queued) outcome.at_ms = 0;
    const std::vector<std::string> lines = WholePage(RenderStep(outcome, screen), false);
    all.lines.insert(all.lines.end(), lines.begin(), lines.end());
  }
  return all;
}

Page Repeated(const Screen& screen) {
  ActionOutcome outcome = Step(alert::v1::ACTION_ACKNOWLEDGE);
  outcome.already_done = true;
  outcome.officer_id = "ofc-sv-015";
  outcome.at_ms = At("2026-11-18T04:55:41Z");
  return RenderStep(outcome, screen);
}

// A01 with a birth date ahead, a telephone without country, an office that does not exist, an event
// of tomorrow, and the country of origin told against the person's will.
Page Check(const Screen& screen) {
  alert::v1::CaseAlert alert = alerts::CaseOf("A01");
  alert.mutable_persons(0)->mutable_birth_date()->set_year(2031);
  alert.mutable_persons(1)->clear_phones();
  alert.mutable_persons(1)->add_phones("9999 0103");
  alert.mutable_recipients(2)->set_office_id("us.consulado");
  const alerts::FakeDirectory directory;
  alerts::ValidationContext context;
  context.directory = &directory;
  context.server_time_ms = At("2026-11-16T15:20:30Z");
  alerts::Violations violations = alerts::ValidateAlert(alert, context);
  alerts::Normalise(violations);
  return RenderViolations("A01-mala.json", violations, screen);
}

// A reason that names an instant, and an officer's text that only looks like one.
Page Refused(const Screen& screen) {
  alerts::Violations violations = {
      alerts::MakeViolation(Reason::kAlreadyAccepted, alerts::Severity::kError, "alert_id",
                            {alerts::Same("time", "2026-11-18T04:40:07Z")}),
      alerts::MakeViolation(Reason::kOfficeUnknown, alerts::Severity::kError,
                            "recipients[0].office_id",
                            {alerts::Same("office", "2026-11-18T04:40:07Z")})};
  return RenderViolations("A02.json", violations, screen);
}

DoctorView Healthy() {
  DoctorView view;
  view.now_ms = At("2026-11-18T04:52:00Z");
  view.disk_free_bytes = 41ull << 30;
  view.server = "enlace.rcm.example:443";
  view.clock_offset_ms = 400;
  view.round_trip_ms = 640;
  view.certificate_until_ms = At("2027-03-02T12:00:00Z");
  view.registry_entries = 18'342;
  view.registry_seen_at_ms = view.now_ms - 3'000;
  return view;
}

DoctorView Ill() {
  DoctorView view = Healthy();
  view.disk_free_bytes = 12ull << 20;
  view.network = view.session =
      MakeError(Reason::kServerUnreachable, {{"server", "enlace.rcm.example:443"}});
  view.clock_offset_ms = -72LL * 60 * 60 * 1000;
  view.certificate_until_ms = At("2026-11-20T12:00:00Z");
  view.registry = MakeError(Reason::kHeadTooOld, {{"hours", "31"}});
  view.queued = 2;
  return view;
}

VerifyView Vouched() {
  using Kind = VerifiedEntry::Kind;
  VerifyView view;
  view.subject = "ofc-hn-007";
  view.authority = "hn";
  view.authority_name_en = view.authority_name_es = "Honduras";
  view.charter_version = 14;
  view.cas = {"4F1C 92A0 7B3E D5A8"};
  view.machines = {
      {"enlace://hn/officers/ofc-hn-007/devices/dev-1", identity::DeviceState::kRevoked,
       At("2025-11-23T12:00:00Z"), At("2026-11-23T12:00:00Z")},
      {"enlace://hn/officers/ofc-hn-007/devices/dev-7", identity::DeviceState::kActive,
       At("2026-03-02T12:00:00Z"), At("2027-03-02T12:00:00Z")}};
  view.history = {{Kind::kAssigned, 812, {"hn.consular"}, 0},
                  {Kind::kSuspended, 9'004, {}, At("2026-05-02T12:00:00Z")},
                  {Kind::kResumed, 9'010, {}, 0},
                  {Kind::kAssigned, 17'220, {"hn.child", "hn.consular"}, 0}};
  view.registry_size = 18'342;
  view.words = {1, 20, 300, 400, 1'500, 2'047};
  return view;
}

}  // namespace

std::vector<NamedScreen> TalkScreens() {
  const int64_t night = At("2026-11-18T04:56:30Z");
  return {
      {"send", night, [](const Screen& s) { return RenderSend(Sent(), s); }},
      {"send-queued", night, [](const Screen& s) { return RenderSend(Queued(), s); }},
      {"verbs", night, [](const Screen& s) { return Steps(s, false); }},
      {"verbs-queued", night, [](const Screen& s) { return Steps(s, true); }},
      {"ack-repeated", night, [](const Screen& s) { return Repeated(s); }},
      {"check", night, [](const Screen& s) { return Check(s); }},
      {"check-sent", night, [](const Screen& s) { return Refused(s); }},
      {"ack-queued", night,
       [](const Screen& s) {
         ActionOutcome outcome = Step(alert::v1::ACTION_ACKNOWLEDGE);
         outcome.already_done = true;
         outcome.state = alerts::RowState::kQueued;
         outcome.at_ms = 0;
         return RenderStep(outcome, s);
       }},
      {"doctor", night, [](const Screen& s) { return RenderDoctor(Healthy(), s); }},
      {"doctor-ill", night, [](const Screen& s) { return RenderDoctor(Ill(), s); }},
      {"verify", night, [](const Screen& s) { return RenderVerify(Vouched(), s); }},
      {"doctor-locked", night,
       [](const Screen& s) {
         DoctorView view = Healthy();
         view.vault = MakeError(Reason::kPassphraseWrong);
         return RenderDoctor(view, s);
       }},
  };
}

}  // namespace enlace::client::testing
