#include "client/delivery/draft.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/alerts/compose.h"
#include "client/alerts/merge.h"
#include "enlace/v1/room.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

v1::Urgency UrgencyOf(alert::v1::Priority priority) {
  switch (priority) {
    case alert::v1::PRIORITY_URGENT:
      return v1::URGENCY_URGENT;
    case alert::v1::PRIORITY_HIGH:
      return v1::URGENCY_HIGH;
    default:
      return v1::URGENCY_ROUTINE;
  }
}

size_t ActiveDevices(const Services& services, const std::string& office_id) {
  return services.rooms.registry().ActiveDevicesOf(office_id, services.now_ms()).size();
}

}  // namespace

vault::v1::OutboxItem ItemFor(const AlertDraft& draft) {
  const alert::v1::CaseAlert& alert = draft.alert;
  vault::v1::OutboxItem item;
  item.set_kind(alert.message_type() == alert::v1::MESSAGE_TYPE_ALERT
                    ? vault::v1::OUTBOX_KIND_NEW_CASE
                    : vault::v1::OUTBOX_KIND_CONTENT);
  item.set_case_ref(alert.case_ref());
  item.set_alert_id(alert.alert_id());
  item.set_office_id(draft.office_id);
  item.set_urgency(UrgencyOf(alert.priority()));
  item.set_delete_after_ms(alerts::ToMs(alert.handling().delete_after()));
  // Exercises show no deadline to the server: they never escalate outside their participants.
  if (alert.status() != alert::v1::STATUS_ACTUAL) return item;
  item.set_ack_due_after_ms(alerts::ToMs(alert.ack_due_at()) - alerts::ToMs(alert.created_at()));
  for (const alert::v1::Recipient& recipient : alert.recipients()) {
    if (recipient.role() == alert::v1::ROLE_ACTION) item.add_ack_office_ids(recipient.office_id());
  }
  return item;
}

vault::v1::OutboxItem IdentityItemFor(const AlertDraft& draft) {
  const alert::v1::CaseAlert& alert = draft.alert;
  vault::v1::OutboxItem item;
  item.set_kind(vault::v1::OUTBOX_KIND_IDENTITY);
  item.set_case_ref(alert.case_ref());
  item.set_alert_id(alert.alert_id());
  item.set_office_id(draft.office_id);
  item.set_urgency(UrgencyOf(alert.priority()));
  item.set_delete_after_ms(alerts::ToMs(alert.handling().delete_after()));
  return item;
}

vault::v1::CaseRecord RecordFor(const AlertDraft& draft, int64_t now_ms) {
  const alert::v1::CaseAlert& alert = draft.alert;
  vault::v1::CaseRecord record;
  record.set_case_ref(alert.case_ref());
  record.set_opening_alert_id(alert.alert_id());
  record.set_newest_alert_id(alert.alert_id());
  record.set_alert_type(alert.alert_type());
  record.set_priority(alert.priority());
  record.set_status(alert.status());
  record.set_origin_office_id(draft.office_id);
  record.set_subject(alert.subject());
  record.set_opened_at_ms(now_ms);
  record.set_newest_at_ms(now_ms);
  record.set_delete_after_ms(alerts::ToMs(alert.handling().delete_after()));
  record.set_review_at_ms(alerts::ToMs(alert.handling().review_at()));
  for (const alert::v1::Recipient& recipient : alert.recipients()) {
    vault::v1::CaseOffice& office = *record.add_offices();
    office.set_office_id(recipient.office_id());
    office.set_role(recipient.role());
    office.set_state(static_cast<int>(alerts::RowState::kQueued));
  }
  return record;
}

SendOutcome OutcomeOf(const vault::v1::OutboxItem& item, const alert::v1::CaseAlert& alert,
                      const Services& services) {
  SendOutcome outcome;
  outcome.case_ref = alert.case_ref();
  outcome.alert_id = alert.alert_id();
  outcome.accepted_at_ms = item.accepted_at_ms();
  outcome.state = item.accepted_at_ms() != 0 ? alerts::RowState::kSent : alerts::RowState::kQueued;
  if (item.phase() == vault::v1::OUTBOX_PHASE_FAILED) outcome.state = alerts::RowState::kFailed;
  outcome.status = alert.status();
  outcome.tlp = alert.handling().tlp();
  for (const alert::v1::Recipient& recipient : alert.recipients()) {
    outcome.offices.emplace_back(recipient.office_id(), recipient.role());
    const size_t devices = ActiveDevices(services, recipient.office_id());
    outcome.devices += devices;
    if (devices == 0) outcome.offices_without_devices.push_back(recipient.office_id());
  }
  outcome.attachments = static_cast<size_t>(alert.attachments_size());
  for (const alert::v1::Attachment& attachment : alert.attachments()) {
    outcome.attachment_bytes += attachment.size_bytes();
  }
  for (const vault::v1::OutboxAttachment& attachment : item.attachments()) {
    outcome.uploaded_bytes += attachment.uploaded_bytes();
  }
  return outcome;
}

absl::StatusOr<Bytes> ReadFile(const std::string& path, uint64_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT) return MakeError(Reason::kFileNotFound, {{"path", path}});
  if (fd < 0)
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(errno)}});
  struct stat info {};
  Bytes bytes;
  absl::Status status;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    status = MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", "not a regular file"}});
  } else if (static_cast<uint64_t>(info.st_size) > bytes_max) {
    status = MakeError(Reason::kBodyTooLarge, {{"what", path},
                                               {"size_bytes", std::to_string(info.st_size)},
                                               {"limit_bytes", std::to_string(bytes_max)}});
  } else {
    bytes.resize(static_cast<size_t>(info.st_size));
  }
  size_t have = 0;
  while (status.ok() && have < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      status = MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", "it became shorter"}});
    if (got > 0) have += static_cast<size_t>(got);
  }
  ::close(fd);
  if (!status.ok()) return status;
  return bytes;
}

}  // namespace enlace::client
