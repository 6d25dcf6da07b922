#include "client/delivery/composer.h"

#include <algorithm>

#include "client/alerts/alert_json.h"
#include "client/alerts/case_ref.h"
#include "client/alerts/compose.h"
#include "client/alerts/guard.h"
#include "client/alerts/identity_split.h"
#include "client/alerts/report.h"
#include "client/alerts/validation.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/cases/registry_directory.h"
#include "client/delivery/attaching.h"
#include "client/delivery/draft.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_policy.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr uint32_t kCaseNumbersLeased = 10;

int YearOf(int64_t now_ms) {
  const std::time_t seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts.tm_year + 1900;
}

bool IsUpdate(const alert::v1::CaseAlert& alert) {
  return alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT;
}

// The part as the item's content. BODY_TOO_LARGE.
absl::Status SetContent(const alert::v1::AlertContent& part, vault::v1::OutboxItem& item) {
  alert::v1::Content content;
  content.set_version(1);
  *content.mutable_alert() = part;
  item.set_content(content.SerializeAsString());
  if (item.content().size() <= room::kContentBytesMax) return absl::OkStatus();
  return MakeError(Reason::kBodyTooLarge,
                   {{"what", "alert"},
                    {"size_bytes", std::to_string(item.content().size())},
                    {"limit_bytes", std::to_string(room::kContentBytesMax)}});
}

}  // namespace

absl::StatusOr<Composed> Composer::Compose(const ComposeRequest& request) {
  alerts::ParsedAlert parsed = alerts::ParseAlertJson(request.json);
  Composed composed;
  composed.violations = std::move(parsed.violations);
  if (!parsed.alert) return composed;
  AlertDraft draft;
  draft.alert = *std::move(parsed.alert);
  draft.violations = std::move(composed.violations);
  ENLACE_RETURN_IF_ERROR(Fill(draft, request));
  ENLACE_RETURN_IF_ERROR(Attach(draft, request.attach_paths));
  ENLACE_RETURN_IF_ERROR(Check(draft));
  alerts::Normalise(draft.violations);
  composed.violations = draft.violations;
  if (composed.refused()) return composed;
  ENLACE_ASSIGN_OR_RETURN(const bool earlier, FindEarlier(draft, composed));
  if (!earlier) ENLACE_RETURN_IF_ERROR(Queue(draft, composed));
  composed.outcome.warnings = composed.violations;
  return composed;
}

absl::Status Composer::Fill(AlertDraft& draft, const ComposeRequest& request) {
  const std::vector<std::string> offices = services_.Offices();
  if (offices.empty()) return MakeError(Reason::kUnauthenticated);
  draft.office_id = draft.alert.sender().office_id();
  if (!request.office_id.empty()) draft.office_id = request.office_id;
  if (draft.office_id.empty()) draft.office_id = offices.front();
  if (!request.fill) return absl::OkStatus();
  const identity::OfficeRecord* office = services_.rooms.registry().FindOffice(draft.office_id);
  const std::optional<alerts::OfficeEntry> entry =
      RegistryDirectory(services_.rooms.registry()).FindOffice(draft.office_id);
  if (office == nullptr || !entry)
    return MakeError(Reason::kOfficeUnknown, {{"office", draft.office_id}});
  alerts::FillInputs inputs;
  inputs.now_ms = services_.now_ms();
  services_.rooms.rng.Fill(inputs.random);
  if (draft.alert.case_ref().empty()) {
    ENLACE_ASSIGN_OR_RETURN(inputs.case_ref, LeaseCaseRef());
  }
  inputs.office_id = draft.office_id;
  inputs.country = entry->country;
  inputs.officer_id = std::string(services_.device().uri.officer_id());
  inputs.duty_phone = office->stated().duty_phone;
  inputs.language = office->stated().languages.front();
  alerts::FillDefaults(draft.alert, inputs);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Composer::LeaseCaseRef() {
  vault::v1::SyncRecord& record = sync_.mutable_record();
  const auto year = static_cast<uint32_t>(YearOf(services_.now_ms()));
  if (record.lease_year() != year || record.lease_next() >= record.lease_end()) {
    v1::LeaseCaseNumbersRequest request;
    request.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
    request.set_year(year);
    request.set_count(kCaseNumbersLeased);
    ENLACE_ASSIGN_OR_RETURN(const v1::LeaseCaseNumbersResponse lease,
                            services_.session.LeaseCaseNumbers(request, kCallTimeoutMs));
    record.set_lease_year(year);
    record.set_lease_next(lease.first_number());
    record.set_lease_end(lease.first_number() + lease.count());
  }
  std::string authority(services_.device().uri.authority());
  std::transform(authority.begin(), authority.end(), authority.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const alerts::CaseRef reference{authority, static_cast<int>(year), record.lease_next()};
  // The number is spent before it is used: a crash skips one, never gives one twice.
  record.set_lease_next(record.lease_next() + 1);
  ENLACE_RETURN_IF_ERROR(sync_.Save());
  return reference.ToText();
}

absl::Status Composer::Attach(AlertDraft& draft, const std::vector<std::string>& paths) {
  Attaching attaching{*draft.alert.mutable_attachments(), draft.files, draft.violations};
  for (const std::string& path : paths) ENLACE_RETURN_IF_ERROR(AttachFile(path, attaching));
  for (int i = 0; i < draft.alert.attachments_size(); ++i) {
    const alert::v1::Attachment& entry = draft.alert.attachments(i);
    const bool has_file = std::any_of(
        draft.files.begin(), draft.files.end(),
        [&](const DraftFile& file) { return file.attachment_id == entry.attachment_id(); });
    if (!has_file) {
      draft.violations.push_back(alerts::MakeViolation(
          Reason::kAttachmentFileMissing, alerts::Severity::kError,
          alerts::Indexed("attachments", i), {alerts::Same("name", entry.file_name())}));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Composer::RoomOffices(const std::string& case_ref) const {
  ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(services_.vault()).Find(case_ref));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", case_ref}});
  std::vector<std::string> offices = {record->origin_office_id()};
  for (const vault::v1::CaseOffice& office : record->offices())
    offices.push_back(office.office_id());
  return offices;
}

absl::Status Composer::Check(AlertDraft& draft) {
  const RegistryDirectory directory(services_.rooms.registry());
  alerts::ValidationContext context;
  context.directory = &directory;
  if (sync_.record().clock_offset_ms() != 0) {
    context.server_time_ms = services_.now_ms() + sync_.record().clock_offset_ms();
  }
  if (IsUpdate(draft.alert)) {
    ENLACE_ASSIGN_OR_RETURN(context.room_offices, RoomOffices(draft.alert.case_ref()));
  }
  const auto add = [&draft](alerts::Violations found) {
    for (alerts::Violation& violation : found) draft.violations.push_back(std::move(violation));
  };
  add(alerts::ValidateAlert(draft.alert, context));
  alerts::SenderFacts facts{draft.office_id, std::string(services_.device().uri.officer_id()),
                            context.room_offices};
  if (!services_.ActsFor(draft.office_id))
    facts.authenticated_office_id = services_.Offices().front();
  if (facts.parties.empty()) facts.parties = {facts.authenticated_office_id};
  // A sender that is not there was told already as what is missing.
  const alert::v1::Party& sender = draft.alert.sender();
  if (!sender.office_id().empty() && !sender.officer_id().empty())
    add(alerts::CheckSender(draft.alert, facts));
  add(alerts::CheckRecipients(draft.alert));
  if (!IsUpdate(draft.alert)) return absl::OkStatus();
  add(alerts::CheckRoom(alerts::GuardOf(draft.alert), context.room_offices));
  return CheckMayShareIdentity(draft);
}

// An office that has not accepted is not in the identity room, and shares no identity.
absl::Status Composer::CheckMayShareIdentity(AlertDraft& draft) {
  if (!alerts::SplitIdentity(draft.alert).identity) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto record,
                          CaseStore(services_.vault()).Find(draft.alert.case_ref()));
  const bool may = record && (services_.ActsFor(record->origin_office_id()) ||
                              !record->identity_room_id().empty());
  if (may) return absl::OkStatus();
  draft.violations.push_back(alerts::MakeViolation(Reason::kIdentityNeedsAccept,
                                                   alerts::Severity::kError, "persons",
                                                   {alerts::Same("case", draft.alert.case_ref())}));
  return absl::OkStatus();
}

absl::StatusOr<bool> Composer::FindEarlier(const AlertDraft& draft, Composed& composed) {
  const std::string wanted = alerts::SplitIdentity(draft.alert).notice.SerializeAsString();
  for (const vault::v1::OutboxItem& item : outbox_.items()) {
    const bool of_alert = item.alert_id() == draft.alert.alert_id() && item.action_id().empty() &&
                          item.kind() != vault::v1::OUTBOX_KIND_IDENTITY && !item.housekeeping();
    if (!of_alert) continue;
    if (item.phase() == vault::v1::OUTBOX_PHASE_FAILED) continue;
    alert::v1::Content content;
    if (!content.ParseFromString(item.content()))
      return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
    if (content.alert().alert().SerializeAsString() != wanted) return MakeError(Reason::kIdReused);
    composed.outcome = OutcomeOf(item, draft.alert, services_);
    composed.item_id = item.item_id();
    if (item.accepted_at_ms() != 0)
      composed.violations.push_back(alerts::AlreadyAccepted(item.accepted_at_ms()));
    return true;
  }
  ENLACE_ASSIGN_OR_RETURN(const auto place,
                          CaseStore(services_.vault()).FindAlert(draft.alert.alert_id()));
  if (place) return MakeError(Reason::kIdReused);
  if (IsUpdate(draft.alert)) return false;
  ENLACE_ASSIGN_OR_RETURN(const auto known,
                          CaseStore(services_.vault()).Find(draft.alert.case_ref()));
  if (known) return MakeError(Reason::kCaseExists, {{"case", draft.alert.case_ref()}});
  return false;
}

absl::StatusOr<DraftParts> Composer::Split(const AlertDraft& draft, DraftItems& queue) {
  alerts::SplitAlert split = alerts::SplitIdentity(draft.alert);
  DraftParts parts;
  *parts.notice.mutable_alert() = std::move(split.notice);
  parts.notice.set_part(split.identity ? alert::v1::ALERT_PART_NOTICE
                                       : alert::v1::ALERT_PART_WHOLE);
  if (split.identity) {
    parts.identity.emplace();
    *parts.identity->mutable_alert() = *std::move(split.identity);
    parts.identity->set_part(alert::v1::ALERT_PART_IDENTITY);
  }
  for (const DraftFile& file : draft.files) {
    const auto& listed = parts.notice.alert().attachments();
    const bool in_notice = std::any_of(listed.begin(), listed.end(), [&](const auto& attachment) {
      return attachment.attachment_id() == file.attachment_id;
    });
    // What is withheld belongs to the identity room, its blob too.
    alert::v1::AlertContent& part = in_notice ? parts.notice : *parts.identity;
    vault::v1::OutboxItem& carrier = in_notice ? queue.notice : queue.identity;
    ENLACE_RETURN_IF_ERROR(SealFile(services_.rooms.rng, transfers_, file,
                                    {*part.add_attachment_keys(), *carrier.add_attachments()}));
  }
  return parts;
}

absl::Status Composer::Queue(AlertDraft& draft, Composed& composed) {
  DraftItems queue{ItemFor(draft), IdentityItemFor(draft)};
  const absl::Status queued = QueueItems(draft, queue, composed);
  if (queued.ok()) return queued;
  // Nothing half-done remains: an item that is not durable leaves no ciphertext behind.
  DropSpool(transfers_, queue.notice);
  DropSpool(transfers_, queue.identity);
  return queued;
}

absl::Status Composer::QueueItems(AlertDraft& draft, DraftItems& queue, Composed& composed) {
  const alert::v1::CaseAlert& alert = draft.alert;
  ENLACE_ASSIGN_OR_RETURN(DraftParts parts, Split(draft, queue));
  ENLACE_RETURN_IF_ERROR(SetContent(parts.notice, queue.notice));
  if (parts.identity) {
    parts.identity->set_notice_digest(ToText(merkle::Sha256(AsBytes(queue.notice.content()))));
    ENLACE_RETURN_IF_ERROR(SetContent(*parts.identity, queue.identity));
  }
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  const CaseStore cases(services_.vault());
  if (IsUpdate(alert)) {
    ENLACE_ASSIGN_OR_RETURN(const auto record, cases.Find(alert.case_ref()));
    if (record) queue.notice.set_room_id(record->room_id());
    if (record) queue.identity.set_room_id(record->identity_room_id());
  } else {
    ENLACE_RETURN_IF_ERROR(cases.AddDraft(*tx, RecordFor(draft, services_.now_ms())));
  }
  ENLACE_ASSIGN_OR_RETURN(composed.item_id, outbox_.Enqueue(*tx, queue.notice));
  if (parts.identity) {
    ENLACE_RETURN_IF_ERROR(cases.KeepIdentity(*tx, alert.case_ref(), alert.alert_id(),
                                              AsBytes(parts.identity->SerializeAsString())));
    ENLACE_RETURN_IF_ERROR(outbox_.Enqueue(*tx, queue.identity).status());
  }
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  composed.outcome = OutcomeOf(queue.notice, alert, services_);
  return absl::OkStatus();
}

}  // namespace enlace::client
