#include "tests/attack/modified_client.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "client/alerts/compose.h"
#include "client/cases/case_store.h"
#include "client/delivery/case_plan.h"
#include "client/delivery/content_signing.h"
#include "client/enrolment/device_store.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"

namespace enlace::testing {
namespace {

template <typename T>
T Value(absl::StatusOr<T> value, const char* what) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s: %s\n", what, value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

}  // namespace

ModifiedClient::ModifiedClient(Officer& officer)
    : officer_(officer),
      vault_(officer.OpenVaultAsOwner()),
      identity_(Value(client::LoadDevice(*vault_), "identity")),
      own_(Value(client::OwnDeviceOf(identity_), "device")),
      replica_(Value(
          client::RegistryReplica::Open({officer.profile().registry_path(), identity_.pin, false}),
          "registry")),
      session_(Value(
          client::Session::Connect(client::EndpointOf(identity_, replica_->registry().charter()),
                                   client::TlsIdentityOf(identity_)),
          "session")),
      context_{*vault_, *replica_, own_, rng_, nullptr} {
  const absl::Status refreshed = replica_->Refresh(*session_, NowMs(), client::kCallTimeoutMs);
  if (!refreshed.ok()) std::abort();
}

absl::StatusOr<std::unique_ptr<client::Room>> ModifiedClient::RoomOf(const std::string& case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const auto record, client::CaseStore(*vault_).Find(case_ref));
  if (!record) return NotFound("no such case");
  return client::Room::Load(context_, AsBytes(record->room_id()));
}

absl::Status ModifiedClient::SendToCase(const std::string& case_ref,
                                        const alert::v1::Content& content,
                                        const std::string& office) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<client::Room> room, RoomOf(case_ref));
  const client::Services services{officer_.profile(), context_, *session_, NowMs};
  ENLACE_ASSIGN_OR_RETURN(
      const Bytes signed_content,
      client::SignForCase(services, case_ref, AsBytes(content.SerializeAsString())));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<client::VaultTransaction> tx, vault_->Begin());
  ENLACE_ASSIGN_OR_RETURN(const Bytes message, room->Protect(*tx, signed_content));
  ENLACE_RETURN_IF_ERROR(tx->Commit());
  v1::SendRequest request;
  request.set_request_id(client::NewRequestId(NowMs(), rng_));
  request.set_room_id(room->record().room_id());
  v1::Envelope& envelope = *request.mutable_envelope();
  envelope.set_message(ToText(message));
  envelope.set_epoch(room->epoch());
  envelope.set_sender_office_id(office);
  envelope.set_urgency(v1::URGENCY_HIGH);
  return session_->Send(request, client::kCallTimeoutMs).status();
}

absl::Status ModifiedClient::LetIn(const std::string& case_ref, const std::string& entering,
                                   room::OfficeRole role) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<client::Room> room, RoomOf(case_ref));
  return LetInto(room->id(), entering, role);
}

absl::Status ModifiedClient::LetInto(BytesView room_id, const std::string& entering,
                                     room::OfficeRole role) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<client::Room> room,
                          client::Room::Load(context_, room_id));
  const client::Services services{officer_.profile(), context_, *session_, NowMs};
  client::CommitIntent intent;
  ENLACE_ASSIGN_OR_RETURN(intent.policy, room->Policy());
  intent.policy->participants.push_back({entering, role});
  std::sort(intent.policy->participants.begin(), intent.policy->participants.end(),
            [](const auto& a, const auto& b) { return a.office_id < b.office_id; });
  ENLACE_ASSIGN_OR_RETURN(intent.adds, client::ClaimForOffices(services, {entering}));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<client::VaultTransaction> tx, vault_->Begin());
  ENLACE_ASSIGN_OR_RETURN(const client::PreparedCommit prepared, room->PrepareCommit(*tx, intent));
  ENLACE_RETURN_IF_ERROR(tx->Commit());
  v1::CommitRequest commit;
  commit.set_request_id(client::NewRequestId(NowMs(), rng_));
  commit.set_room_id(room->record().room_id());
  client::FillBundle(prepared, {}, *commit.mutable_bundle());
  return session_->Commit(commit, client::kCallTimeoutMs).status();
}

alert::v1::Content ModifiedClient::Action(const std::string& case_ref, const std::string& alert_id,
                                          int action) {
  std::array<uint8_t, 10> random{};
  rng_.Fill(random);
  alert::v1::Content content;
  content.set_version(1);
  alert::v1::CaseAction& made = *content.mutable_action()->mutable_action();
  made.set_action_id(alerts::MakeUuidV7(NowMs(), random));
  made.set_alert_id(alert_id);
  made.set_case_ref(case_ref);
  made.set_action(static_cast<alert::v1::Action>(action));
  made.mutable_actor()->set_office_id(officer_.office());
  made.mutable_actor()->set_officer_id(std::string(officer_.device().uri.officer_id()));
  *made.mutable_at() = alerts::FromMs(NowMs());
  return content;
}

alert::v1::Content ContentOf(const alert::v1::CaseAlert& alert) {
  alert::v1::Content content;
  content.set_version(1);
  *content.mutable_alert()->mutable_alert() = alert;
  content.mutable_alert()->set_part(alert::v1::ALERT_PART_WHOLE);
  return content;
}

std::string LastRefusal(Officer& officer) {
  const auto view = officer.Show(kCaseA01);
  std::string reason;
  if (!view.ok()) return reason;
  for (const alerts::HistoryStep& step : view->table.history) {
    if (step.refused) reason = step.refused->reason;
  }
  return reason;
}

}  // namespace enlace::testing
