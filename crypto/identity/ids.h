// The names by which authorities, offices, officers, devices, networks and cases are known, and the
// device URI.
//
// Promises one spelling for each name: what passes here is canonical and may be compared byte by
// byte, signed, logged and shown without escaping. Only the case reference has a lenient reader,
// because it is spoken on the telephone.
//
// - network: [a-z]{2,24} (consular)
// - authority: [a-z]{2,12} (hn, iom, ts)
// - office: authority "." name [ "." unit ], each part [a-z][a-z0-9-]{0,31} without a final "-"
//   (sv.consular.turno)
// - officer: ("ofc-" | "svc-") authority "-" [0-9]{3,6} (ofc-hn-007); svc is a national system
// - device: "dev-" [a-z0-9]{1,16} (dev-7)
// - case: AUTHORITY "-" year "-" [0-9]{6} (HN-2026-000412)
// - URI: "enlace://" authority "/officers/" officer "/devices/" device
//
// Thread safety: free functions without state. Ownership: views in, strings out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "crypto/identity/limits.h"

namespace enlace::identity {

bool IsNetworkId(std::string_view id);
bool IsAuthorityId(std::string_view id);
bool IsOfficeId(std::string_view id);
bool IsOfficerId(std::string_view id);
// True for an officer id that stands for a national system ("svc-").
bool IsServiceOfficerId(std::string_view id);
bool IsDeviceId(std::string_view id);
// The canonical spelling only; ParseCaseReference reads the others.
bool IsCaseReference(std::string_view reference);
// Three capital letters (ISO 3166-1 alpha-3); whether the country exists is not asked.
bool IsAlpha3(std::string_view code);
// BCP 47 of the shape used here: a language of 2 or 3 letters and at most two subtags of 2 to 8
// (es, quc, es-419).
bool IsLanguageTag(std::string_view tag);
// E.164: "+", then 7 to 15 digits, the first not 0.
bool IsPhone(std::string_view phone);
// The shape of an IANA zone name (America/Tegucigalpa, Etc/GMT+6); whether it exists is not asked.
bool IsTimeZone(std::string_view zone);
// Text to show people: valid UTF-8, 1 to `bytes_max` bytes, no control character, no bidirectional
// control, no line break.
bool IsDisplayText(std::string_view text, size_t bytes_max);

// Authority part of a valid office or officer id; empty when `id` is neither.
std::string_view AuthorityOfOffice(std::string_view office_id);
std::string_view AuthorityOfOfficer(std::string_view officer_id);

// A device's name in certificates, statements and logs. Always valid.
class DeviceUri {
 public:
  // From its parts. INVALID_ARGUMENT for an invalid part or an officer id of another authority.
  static absl::StatusOr<DeviceUri> Create(std::string_view officer_id, std::string_view device_id);
  // From its text. INVALID_ARGUMENT for anything but the canonical spelling.
  static absl::StatusOr<DeviceUri> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  std::string_view authority() const;
  std::string_view officer_id() const;
  std::string_view device_id() const;

  friend bool operator==(const DeviceUri& a, const DeviceUri& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const DeviceUri& a, const DeviceUri& b) { return a.text_ <=> b.text_; }

 private:
  explicit DeviceUri(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

struct CaseReference {
  std::string authority;  // Lower case, as an authority id.
  int year = 0;           // 2000 to 2999.
  uint32_t number = 0;    // 1 to 999999.

  friend bool operator==(const CaseReference&, const CaseReference&) = default;
};

// Reads HN-2026-000412 in any case, with or without leading zeros (hn-2026-412). INVALID_ARGUMENT
// otherwise.
absl::StatusOr<CaseReference> ParseCaseReference(std::string_view text);
// The canonical spelling.
std::string FormatCaseReference(const CaseReference& reference);

}  // namespace enlace::identity
