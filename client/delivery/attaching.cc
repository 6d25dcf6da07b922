#include "client/delivery/attaching.h"

#include <algorithm>
#include <filesystem>

#include "client/alerts/attachments_check.h"
#include "client/alerts/report.h"
#include "client/delivery/attachment_crypto.h"
#include "client/texts/texts.h"
#include "crypto/primitives/status.h"

namespace enlace::client {
namespace {

constexpr size_t kAttachmentIdHexChars = 8;
constexpr size_t kBlobIdBytes = 16;

// What was taken out of a picture, as a warning: the officer's own file is untouched.
alerts::Violation Removed(const std::string& file_name, const std::vector<std::string>& what,
                          int index) {
  alerts::Phrase list;
  for (const std::string& one : what) {
    list.en += (list.en.empty() ? "" : ", ") + texts::Text(texts::Language::kEnglish, one);
    list.es += (list.es.empty() ? "" : ", ") + texts::Text(texts::Language::kSpanish, one);
  }
  return alerts::MakeViolation(Reason::kMetadataRemoved, alerts::Severity::kWarning,
                               alerts::Indexed("attachments", index),
                               {alerts::Same("file_name", file_name), {"what", std::move(list)}});
}

}  // namespace

absl::Status AttachFile(const std::string& path, Attaching& attaching) {
  ENLACE_ASSIGN_OR_RETURN(Bytes bytes, ReadFile(path, kAttachmentBytesMax));
  std::vector<std::string> removed;
  if (std::optional<alerts::StrippedJpeg> stripped = alerts::StripJpegMetadata(bytes)) {
    bytes = std::move(stripped->bytes);
    removed = std::move(stripped->removed);
  }
  const std::string name = std::filesystem::path(path).filename();
  const std::string sha256 = ToHex(merkle::Sha256(bytes));
  auto& entries = attaching.entries;
  auto entry = std::find_if(entries.begin(), entries.end(),
                            [&](const auto& one) { return one.file_name() == name; });
  if (entry == entries.end()) {
    entries.Add()->set_file_name(name);
    entry = entries.end() - 1;
  }
  if (entry->attachment_id().empty())
    entry->set_attachment_id("att-" + sha256.substr(0, kAttachmentIdHexChars));
  entry->set_media_type(
      alerts::SniffMediaType(BytesView(bytes).first(std::min(bytes.size(), alerts::kSniffBytes))));
  entry->set_size_bytes(bytes.size());
  entry->set_sha256(sha256);
  const int index = static_cast<int>(entry - entries.begin());
  const alerts::AttachmentFacts facts{entry->size_bytes(), entry->sha256(), entry->media_type()};
  const alerts::AttachmentEntry checked{entry->attachment_id(), entry->file_name(),
                                        entry->media_type(), entry->size_bytes(), entry->sha256()};
  if (auto violation =
          alerts::CheckAttachment(checked, &facts, alerts::Indexed("attachments", index))) {
    attaching.violations.push_back(*std::move(violation));
  }
  if (!removed.empty()) attaching.violations.push_back(Removed(name, removed, index));
  attaching.files.push_back({entry->attachment_id(), std::move(bytes)});
  return absl::OkStatus();
}

absl::Status SealFile(crypto::Rng& rng, const Transfers& transfers, const DraftFile& file,
                      const SealedInto& into) {
  const std::string blob_id = ToText(rng.PublicBytes(kBlobIdBytes));
  const std::string spool_name = "out-" + ToHex(AsBytes(blob_id));
  ENLACE_ASSIGN_OR_RETURN(const std::string path, transfers.SpoolPath(spool_name));
  ENLACE_ASSIGN_OR_RETURN(SealedAttachment sealed, SealAttachment(file.bytes, path, rng));
  into.outgoing.set_attachment_id(file.attachment_id);
  into.outgoing.set_blob_id(blob_id);
  into.outgoing.set_spool_name(spool_name);
  into.outgoing.set_ciphertext_size_bytes(sealed.ciphertext_size_bytes);
  into.outgoing.set_ciphertext_sha256(ToText(sealed.ciphertext_sha256));
  into.key.set_attachment_id(file.attachment_id);
  into.key.set_blob_id(blob_id);
  into.key.set_key(ToText(sealed.key.view()));
  into.key.set_ciphertext_size_bytes(sealed.ciphertext_size_bytes);
  into.key.set_plaintext_sha256(ToText(sealed.plaintext_sha256));
  into.key.set_plaintext_size_bytes(sealed.plaintext_size_bytes);
  return absl::OkStatus();
}

void DropSpool(const Transfers& transfers, const vault::v1::OutboxItem& item) {
  for (const vault::v1::OutboxAttachment& attachment : item.attachments()) {
    const absl::StatusOr<std::string> path = transfers.SpoolPath(attachment.spool_name());
    std::error_code ignored;
    if (path.ok()) std::filesystem::remove(*path, ignored);
  }
}

}  // namespace enlace::client
