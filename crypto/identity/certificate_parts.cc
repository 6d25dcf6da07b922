#include "crypto/identity/certificate_parts.h"

#include <ctime>
#include <string>

#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

enum Tag : uint8_t {
  kInteger = 0x02,
  kBitString = 0x03,
  kUtcTime = 0x17,
  kGeneralizedTime = 0x18,
  kSequence = 0x30,
  kExplicitVersion = 0xA0,
};

absl::Status Malformed() { return InvalidArgument("certificate is not of RFC 5280's structure"); }

// The elements of a DER sequence, one after the other (X.690 section 8.1, definite lengths below 64
// KiB).
class DerReader {
 public:
  explicit DerReader(BytesView input) : rest_(input) {}

  // The next element, which must have this tag: whole, and its content.
  absl::Status Read(uint8_t tag, BytesView& whole, BytesView& content) {
    if (rest_.size() < 2 || rest_[0] != tag) return Malformed();
    size_t header = 2;
    size_t length = rest_[1];
    if (length >= 0x80) {
      const size_t octets = length & 0x7F;
      if (octets < 1 || octets > 2 || rest_.size() < 2 + octets) return Malformed();
      header += octets;
      length = octets == 1 ? rest_[2] : static_cast<size_t>(rest_[2]) << 8 | rest_[3];
      if (length < (octets == 1 ? 0x80u : 0x100u)) return Malformed();
    }
    if (rest_.size() - header < length) return Malformed();
    whole = rest_.first(header + length);
    content = whole.subspan(header);
    rest_ = rest_.subspan(whole.size());
    return absl::OkStatus();
  }

  absl::Status Skip(uint8_t tag) {
    BytesView whole;
    BytesView content;
    return Read(tag, whole, content);
  }

  uint8_t next_tag() const { return rest_.empty() ? 0 : rest_[0]; }
  bool empty() const { return rest_.empty(); }

 private:
  BytesView rest_;
};

// Two decimal digits at `at`; -1 when they are not.
int TwoDigits(std::string_view text, size_t at) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : -100; };
  const int value = 10 * digit(text[at]) + digit(text[at + 1]);
  return value < 0 ? -1 : value;
}

// UTCTime YYMMDDHHMMSSZ (20YY below 50, else 19YY) or GeneralizedTime YYYYMMDDHHMMSSZ (RFC 5280
// section 4.1.2.5).
absl::Status ReadTime(DerReader& reader, int64_t& time_ms) {
  const bool is_utc = reader.next_tag() == kUtcTime;
  BytesView whole;
  BytesView content;
  ENLACE_RETURN_IF_ERROR(reader.Read(is_utc ? kUtcTime : kGeneralizedTime, whole, content));
  std::string text(AsText(content));
  if (is_utc && text.size() == 13) text.insert(0, text[0] < '5' ? "20" : "19");
  if (text.size() != 15 || text.back() != 'Z') return Malformed();
  int parts[7];
  for (size_t i = 0; i < 7; ++i) {
    parts[i] = TwoDigits(text, 2 * i);
    if (parts[i] < 0) return Malformed();
  }
  std::tm time{};
  time.tm_year = parts[0] * 100 + parts[1] - 1900;
  time.tm_mon = parts[2] - 1;
  time.tm_mday = parts[3];
  time.tm_hour = parts[4];
  time.tm_min = parts[5];
  time.tm_sec = parts[6];
  time_ms = static_cast<int64_t>(timegm(&time)) * 1000;
  return absl::OkStatus();
}

absl::Status ReadValidity(DerReader& reader, CertificateParts& parts) {
  BytesView whole;
  BytesView content;
  ENLACE_RETURN_IF_ERROR(reader.Read(kSequence, whole, content));
  DerReader times(content);
  ENLACE_RETURN_IF_ERROR(ReadTime(times, parts.not_before_ms));
  ENLACE_RETURN_IF_ERROR(ReadTime(times, parts.not_after_ms));
  return times.empty() ? absl::OkStatus() : Malformed();
}

absl::Status ReadTbs(BytesView content, CertificateParts& parts) {
  DerReader reader(content);
  BytesView ignored;
  ENLACE_RETURN_IF_ERROR(reader.Skip(kExplicitVersion));
  ENLACE_RETURN_IF_ERROR(reader.Skip(kInteger));
  ENLACE_RETURN_IF_ERROR(reader.Skip(kSequence));
  ENLACE_RETURN_IF_ERROR(reader.Read(kSequence, parts.issuer, ignored));
  ENLACE_RETURN_IF_ERROR(ReadValidity(reader, parts));
  ENLACE_RETURN_IF_ERROR(reader.Read(kSequence, parts.subject, ignored));
  return reader.Read(kSequence, parts.public_key_info, ignored);
}

}  // namespace

absl::StatusOr<CertificateParts> SplitCertificate(BytesView der) {
  CertificateParts parts;
  BytesView whole;
  BytesView content;
  DerReader outer(der);
  ENLACE_RETURN_IF_ERROR(outer.Read(kSequence, whole, content));
  if (!outer.empty()) return Malformed();
  DerReader reader(content);
  BytesView tbs_content;
  ENLACE_RETURN_IF_ERROR(reader.Read(kSequence, parts.tbs, tbs_content));
  ENLACE_RETURN_IF_ERROR(reader.Skip(kSequence));
  ENLACE_RETURN_IF_ERROR(reader.Read(kBitString, whole, content));
  // The first octet counts unused bits: none in a signature.
  if (!reader.empty() || content.empty() || content[0] != 0) return Malformed();
  parts.signature = content.subspan(1);
  ENLACE_RETURN_IF_ERROR(ReadTbs(tbs_content, parts));
  return parts;
}

BytesView Ed25519KeyIn(BytesView public_key_info) {
  // SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }, of which all but the key is
  // fixed.
  static constexpr uint8_t kHeader[] = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03,
                                        0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};
  const bool is_ed25519 =
      public_key_info.size() == sizeof(kHeader) + crypto::kSignaturePublicKeyBytes &&
      EqualBytes(public_key_info.first(sizeof(kHeader)), BytesView(kHeader));
  return is_ed25519 ? public_key_info.subspan(sizeof(kHeader)) : BytesView();
}

}  // namespace enlace::identity
