#include "server/core/registry_core.h"

#include <algorithm>

#include "crypto/identity/log_entry.h"
#include "crypto/identity/officer_card.h"
#include "crypto/merkle/signed_head.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

absl::Status InvalidEntry(std::string_view what) {
  return MakeError(Reason::kRegistryEntryInvalid, {{"what", std::string(what)}});
}

// The authority that speaks in a statement entry; empty for a charter.
absl::StatusOr<std::string> SpeakerOf(BytesView encoded) {
  const auto entry = identity::DecodeLogEntry(encoded);
  if (!entry.ok()) return InvalidEntry(MessageOf(entry.status()));
  if (entry->kind == identity::LogEntryKind::kCharter) return std::string();
  const auto outer = identity::DecodeSignedStatement(entry->payload);
  if (!outer.ok()) return InvalidEntry(MessageOf(outer.status()));
  const auto statement = identity::DecodeStatement(outer->body);
  if (!statement.ok()) return InvalidEntry(MessageOf(statement.status()));
  return statement->authority;
}

Publication PublicationOf(const google::protobuf::RepeatedPtrField<std::string>& entries,
                          const google::protobuf::RepeatedPtrField<v1::Card>& cards) {
  Publication out;
  for (const std::string& entry : entries) out.entries.push_back(ToBytes(entry));
  for (const v1::Card& card : cards) out.cards.push_back(&card);
  return out;
}

bool HasActiveAdmin(const identity::Registry& registry, std::string_view authority,
                    int64_t now_ms) {
  for (const identity::OfficerRecord* officer : registry.OfficersOf(authority)) {
    for (const identity::DeviceRecord* device : officer->devices) {
      if (registry.IsAdminOf(*device, authority, now_ms)) return true;
    }
  }
  return false;
}

// Names the devices that a statement is about.
struct ChangedDevices {
  const identity::Registry& registry;
  std::vector<std::string>& out;

  void AddOfficer(std::string_view officer_id) const {
    const identity::OfficerRecord* officer = registry.FindOfficer(officer_id);
    if (officer == nullptr) return;
    for (const identity::DeviceRecord* device : officer->devices) out.push_back(device->uri.text());
  }
  void AddOffice(std::string_view office_id) const {
    const identity::OfficeRecord* office = registry.FindOffice(office_id);
    if (office == nullptr) return;
    for (const identity::OfficerRecord* officer : office->officers) AddOfficer(officer->id);
  }
  void operator()(const identity::OfficeStated& body) const { AddOffice(body.office_id); }
  void operator()(const identity::DeviceEnrolled& body) const { out.push_back(body.device_uri); }
  void operator()(const identity::OfficerAssigned& body) const { AddOfficer(body.officer_id); }
  void operator()(const identity::DeviceRevoked& body) const { out.push_back(body.device_uri); }
  void operator()(const identity::OfficerSuspended& body) const { AddOfficer(body.officer_id); }
  void operator()(const identity::OfficerReinstated& body) const { AddOfficer(body.officer_id); }
  void operator()(const identity::OfficeRenamed& body) const { AddOffice(body.new_office_id); }
  void operator()(const identity::OfficeClosed& body) const { AddOffice(body.successor); }
  // A roster changes nobody's rights.
  void operator()(const identity::OfficeDuty&) const {}
};

}  // namespace

absl::Status RegistryCore::Bootstrap(const v1::BootstrapRequest& request, int64_t now_ms,
                                     v1::BootstrapResponse& answer) {
  if (request.entries().empty()) return Malformed("no entries");
  if (static_cast<size_t>(request.entries().size()) > kBootstrapEntriesMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "entries"}, {"limit", std::to_string(kBootstrapEntriesMax)}});
  }
  std::string authority;
  for (const std::string& entry : request.entries()) {
    ENLACE_ASSIGN_OR_RETURN(const std::string speaker, SpeakerOf(AsBytes(entry)));
    if (!speaker.empty() && !authority.empty() && speaker != authority)
      return InvalidEntry("two authorities");
    if (!speaker.empty()) authority = speaker;
  }
  // An authority with an administrator publishes through it, where its calls are authenticated and
  // limited.
  if (!authority.empty() && HasActiveAdmin(s_.registry.latest(), authority, now_ms)) {
    return InvalidEntry(authority + " has an administrator already");
  }
  ENLACE_RETURN_IF_ERROR(CheckFailures(authority, now_ms));
  const auto logged = Append(PublicationOf(request.entries(), request.cards()), now_ms);
  if (!logged.ok()) {
    if (appended_ > 0) failures_[authority].push_back(now_ms);
    return logged.status();
  }
  if (!authority.empty() && !HasActiveAdmin(s_.registry.latest(), authority, now_ms)) {
    failures_[authority].push_back(now_ms);
    return InvalidEntry("no administrator of " + authority + " among the entries");
  }
  answer.set_signed_head(BytesField(SignedHead(now_ms)));
  return absl::OkStatus();
}

absl::Status RegistryCore::Publish(const Caller& caller, const v1::PublishRequest& request,
                                   int64_t now_ms, v1::PublishResponse& answer) {
  if (!caller.Has(identity::Role::kAdmin) && !caller.Has(identity::Role::kSupervisor)) {
    return MakeError(Reason::kRoleMissing, {{"role", "admin"}});
  }
  if (request.entries().empty() && request.cards().empty()) return Malformed("nothing to publish");
  if (static_cast<size_t>(request.entries().size()) > kPublishEntriesMax ||
      static_cast<size_t>(request.cards().size()) > kCardsMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "entries"}, {"limit", std::to_string(kPublishEntriesMax)}});
  }
  for (const std::string& entry : request.entries()) {
    ENLACE_ASSIGN_OR_RETURN(const std::string speaker, SpeakerOf(AsBytes(entry)));
    if (!speaker.empty() && speaker != caller.authority)
      return InvalidEntry("of another authority");
  }
  for (const v1::Card& card : request.cards()) {
    if (identity::AuthorityOfOfficer(card.officer_id()) != caller.authority) {
      return InvalidEntry("card of another authority");
    }
  }
  ENLACE_RETURN_IF_ERROR(CheckFailures(caller.authority, now_ms));
  answer.set_first_index(s_.registry.latest().size());
  const auto logged = Append(PublicationOf(request.entries(), request.cards()), now_ms);
  if (!logged.ok()) {
    if (appended_ > 0) failures_[caller.authority].push_back(now_ms);
    return logged.status();
  }
  answer.set_signed_head(BytesField(SignedHead(now_ms)));
  return absl::OkStatus();
}

absl::Status RegistryCore::CheckFailures(std::string_view authority, int64_t now_ms) {
  const auto found = failures_.find(authority);
  if (found == failures_.end()) return absl::OkStatus();
  std::deque<int64_t>& times = found->second;
  while (!times.empty() && times.front() + kFailedPublicationsWindowMs <= now_ms) times.pop_front();
  if (times.size() < kFailedPublicationsMax) return absl::OkStatus();
  return MakeRetryableError(
      Reason::kLimitExceeded, kFailedPublicationsWindowMs,
      {{"what", "failed publications"}, {"limit", std::to_string(kFailedPublicationsMax)}});
}

absl::StatusOr<std::vector<Bytes>> RegistryCore::Append(const Publication& publication,
                                                        int64_t now_ms) {
  std::vector<Bytes> logged;
  for (const Bytes& entry : publication.entries) {
    ENLACE_ASSIGN_OR_RETURN(Bytes stamped, AppendOne(entry, now_ms));
    logged.push_back(std::move(stamped));
  }
  for (const v1::Card* card : publication.cards) ENLACE_RETURN_IF_ERROR(StoreCard(*card));
  if (logged.empty()) return logged;
  s_.effects.RegistryGrew();
  for (const std::string& uri : changed_) s_.effects.CheckDevice(uri);
  if (devices_changed_ && !changed_.empty())
    ENLACE_RETURN_IF_ERROR(devices_changed_(changed_, now_ms));
  changed_.clear();
  return logged;
}

absl::StatusOr<Bytes> RegistryCore::AppendOne(BytesView encoded, int64_t now_ms) {
  auto entry = identity::DecodeLogEntry(encoded);
  if (!entry.ok()) return InvalidEntry(MessageOf(entry.status()));
  entry->logged_at_ms = std::max(now_ms, s_.registry.latest().last_logged_at_ms());
  Bytes stamped = identity::EncodeLogEntry(*entry);
  const uint64_t index = s_.registry.latest().size();
  const absl::Status applied = s_.registry.Append(stamped);
  if (!applied.ok()) {
    const ErrorMetadata what = {{"what", std::string(MessageOf(applied))}};
    return MakeError(entry->kind == identity::LogEntryKind::kCharter
                         ? Reason::kCharterRejected
                         : Reason::kRegistryEntryInvalid,
                     what);
  }
  ++appended_;
  group_appended_ = true;
  s_.store.Put(keys::RegistryLog(index), stamped);
  ENLACE_RETURN_IF_ERROR(NoteChange(stamped));
  return stamped;
}

absl::Status RegistryCore::NoteChange(BytesView encoded) {
  ENLACE_ASSIGN_OR_RETURN(const identity::LogEntry entry, identity::DecodeLogEntry(encoded));
  if (entry.kind == identity::LogEntryKind::kCharter) {
    s_.effects.CheckAllDevices();
    return absl::OkStatus();
  }
  ENLACE_ASSIGN_OR_RETURN(const auto outer, identity::DecodeSignedStatement(entry.payload));
  ENLACE_ASSIGN_OR_RETURN(const auto statement, identity::DecodeStatement(outer.body));
  std::visit(ChangedDevices{s_.registry.latest(), changed_}, statement.body);
  return absl::OkStatus();
}

absl::Status RegistryCore::StoreCard(const v1::Card& card) {
  const identity::OfficerRecord* officer = s_.registry.latest().FindOfficer(card.officer_id());
  if (officer == nullptr) return InvalidEntry("card of an officer who is not enrolled");
  const auto decoded = identity::DecodeOfficerCard(AsBytes(card.card()));
  if (!decoded.ok()) return InvalidEntry(MessageOf(decoded.status()));
  const auto commitment = identity::CommitToCard(AsBytes(card.salt()), *decoded);
  if (!commitment.ok() || *commitment != officer->card_commitment) {
    return InvalidEntry("the card is not the one that the log commits to");
  }
  store::v1::StoredCard stored;
  stored.set_salt(card.salt());
  stored.set_card(card.card());
  WriteRecord(s_.store, keys::Card(card.officer_id()), stored);
  return absl::OkStatus();
}

Bytes RegistryCore::SignedHead(int64_t now_ms) const {
  const identity::Registry& registry = s_.registry.latest();
  const int64_t time_ms = std::max(now_ms, registry.last_logged_at_ms());
  return merkle::EncodeSignedHead(merkle::SignHead(registry.head(), time_ms, s_.log_key));
}

absl::Status RegistryCore::LeaseCaseNumbers(const Caller& caller,
                                            const v1::LeaseCaseNumbersRequest& request,
                                            v1::LeaseCaseNumbersResponse& answer) {
  if (request.count() < 1 || request.count() > kCaseNumbersMax) return Malformed("count");
  if (request.year() < 2000 || request.year() > 2999) return Malformed("year");
  Bytes key = keys::CaseCounter(caller.authority, request.year());
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<store::v1::CaseCounter>(s_.store, key));
  const uint32_t first = stored ? stored->next() : 1;
  if (first + request.count() - 1 > kCaseNumberMax) {
    return MakeError(Reason::kLimitExceeded, {{"what", "case numbers of the year"},
                                              {"limit", std::to_string(kCaseNumberMax)}});
  }
  store::v1::CaseCounter next;
  next.set_next(first + request.count());
  WriteRecord(s_.store, std::move(key), next);
  answer.set_first_number(first);
  answer.set_count(request.count());
  return absl::OkStatus();
}

absl::Status RegistryCore::DropOperation() {
  changed_.clear();
  if (appended_ == 0) return absl::OkStatus();
  appended_ = 0;
  return s_.registry.Load(s_.store);
}

absl::Status RegistryCore::AbandonGroup() {
  changed_.clear();
  appended_ = 0;
  if (!group_appended_) return absl::OkStatus();
  group_appended_ = false;
  return s_.registry.Load(s_.store);
}

}  // namespace enlace::server
