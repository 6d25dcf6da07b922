// Files that go with an alert: what they are, what they are called, and what they would give away.
//
// The kind of a file is found in its bytes, never in its name. Only kinds that officers exchange
// are allowed; programs and archives are not. JPEG metadata (EXIF with its coordinates, XMP, IPTC,
// comments) is removed and told.
//
// Thread safety: pure functions on bytes. Nothing is read or written here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/alerts/violation.h"
#include "crypto/primitives/bytes.h"

namespace enlace::alerts {

inline constexpr uint64_t kAttachmentSizeBytesMax = 1024ull * 1024 * 1024;
inline constexpr size_t kFileNameBytesMax = 255;
// Bytes at the start of a file that SniffMediaType looks at.
inline constexpr size_t kSniffBytes = 4096;

// "image/jpeg", "application/x-elf", "text/plain"; "application/octet-stream" when nothing fits.
std::string SniffMediaType(BytesView head);
bool IsAllowedMediaType(std::string_view media_type);

// The entry of the alert, as plain values.
struct AttachmentEntry {
  std::string attachment_id;
  std::string file_name;
  std::string media_type;
  uint64_t size_bytes = 0;
  std::string sha256;
};
// What the bytes say.
struct AttachmentFacts {
  uint64_t size_bytes = 0;
  // Lower-case hexadecimal.
  std::string sha256;
  std::string sniffed_media_type;
};

// ATTACHMENT_INVALID with all problems in one text, or nothing. `field` is "attachments[0]".
// Without facts only the entry itself is judged.
std::optional<Violation> CheckAttachment(const AttachmentEntry& entry, const AttachmentFacts* facts,
                                         std::string_view field);

// True for a name that is one plain component: no separator, no drive, no control or bidirectional
// character, not "." or "..", no leading dash or dot, no trailing dot or space, no reserved device
// name.
bool IsSafeFileName(std::string_view name);
// A name that is safe to save under: "att-0feeb5f5" with the extension of the kind, never the
// sender's.
std::string SafeSaveName(std::string_view attachment_id, std::string_view media_type);

struct StrippedJpeg {
  Bytes bytes;
  // What was removed, as msgids for texts::Text ("EXIF with coordinates", "XMP", "comment"); empty
  // when nothing was.
  std::vector<std::string> removed;
};
// Nothing when the bytes are no well-formed JPEG; the picture itself is untouched, bytes after its
// end are dropped. The orientation of the EXIF block, when it is not the usual one, is kept in a
// block that holds nothing else.
std::optional<StrippedJpeg> StripJpegMetadata(BytesView jpeg);

}  // namespace enlace::alerts
