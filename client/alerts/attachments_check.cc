#include "client/alerts/attachments_check.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "client/alerts/codes_check.h"
#include "client/alerts/report.h"

namespace enlace::alerts {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kUnknownType = "application/octet-stream";
constexpr std::string_view kTextType = "text/plain";
constexpr std::string_view kZipType = "application/zip";
constexpr std::string_view kOoxmlPrefix = "application/vnd.openxmlformats-officedocument.";
constexpr std::string_view kOdfPrefix = "application/vnd.oasis.opendocument.";

// Bytes at an offset that name a kind of file.
struct Magic {
  size_t offset;
  std::string_view bytes;
  std::string_view media_type;
};

// The first that fits counts. Programs stand first: nothing else may hide one.
constexpr Magic kMagics[] = {
    {0,
     "\x7f"
     "ELF"sv,
     "application/x-elf"},
    {0, "MZ"sv, "application/x-msdownload"},
    {0, "\xca\xfe\xba\xbe"sv, "application/java-vm"},
    {0, "\xcf\xfa\xed\xfe"sv, "application/x-mach-binary"},
    {0, "\xce\xfa\xed\xfe"sv, "application/x-mach-binary"},
    {0, "#!AMR"sv, "audio/amr"},
    {0, "#!"sv, "text/x-script"},
    {0, "\xff\xd8\xff"sv, "image/jpeg"},
    {0, "\x89PNG\r\n\x1a\n"sv, "image/png"},
    {0, "GIF87a"sv, "image/gif"},
    {0, "GIF89a"sv, "image/gif"},
    {8, "WEBP"sv, "image/webp"},
    {8, "WAVE"sv, "audio/wav"},
    {8, "AVI "sv, "video/x-msvideo"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "BM"sv, "image/bmp"},
    {0, "%PDF-"sv, "application/pdf"},
    {0, "OggS"sv, "audio/ogg"},
    {0, "fLaC"sv, "audio/flac"},
    {0, "ID3"sv, "audio/mpeg"},
    {0, "\xff\xfb"sv, "audio/mpeg"},
    {0, "\xff\xf3"sv, "audio/mpeg"},
    {0, "\xff\xf2"sv, "audio/mpeg"},
    {0, "\xff\xf1"sv, "audio/aac"},
    {0, "\xff\xf9"sv, "audio/aac"},
    {0, "\x1a\x45\xdf\xa3"sv, "video/webm"},
    {4, "ftypheic"sv, "image/heic"},
    {4, "ftypheix"sv, "image/heic"},
    {4, "ftypmif1"sv, "image/heic"},
    {4, "ftypavif"sv, "image/avif"},
    {4, "ftypM4A "sv, "audio/mp4"},
    {4, "ftypqt  "sv, "video/quicktime"},
    {4, "ftyp3g"sv, "video/3gpp"},
    {4, "ftyp"sv, "video/mp4"},
    {0, "PK\x03\x04"sv, kZipType},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "application/x-ole-storage"},
    {0, "Rar!"sv, "application/vnd.rar"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed"},
    {0, "\x1f\x8b"sv, "application/gzip"},
};

constexpr std::string_view kAllowed[] = {
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/tiff",
    "image/bmp",
    "image/heic",
    "image/avif",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/amr",
    "audio/wav",
    "audio/flac",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "video/3gpp",
    "video/ogg",
    "application/pdf",
    "application/json",
    "text/plain",
    "text/csv",
    "text/vcard",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
};

// Names that Windows gives to devices, with or without an extension.
constexpr std::array<std::string_view, 22> kDeviceNames = {
    "CON",  "PRN",  "AUX",  "NUL",  "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7",
    "COM8", "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9"};

// The kind of a zip container by its first entries.
std::string ZipKind(std::string_view head) {
  // OpenDocument: the first entry is "mimetype", stored, and holds the type.
  const size_t type = head.find(kOdfPrefix);
  constexpr size_t kFirstName = 30;  // after the local file header
  if (head.size() > kFirstName && head.substr(kFirstName).starts_with("mimetype") &&
      type != std::string_view::npos) {
    const size_t end = head.find("PK"sv, type);
    const std::string_view name = head.substr(type, end - type);
    const auto stop = std::ranges::find_if(name, [](char c) {
      return !(std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '/' || c == '-');
    });
    return std::string(name.begin(), stop);
  }
  if (head.find("[Content_Types].xml"sv) == std::string_view::npos) return std::string(kZipType);
  if (head.find("xl/"sv) != std::string_view::npos)
    return std::string(kOoxmlPrefix) + "spreadsheetml.sheet";
  return std::string(kOoxmlPrefix) + "wordprocessingml.document";
}

// UTF-8 without control characters; a character may be cut at the end of what was read.
bool LooksLikeText(std::string_view head) {
  for (int cut = 0; cut < 4 && !head.empty(); ++cut) {
    std::string text(head.substr(0, head.size() - static_cast<size_t>(cut)));
    std::erase(text, '\r');
    if (CheckText(text, true) != TextProblem::kNotUtf8) {
      return CheckText(text, true) != TextProblem::kControl;
    }
  }
  return false;
}

bool IsMarkup(std::string_view head) {
  std::string start = Fold(head.substr(0, 256));
  start.erase(0, start.find_first_not_of(" \t\r\n\xef\xbb\xbf"));
  return start.starts_with("<!doctype") || start.starts_with("<html") ||
         start.starts_with("<svg") || start.starts_with("<?xml") || start.starts_with("<script");
}

bool IsTextType(std::string_view type) {
  return type == kTextType || type == "text/csv" || type == "text/vcard" ||
         type == "application/json";
}

// Kinds that bytes alone do not tell apart count as one.
bool SameKind(std::string_view declared, std::string_view sniffed) {
  if (declared == sniffed) return true;
  if (IsTextType(declared) && sniffed == kTextType) return true;
  if (declared == "video/ogg" && sniffed == "audio/ogg") return true;
  if (declared == "audio/mp4" && sniffed == "video/mp4") return true;
  return declared.starts_with(kOoxmlPrefix) && sniffed.starts_with(kOoxmlPrefix);
}

void Join(Phrase& all, const Phrase& part) {
  if (!all.en.empty()) {
    all.en += "; ";
    all.es += "; ";
  }
  all.en += part.en;
  all.es += part.es;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

void JudgeEntry(const AttachmentEntry& entry, Phrase& problems) {
  if (entry.file_name.empty()) {
    Join(problems, {"the file name is missing", "falta el nombre del archivo"});
  } else if (entry.file_name.find_first_of("/\\") != std::string::npos) {
    Join(problems, {"file name must not contain a path", "el nombre no debe contener ruta"});
  } else if (!IsSafeFileName(entry.file_name)) {
    Join(problems, {"the file name cannot be used on every system",
                    "el nombre no sirve en todos los sistemas"});
  }
  if (entry.attachment_id.empty()) {
    Join(problems, {"the attachment_id is missing", "falta el attachment_id"});
  }
  if (entry.size_bytes > kAttachmentSizeBytesMax) {
    Join(problems, {"it is larger than 1 GiB", "supera 1 GiB"});
  }
  if (!IsSha256Hex(entry.sha256)) {
    Join(problems, {"its sha256 is not 64 hexadecimal digits",
                    "su sha256 no tiene 64 dígitos hexadecimales"});
  }
}

void JudgeContent(const AttachmentEntry& entry, const AttachmentFacts& facts, Phrase& problems) {
  if (IsSha256Hex(entry.sha256) && Lower(entry.sha256) != Lower(facts.sha256)) {
    Join(problems,
         {"content does not match its SHA-256", "el contenido no coincide con su SHA-256"});
  } else if (entry.size_bytes != facts.size_bytes) {
    const std::string is = std::to_string(facts.size_bytes);
    const std::string said = std::to_string(entry.size_bytes);
    Join(problems, {"content has " + is + " bytes, not " + said,
                    "el contenido tiene " + is + " bytes, no " + said});
  }
  if (!SameKind(entry.media_type, facts.sniffed_media_type)) {
    const std::string& is = facts.sniffed_media_type;
    Join(problems, {"content type is " + is + ", not " + entry.media_type,
                    "el tipo real es " + is + ", no " + entry.media_type});
  }
}

void JudgeType(const AttachmentEntry& entry, Phrase& problems) {
  if (entry.media_type.empty()) {
    Join(problems, {"the media_type is missing", "falta el media_type"});
  } else if (!IsAllowedMediaType(entry.media_type)) {
    Join(problems, {"files of type " + entry.media_type + " are not exchanged",
                    "no se intercambian archivos de tipo " + entry.media_type});
  }
}

// As a sentence.
void Finish(std::string& text) {
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  text += ".";
}

std::string_view ExtensionOf(std::string_view media_type) {
  static constexpr std::pair<std::string_view, std::string_view> kExtensions[] = {
      {"image/jpeg", ".jpg"},        {"image/png", ".png"},   {"image/gif", ".gif"},
      {"image/webp", ".webp"},       {"image/tiff", ".tif"},  {"image/bmp", ".bmp"},
      {"image/heic", ".heic"},       {"image/avif", ".avif"}, {"audio/ogg", ".ogg"},
      {"audio/mpeg", ".mp3"},        {"audio/mp4", ".m4a"},   {"audio/aac", ".aac"},
      {"audio/amr", ".amr"},         {"audio/wav", ".wav"},   {"audio/flac", ".flac"},
      {"video/mp4", ".mp4"},         {"video/webm", ".webm"}, {"video/quicktime", ".mov"},
      {"video/3gpp", ".3gp"},        {"video/ogg", ".ogv"},   {"application/pdf", ".pdf"},
      {"application/json", ".json"}, {"text/plain", ".txt"},  {"text/csv", ".csv"},
      {"text/vcard", ".vcf"}};
  for (const auto& [type, extension] : kExtensions) {
    if (type == media_type) return extension;
  }
  if (media_type == std::string(kOdfPrefix) + "text") return ".odt";
  if (media_type == std::string(kOdfPrefix) + "spreadsheet") return ".ods";
  if (media_type == std::string(kOoxmlPrefix) + "spreadsheetml.sheet") return ".xlsx";
  if (media_type.starts_with(kOoxmlPrefix)) return ".docx";
  return ".bin";
}

}  // namespace

std::string SniffMediaType(BytesView head_bytes) {
  const std::string_view head = AsText(head_bytes.first(std::min(head_bytes.size(), kSniffBytes)));
  const auto fits = [head](const Magic& magic) {
    return head.size() > magic.offset && head.substr(magic.offset).starts_with(magic.bytes);
  };
  const auto* magic = std::ranges::find_if(kMagics, fits);
  if (magic != std::end(kMagics)) {
    return magic->media_type == kZipType ? ZipKind(head) : std::string(magic->media_type);
  }
  if (IsMarkup(head)) return "text/html";
  return std::string(LooksLikeText(head) ? kTextType : kUnknownType);
}

bool IsAllowedMediaType(std::string_view media_type) {
  return std::ranges::find(kAllowed, media_type) != std::end(kAllowed);
}

std::optional<Violation> CheckAttachment(const AttachmentEntry& entry, const AttachmentFacts* facts,
                                         std::string_view field) {
  Phrase problems;
  JudgeEntry(entry, problems);
  if (facts != nullptr) JudgeContent(entry, *facts, problems);
  JudgeType(entry, problems);
  if (problems.en.empty()) return std::nullopt;
  Finish(problems.en);
  Finish(problems.es);
  return MakeViolation(Reason::kAttachmentInvalid, Severity::kError, field, {{"what", problems}});
}

bool IsSafeFileName(std::string_view name) {
  if (name.empty() || name.size() > kFileNameBytesMax) return false;
  if (name.front() == '.' || name.front() == '-' || name.front() == ' ') return false;
  if (name.back() == '.' || name.back() == ' ') return false;
  if (name.find_first_of("/\\:*?\"<>|") != std::string_view::npos) return false;
  if (CheckText(name, false) != TextProblem::kNone) return false;
  std::string stem(name.substr(0, name.find('.')));
  std::ranges::transform(stem, stem.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::ranges::find(kDeviceNames, stem) == kDeviceNames.end();
}

std::string SafeSaveName(std::string_view attachment_id, std::string_view media_type) {
  constexpr size_t kIdBytesMax = 64;
  std::string name;
  for (const char c : attachment_id.substr(0, kIdBytesMax)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    name += plain && static_cast<unsigned char>(c) < 0x80 ? c : '_';
  }
  if (name.empty() || name.front() == '-') name.insert(0, "att_");
  return name.append(ExtensionOf(media_type));
}

}  // namespace enlace::alerts
