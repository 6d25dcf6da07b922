#include "client/delivery/history.h"

#include <algorithm>
#include <iterator>

#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/delivery/case_plan.h"
#include "client/delivery/limits.h"
#include "client/enrolment/key_packages.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/status.h"
#include "enlace/v1/room.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kHistoryDue = "history-due";
constexpr std::string_view kInfo = "enlace history 1";
constexpr size_t kJoinersAtOnce = 100;
constexpr size_t kKeyBytes = 32;

Bytes RowOf(BytesView room_id, BytesView certificate) {
  Bytes row = ToBytes(room_id);
  Append(row, certificate);
  return row;
}

struct Joiner {
  Bytes row;
  Bytes room_id;
  merkle::Hash certificate{};
  int64_t due_ms = 0;
};

absl::StatusOr<std::vector<Joiner>> AllJoiners(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          vault.Scan(kHistoryDue, {{}, {}, kJoinersAtOnce}));
  std::vector<Joiner> joiners;
  for (const VaultRow& row : rows) {
    Joiner& joiner = joiners.emplace_back();
    if (row.row.size() <= joiner.certificate.size())
      return MakeError(Reason::kVaultDamaged, {{"what", "history-due"}});
    joiner.row = row.row;
    const size_t id_bytes = row.row.size() - joiner.certificate.size();
    joiner.room_id.assign(row.row.begin(), row.row.begin() + static_cast<ptrdiff_t>(id_bytes));
    std::copy(row.row.begin() + static_cast<ptrdiff_t>(id_bytes), row.row.end(),
              joiner.certificate.begin());
    codec::Reader value(row.value.view());
    uint64_t due_ms = 0;
    ENLACE_RETURN_IF_ERROR(value.ReadU64(due_ms));
    joiner.due_ms = static_cast<int64_t>(due_ms);
  }
  return joiners;
}

// Messages that tell the case; guards and earlier histories are no part of it.
bool BelongsToHistory(const vault::v1::StoredContent& stored) {
  if (!stored.invalid_reason().empty() || stored.signed_content().empty()) return false;
  const absl::StatusOr<alert::v1::Content> content = ContentOf(stored);
  return content.ok() &&
         (content->has_alert() || content->has_action() || content->has_delivery_receipt());
}

// The room's messages in pages of at most kHistoryPageBytesMax, or one message.
std::vector<alert::v1::HistoryBundle> PagesOf(
    const std::vector<vault::v1::StoredContent>& messages) {
  std::vector<alert::v1::HistoryBundle> pages;
  size_t bytes = kHistoryPageBytesMax;
  for (const vault::v1::StoredContent& stored : messages) {
    if (!BelongsToHistory(stored)) continue;
    const size_t size = stored.signed_content().size() + stored.header().size();
    if (bytes + size > kHistoryPageBytesMax) {
      if (!pages.empty()) pages.back().set_more(true);
      pages.emplace_back();
      bytes = 0;
    }
    pages.back().add_signed_content(stored.signed_content());
    pages.back().add_headers(stored.header());
    bytes += size;
  }
  return pages;
}

struct Recipient {
  merkle::Hash certificate{};
  mls::KeyPackage key_package;
};

absl::StatusOr<alert::v1::SealedHistory> Seal(const alert::v1::HistoryBundle& page,
                                              const std::vector<Recipient>& recipients,
                                              crypto::Rng& rng) {
  const crypto::Aead aead(crypto::AeadId::kChaCha20Poly1305);
  const SecretBytes key = rng.Secret(kKeyBytes);
  const Bytes nonce(crypto::kAeadNonceBytes, 0);
  const std::string plain = page.SerializeAsString();
  alert::v1::SealedHistory sealed;
  sealed.set_ciphertext(ToText(aead.Seal({key.view(), nonce}, {}, AsBytes(plain))));
  const crypto::HpkeInfo info(aead, AsBytes(kInfo));
  for (const Recipient& recipient : recipients) {
    ENLACE_ASSIGN_OR_RETURN(const crypto::Hpke::Sender sender,
                            crypto::Hpke::SetupSender(info, recipient.key_package.init_key(), rng));
    alert::v1::HistoryKey& one = *sealed.add_keys();
    one.set_certificate(ToText(recipient.certificate));
    one.set_key_package_ref(ToText(recipient.key_package.Ref()));
    one.set_kem_output(ToText(sender.kem_output));
    one.set_sealed_key(ToText(sender.context.Seal(0, {}, key.view())));
  }
  return sealed;
}

// The joiners of one room that are due, as devices with fresh key packages.
absl::StatusOr<std::vector<Recipient>> RecipientsOf(const Services& services,
                                                    const std::vector<Joiner>& joiners) {
  std::vector<std::string> uris;
  const identity::Registry& registry = services.rooms.registry();
  for (const Joiner& joiner : joiners) {
    const identity::DeviceRecord* device = registry.FindDeviceByMls(joiner.certificate);
    if (device != nullptr) uris.push_back(device->uri.text());
  }
  ENLACE_ASSIGN_OR_RETURN(std::vector<mls::KeyPackage> claimed, ClaimForDevices(services, uris));
  std::vector<Recipient> recipients;
  for (mls::KeyPackage& key_package : claimed) {
    const std::vector<BytesView> chain = key_package.leaf_node().credential().certificates();
    if (!chain.empty()) recipients.push_back({merkle::Sha256(chain[0]), std::move(key_package)});
  }
  return recipients;
}

absl::Status Queue(const Services& services, Outbox& outbox, VaultTransaction& tx,
                   const vault::v1::RoomRecord& room,
                   const std::vector<alert::v1::SealedHistory>& pages) {
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy,
                          room::DecodeRoomPolicy(AsBytes(room.policy())));
  const std::vector<std::string> mine = services.Offices();
  const auto office = std::find_if(mine.begin(), mine.end(), [&](const std::string& one) {
    return one == policy.origin_office || policy.FindParticipant(one) != nullptr;
  });
  if (office == mine.end()) return absl::OkStatus();
  for (const alert::v1::SealedHistory& page : pages) {
    alert::v1::Content content;
    content.set_version(1);
    *content.mutable_history() = page;
    vault::v1::OutboxItem item;
    item.set_kind(vault::v1::OUTBOX_KIND_CONTENT);
    item.set_case_ref(room.case_ref());
    item.set_room_id(room.room_id());
    item.set_office_id(*office);
    item.set_content(content.SerializeAsString());
    item.set_urgency(v1::URGENCY_HIGH);
    item.set_housekeeping(true);
    ENLACE_RETURN_IF_ERROR(outbox.Enqueue(tx, std::move(item)).status());
  }
  return absl::OkStatus();
}

// Everything that was said in the room and in those that it succeeds.
absl::StatusOr<std::vector<vault::v1::StoredContent>> MessagesOf(const Vault& vault,
                                                                 BytesView room_id) {
  std::vector<vault::v1::StoredContent> messages;
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms, RoomsOfCase(vault, room_id));
  for (const Bytes& room : rooms) {
    ENLACE_ASSIGN_OR_RETURN(auto of_room, CaseStore(vault).Contents(room));
    messages.insert(messages.end(), std::make_move_iterator(of_room.begin()),
                    std::make_move_iterator(of_room.end()));
  }
  return messages;
}

absl::Status SendToRoom(const Services& services, RoomBook& book, Outbox& outbox,
                        const std::vector<Joiner>& joiners) {
  const Bytes& room_id = joiners.front().room_id;
  const absl::StatusOr<Room*> room = book.Get(room_id);
  const bool usable = room.ok() && (*room)->is_member() && !(*room)->record().case_ref().empty();
  std::vector<alert::v1::SealedHistory> sealed;
  if (usable) {
    // A frozen room, or one whose guard is not here yet: it is tried again.
    ENLACE_RETURN_IF_ERROR((*room)->CheckMaySend());
    ENLACE_ASSIGN_OR_RETURN(const auto messages, MessagesOf(services.vault(), room_id));
    ENLACE_ASSIGN_OR_RETURN(const std::vector<Recipient> recipients,
                            RecipientsOf(services, joiners));
    for (const alert::v1::HistoryBundle& page :
         recipients.empty() ? std::vector<alert::v1::HistoryBundle>() : PagesOf(messages)) {
      ENLACE_ASSIGN_OR_RETURN(alert::v1::SealedHistory one,
                              Seal(page, recipients, services.rooms.rng));
      sealed.push_back(std::move(one));
    }
  }
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services.vault().Begin());
  if (!sealed.empty())
    ENLACE_RETURN_IF_ERROR(Queue(services, outbox, *tx, (*room)->record(), sealed));
  for (const Joiner& joiner : joiners) ENLACE_RETURN_IF_ERROR(tx->Delete(kHistoryDue, joiner.row));
  return Finish(std::move(tx));
}

}  // namespace

absl::Status OweHistory(const Services& services, VaultTransaction& tx, const Room& room,
                        const merkle::Hash& joiner, bool at_once) {
  const identity::Registry& registry = services.rooms.registry();
  const identity::DeviceRecord* device = registry.FindDeviceByMls(joiner);
  if (device == nullptr || device->uri == services.device().uri) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room.Policy());
  const std::vector<std::string> theirs = registry.OfficesOf(*device, registry.size());
  const bool colleague = std::any_of(theirs.begin(), theirs.end(), [&](const std::string& office) {
    const bool takes_part =
        office == policy.origin_office || policy.FindParticipant(office) != nullptr;
    return takes_part && services.ActsFor(office);
  });
  if (!at_once && !colleague && !services.ActsFor(policy.origin_office)) return absl::OkStatus();
  const Bytes random = services.rooms.rng.PublicBytes(2);
  int64_t delay = at_once ? 0 : (random[0] << 8 | random[1]) % kHistoryDelayMsMax;
  // The origin waits until the joiner's own office had its turn.
  if (!at_once && !colleague) delay += 2 * kHistoryDelayMsMax;
  codec::Writer due;
  due.U64(static_cast<uint64_t>(services.now_ms() + delay));
  return tx.Put(kHistoryDue, RowOf(room.id(), joiner), due.view(), kVaultKey);
}

absl::Status SettleHistory(VaultTransaction& tx, BytesView room_id,
                           const alert::v1::SealedHistory& history) {
  for (const alert::v1::HistoryKey& key : history.keys())
    ENLACE_RETURN_IF_ERROR(tx.Delete(kHistoryDue, RowOf(room_id, AsBytes(key.certificate()))));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<int64_t>> SendDueHistory(const Services& services, RoomBook& book,
                                                      Outbox& outbox) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Joiner> all, AllJoiners(services.vault()));
  const int64_t now = services.now_ms();
  std::optional<int64_t> next;
  std::vector<std::vector<Joiner>> rooms;
  for (const Joiner& joiner : all) {
    if (joiner.due_ms > now) {
      next = std::min(next.value_or(joiner.due_ms), joiner.due_ms);
      continue;
    }
    const bool same = !rooms.empty() && rooms.back().front().room_id == joiner.room_id;
    if (!same) rooms.emplace_back();
    rooms.back().push_back(joiner);
  }
  for (const std::vector<Joiner>& joiners : rooms) {
    const absl::Status sent = SendToRoom(services, book, outbox, joiners);
    const bool waits = absl::IsAborted(sent) || HasReason(sent, Reason::kRoomFrozen);
    if (!waits) ENLACE_RETURN_IF_ERROR(sent);
    if (waits) next = std::min(next.value_or(now + kHistoryRetryMs), now + kHistoryRetryMs);
  }
  return next;
}

absl::StatusOr<std::optional<alert::v1::HistoryBundle>> OpenHistory(
    const Services& services, VaultTransaction& tx, const alert::v1::SealedHistory& history) {
  const crypto::Aead aead(crypto::AeadId::kChaCha20Poly1305);
  const crypto::HpkeInfo info(aead, AsBytes(kInfo));
  const Bytes nonce(crypto::kAeadNonceBytes, 0);
  for (const alert::v1::HistoryKey& one : history.keys()) {
    if (one.certificate() != AsText(services.device().fingerprint)) continue;
    const absl::StatusOr<mls::KeyPackageBundle> own =
        LoadKeyPackage(services.vault(), AsBytes(one.key_package_ref()));
    if (!own.ok()) continue;
    const absl::StatusOr<crypto::HpkeContext> context =
        crypto::Hpke::SetupReceiver(info, own->init_key, AsBytes(one.kem_output()));
    if (!context.ok()) continue;
    const absl::StatusOr<SecretBytes> key = context->Open(0, {}, AsBytes(one.sealed_key()));
    if (!key.ok() || key->size() != kKeyBytes) continue;
    const absl::StatusOr<SecretBytes> plain =
        aead.Open({key->view(), nonce}, {}, AsBytes(history.ciphertext()));
    alert::v1::HistoryBundle bundle;
    const bool read =
        plain.ok() && bundle.ParseFromArray(plain->view().data(), static_cast<int>(plain->size()));
    if (!read || bundle.headers_size() != bundle.signed_content_size()) continue;
    // Pages that follow come under the same key package.
    if (!bundle.more() && !own->key_package.last_resort())
      ENLACE_RETURN_IF_ERROR(tx.Delete(kKeyPackageTable, own->key_package.Ref()));
    return std::make_optional(std::move(bundle));
  }
  return std::optional<alert::v1::HistoryBundle>();
}

}  // namespace enlace::client
