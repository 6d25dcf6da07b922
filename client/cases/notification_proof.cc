#include "client/cases/notification_proof.h"

#include <nlohmann/json.hpp>

#include "client/cases/case_log.h"
#include "crypto/primitives/status.h"
#include "crypto/room/log_chain.h"
#include "crypto/room/signed_content.h"
#include "enlace/alert/v1/content.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

absl::Status Invalid(const std::string& what) {
  return MakeError(Reason::kProofInvalid, {{"what", what}});
}

absl::StatusOr<Bytes> FromHexText(const std::string& hex, const char* name) {
  Bytes bytes(hex.size() / 2);
  if (!DecodeHex(hex, bytes)) return Invalid(name);
  return bytes;
}

absl::StatusOr<Bytes> HexAt(const json& object, const char* name) {
  return FromHexText(object.at(name).get<std::string>(), name);
}

absl::StatusOr<identity::Registry> ReplayRegistry(const json& file, const Bytes& root) {
  merkle::Hash charter_root{};
  if (root.size() != charter_root.size()) return Invalid("charter_root");
  std::copy(root.begin(), root.end(), charter_root.begin());
  identity::Registry registry(charter_root);
  for (const json& entry : file.at("entries")) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes bytes, FromHexText(entry.get<std::string>(), "entries"));
    if (!registry.Apply(bytes).ok()) return Invalid("entries");
  }
  return registry;
}

// The message's author, the server's word and the content, each against the others.
absl::StatusOr<ProvenNotice> VerifyMessage(const json& message, const std::string& case_ref,
                                           const identity::Registry& registry) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes receipt_bytes, HexAt(message, "server_receipt"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes content_bytes, HexAt(message, "signed_content"));
  const auto receipt = room::DecodeReceipt(receipt_bytes);
  const auto signed_content = room::DecodeSignedContent(content_bytes);
  if (!receipt.ok() || !signed_content.ok()) return Invalid("messages");
  const identity::Charter* charter = registry.charter();
  if (charter == nullptr || !room::VerifyReceipt(*receipt, charter->server.log_key).ok())
    return Invalid("server_receipt");
  const auto author =
      room::VerifyContent(*signed_content, registry, receipt->header.accepted_at_ms);
  if (!author.ok() || signed_content->case_id != case_ref) return Invalid("signed_content");
  if (receipt->header.sender != room::SenderHash(author->device->uri.text()))
    return Invalid("sender");
  alert::v1::Content content;
  if (!content.ParseFromArray(signed_content->content.data(),
                              static_cast<int>(signed_content->content.size()))) {
    return Invalid("content");
  }
  ProvenNotice notice;
  notice.accepted_at_ms = receipt->header.accepted_at_ms;
  if (content.has_delivery_receipt()) {
    const alert::v1::DeliveryReceipt& delivered = content.delivery_receipt();
    notice.office_id = delivered.office_id();
    notice.alert_ids = {delivered.alert_ids().begin(), delivered.alert_ids().end()};
    for (const std::string& digest : delivered.content_digests())
      notice.digests.push_back(ToHex(AsBytes(digest)));
  } else {
    const alert::v1::CaseAction& action = content.action().action();
    if (action.action() != alert::v1::ACTION_ACKNOWLEDGE) return Invalid("content");
    notice.acknowledged = true;
    notice.office_id = action.actor().office_id();
    notice.officer_id = action.actor().officer_id();
    notice.alert_ids = {action.alert_id()};
    notice.digests = {ToHex(AsBytes(action.alert_digest()))};
  }
  if (!registry.BelongsTo(*author->device, notice.office_id, signed_content->head.size))
    return Invalid("office");
  return notice;
}

absl::StatusOr<VerifiedProof> Verify(const json& file, std::string_view expected_root) {
  if (file.at("version") != kProofVersion) return Invalid("version");
  VerifiedProof proof;
  proof.case_ref = file.at("case_ref");
  proof.charter_root = file.at("charter_root");
  if (!expected_root.empty() && proof.charter_root != expected_root) return Invalid("charter_root");
  ENLACE_ASSIGN_OR_RETURN(const Bytes root, HexAt(file, "charter_root"));
  ENLACE_ASSIGN_OR_RETURN(const identity::Registry registry, ReplayRegistry(file, root));
  ENLACE_ASSIGN_OR_RETURN(const Bytes head_bytes, HexAt(file, "signed_head"));
  const auto head = merkle::DecodeSignedHead(head_bytes);
  if (!head.ok() || head->head.size != registry.size() || !registry.CheckHead(*head).ok())
    return Invalid("signed_head");
  proof.registry_entries = registry.size();
  proof.head_at_ms = head->timestamp_ms;
  for (const json& message : file.at("messages")) {
    ENLACE_ASSIGN_OR_RETURN(ProvenNotice notice, VerifyMessage(message, proof.case_ref, registry));
    proof.notices.push_back(std::move(notice));
  }
  if (proof.notices.empty()) return Invalid("messages");
  return proof;
}

}  // namespace

bool BelongsToProof(const vault::v1::StoredContent& stored) {
  if (!stored.invalid_reason().empty() || stored.signed_content().empty()) return false;
  const absl::StatusOr<alert::v1::Content> content = ContentOf(stored);
  if (!content.ok()) return false;
  return content->has_delivery_receipt() ||
         content->action().action().action() == alert::v1::ACTION_ACKNOWLEDGE;
}

absl::StatusOr<std::string> MakeProof(const Vault& vault, const ProofSources& sources) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(vault, sources.case_ref));
  json file{{"version", kProofVersion},
            {"case_ref", log.record.case_ref()},
            {"charter_root", ToHex(sources.charter_root)},
            {"signed_head", ToHex(merkle::EncodeSignedHead(sources.head))},
            {"entries", json::array()},
            {"messages", json::array()}};
  for (const Bytes& entry : sources.entries) file["entries"].push_back(ToHex(entry));
  for (size_t i = 0; i < log.messages.size(); ++i) {
    const vault::v1::StoredContent& stored = log.messages[i];
    const auto receipt = sources.receipts.find(log.places[i]);
    if (!BelongsToProof(stored) || receipt == sources.receipts.end()) continue;
    file["messages"].push_back({{"signed_content", ToHex(AsBytes(stored.signed_content()))},
                                {"server_receipt", ToHex(receipt->second)}});
  }
  return file.dump(1) + "\n";
}

absl::StatusOr<VerifiedProof> VerifyProof(std::string_view text, std::string_view expected_root) {
  const json file = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) return Invalid("JSON");
  try {
    return Verify(file, expected_root);
  } catch (const json::exception& wrong) {
    return Invalid(wrong.what());
  }
}

}  // namespace enlace::client
