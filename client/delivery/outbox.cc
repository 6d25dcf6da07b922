#include "client/delivery/outbox.h"

#include <algorithm>

#include "client/alerts/compose.h"
#include "client/cases/case_store.h"
#include "client/delivery/limits.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kOutbox = "outbox";

bool Waits(const vault::v1::OutboxItem& item) {
  return item.phase() == vault::v1::OUTBOX_PHASE_QUEUED ||
         item.phase() == vault::v1::OUTBOX_PHASE_PREPARED;
}

// The milliseconds that a UUIDv7 begins with.
int64_t TimeOfId(std::string_view id) {
  constexpr size_t kTimeBytes = 6;
  int64_t ms = 0;
  for (const char octet : id.substr(0, kTimeBytes))
    ms = ms << 8 | static_cast<int64_t>(static_cast<uint8_t>(octet));
  return ms;
}

int64_t DelayAfter(int attempts) {
  const int doublings = std::min(attempts, 10);
  return std::min(kRetryFirstMs << doublings, kRetryMaxMs);
}

}  // namespace

absl::Status Outbox::Open() {
  items_.clear();
  VaultRange range{{}, {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> rows, services_.vault().Scan(kOutbox, range));
    for (const VaultRow& row : rows) {
      Item& item = items_.emplace_back();
      if (!item.ParseFromArray(row.value.view().data(), static_cast<int>(row.value.size()))) {
        return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
      }
    }
    if (rows.size() < kVaultPageRows) return absl::OkStatus();
    range.after = rows.back().row;
  }
}

absl::Status Outbox::Save(VaultTransaction& tx, const Item& item) const {
  return tx.Put(kOutbox, AsBytes(item.item_id()), AsBytes(item.SerializeAsString()), kVaultKey);
}

absl::Status Outbox::Update(const Item& item) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_RETURN_IF_ERROR(Save(*tx, item));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  for (Item& held : items_) {
    if (held.item_id() == item.item_id()) held = item;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Outbox::Enqueue(VaultTransaction& tx, Item item) {
  if (items_.size() >= kOutboxItemsMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "outbox"}, {"limit", std::to_string(kOutboxItemsMax)}});
  }
  // UUIDv7 ids sort by time, so that the vault gives the items back in order: no two have the same
  // millisecond, and none an earlier one when the clock was set back.
  const int64_t last_ms = items_.empty() ? 0 : TimeOfId(items_.back().item_id());
  item.set_item_id(NewRequestId(std::max(services_.now_ms(), last_ms + 1), services_.rooms.rng));
  item.set_phase(vault::v1::OUTBOX_PHASE_QUEUED);
  item.set_queued_at_ms(services_.now_ms());
  item.set_next_attempt_ms(services_.now_ms());
  ENLACE_RETURN_IF_ERROR(Save(tx, item));
  items_.push_back(item);
  return item.item_id();
}

Outbox::Item* Outbox::Next() {
  Item* best = nullptr;
  std::vector<std::string_view> blocked;
  const int64_t now = services_.now_ms();
  for (Item& item : items_) {
    if (!Waits(item)) continue;
    // An item that does not know its room yet waits for those of its case.
    const std::string& line = item.room_id().empty() ? item.case_ref() : item.room_id();
    const bool in_turn = std::find(blocked.begin(), blocked.end(), line) == blocked.end();
    blocked.push_back(line);
    if (!in_turn || item.next_attempt_ms() > now) continue;
    if (best == nullptr || item.urgency() > best->urgency()) best = &item;
  }
  return best;
}

absl::StatusOr<bool> Outbox::Step() {
  Item* item = Next();
  if (item == nullptr) return false;
  ENLACE_RETURN_IF_ERROR(Try(*item));
  return true;
}

std::optional<int64_t> Outbox::NextDue() const {
  std::optional<int64_t> due;
  for (const Item& item : items_) {
    if (Waits(item)) due = std::min(due.value_or(item.next_attempt_ms()), item.next_attempt_ms());
  }
  return due;
}

void Outbox::RetryNow() {
  for (Item& item : items_) {
    if (Waits(item)) item.set_next_attempt_ms(services_.now_ms());
  }
}

std::vector<std::string> Outbox::ItemsToUpload() const {
  std::vector<std::string> ids;
  for (const Item& item : items_) {
    const bool waiting = std::any_of(item.attachments().begin(), item.attachments().end(),
                                     [](const auto& attachment) { return !attachment.complete(); });
    if (waiting && item.phase() == vault::v1::OUTBOX_PHASE_ACCEPTED) ids.push_back(item.item_id());
  }
  return ids;
}

std::optional<vault::v1::OutboxItem> Outbox::FindByMessage(BytesView message_hash) const {
  for (const Item& item : items_) {
    if (!item.message_hash().empty() && item.message_hash() == AsText(message_hash)) return item;
  }
  return std::nullopt;
}

absl::StatusOr<vault::v1::OutboxItem> Outbox::Get(const std::string& item_id) const {
  for (const Item& item : items_) {
    if (item.item_id() == item_id) return item;
  }
  return NotFound("no such item in the outbox");
}

size_t Outbox::WaitingCount() const {
  return static_cast<size_t>(std::count_if(items_.begin(), items_.end(), [](const Item& item) {
    return Waits(item) && !item.housekeeping();
  }));
}

absl::Status Outbox::MarkReturned(VaultTransaction& tx, const std::string& item_id,
                                  uint64_t sequence, int64_t accepted_at_ms) {
  for (Item& item : items_) {
    if (item.item_id() != item_id) continue;
    item.set_phase(vault::v1::OUTBOX_PHASE_ACCEPTED);
    item.set_sequence(sequence);
    item.set_accepted_at_ms(accepted_at_ms);
    item.clear_prepared_request();
    return Save(tx, item);
  }
  return absl::OkStatus();
}

absl::Status Outbox::RequeueRoom(VaultTransaction& tx, BytesView room_id) {
  for (Item& item : items_) {
    if (item.phase() != vault::v1::OUTBOX_PHASE_PREPARED || item.room_id() != AsText(room_id))
      continue;
    item.set_phase(vault::v1::OUTBOX_PHASE_QUEUED);
    item.clear_prepared_request();
    item.clear_message_hash();
    item.set_next_attempt_ms(services_.now_ms());
    ENLACE_RETURN_IF_ERROR(Save(tx, item));
  }
  return absl::OkStatus();
}

absl::Status Outbox::Postpone(Item& item, const absl::Status& why) {
  item.set_attempts(item.attempts() + 1);
  item.set_next_attempt_ms(services_.now_ms() + DelayAfter(item.attempts()));
  item.set_error_reason(InfoOf(why).name);
  item.set_error_en(ErrorText(why, ErrorLanguage::kEnglish));
  item.set_error_es(ErrorText(why, ErrorLanguage::kSpanish));
  return Update(item);
}

absl::Status Outbox::Fail(Item& item, const absl::Status& why) {
  item.set_phase(vault::v1::OUTBOX_PHASE_FAILED);
  item.clear_prepared_request();
  item.set_error_hint_en(ErrorHint(why, ErrorLanguage::kEnglish));
  item.set_error_hint_es(ErrorHint(why, ErrorLanguage::kSpanish));
  ENLACE_RETURN_IF_ERROR(Postpone(item, why));
  if (item.kind() != vault::v1::OUTBOX_KIND_NEW_CASE) return absl::OkStatus();
  // A case that never came to be leaves nothing: the corrected alert may have its reference.
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_RETURN_IF_ERROR(CaseStore(services_.vault()).Purge(*tx, item.case_ref()));
  return Finish(std::move(tx));
}

absl::StatusOr<std::vector<vault::v1::OutboxItem>> Outbox::ForgetAlerts(
    VaultTransaction& tx, std::string_view case_ref, const std::set<std::string>& alert_ids) {
  std::vector<Item> dropped;
  const auto goes = [&](const Item& item) {
    // A confirmation is what the withdrawal itself asks for.
    const bool named = alert_ids.empty() || (alert_ids.contains(item.alert_id()) &&
                                             !(item.housekeeping() && !item.action_id().empty()));
    return item.case_ref() == case_ref && named;
  };
  for (const Item& item : items_) {
    if (!goes(item)) continue;
    ENLACE_RETURN_IF_ERROR(tx.Delete(kOutbox, AsBytes(item.item_id())));
    dropped.push_back(item);
  }
  std::erase_if(items_, goes);
  return dropped;
}

absl::Status Outbox::Sweep() {
  const int64_t now = services_.now_ms();
  std::vector<std::string> gone;
  for (const Item& item : items_) {
    const bool old = item.phase() == vault::v1::OUTBOX_PHASE_ACCEPTED &&
                     item.accepted_at_ms() + kOutboxKeptMs < now;
    const bool useless = item.phase() == vault::v1::OUTBOX_PHASE_FAILED && item.housekeeping();
    if (old || useless) gone.push_back(item.item_id());
  }
  if (gone.empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  for (const std::string& item_id : gone)
    ENLACE_RETURN_IF_ERROR(tx->Delete(kOutbox, AsBytes(item_id)));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  std::erase_if(items_, [&](const Item& item) {
    return std::find(gone.begin(), gone.end(), item.item_id()) != gone.end();
  });
  return absl::OkStatus();
}

}  // namespace enlace::client
