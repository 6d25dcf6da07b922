#include "crypto/identity/ids.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

// The locale never decides what a letter is: names are ASCII.
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerOrDigit(char c) { return IsLower(c) || IsDigit(c); }

bool AllOf(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}

bool HasSize(std::string_view text, size_t min, size_t max) {
  return text.size() >= min && text.size() <= max;
}

// `text` cut at every `separator`.
std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool IsOfficePart(std::string_view part) {
  const auto allowed = [](char c) { return IsLowerOrDigit(c) || c == '-'; };
  return HasSize(part, 1, kOfficePartBytesMax) && IsLower(part.front()) && part.back() != '-' &&
         AllOf(part, allowed);
}

std::string_view WithoutPrefix(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
}

// One code point of UTF-8 at the front of `text`, removed from it. False for an encoding that is
// not shortest, a surrogate, a value past U+10FFFF or a cut one (RFC 3629).
bool TakeCodePoint(std::string_view& text, uint32_t& code_point) {
  const auto first = static_cast<uint8_t>(text.front());
  const size_t size = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size == 0 || first > 0xF4 || text.size() < size) return false;
  static constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  code_point = size == 1 ? first : first & (0x7Fu >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return false;
    code_point = code_point << 6 | (next & 0x3Fu);
  }
  text.remove_prefix(size);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return code_point >= kSmallest[size] && code_point <= 0x10FFFF && !surrogate;
}

// Controls (C0, C1, DEL), line and paragraph separators, and the marks that change the direction of
// what is around them.
bool IsUnsafeToShow(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0x061C ||
         c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

bool ParseDigits(std::string_view digits, size_t size_max, uint32_t& value) {
  if (!HasSize(digits, 1, size_max) || !AllOf(digits, IsDigit)) return false;
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
}

constexpr std::string_view kUriScheme = "enlace://";
constexpr std::string_view kUriOfficers = "/officers/";
constexpr std::string_view kUriDevices = "/devices/";

}  // namespace

bool IsNetworkId(std::string_view id) {
  return HasSize(id, 2, kNetworkIdBytesMax) && AllOf(id, IsLower);
}

bool IsAuthorityId(std::string_view id) {
  return HasSize(id, 2, kAuthorityIdBytesMax) && AllOf(id, IsLower);
}

bool IsOfficeId(std::string_view id) {
  const std::vector<std::string_view> parts = Split(id, '.');
  return HasSize(id, 1, kOfficeIdBytesMax) && (parts.size() == 2 || parts.size() == 3) &&
         IsAuthorityId(parts[0]) && std::all_of(parts.begin() + 1, parts.end(), IsOfficePart);
}

bool IsOfficerId(std::string_view id) {
  const std::vector<std::string_view> parts = Split(id, '-');
  return parts.size() == 3 && (parts[0] == "ofc" || parts[0] == "svc") && IsAuthorityId(parts[1]) &&
         HasSize(parts[2], 3, 6) && AllOf(parts[2], IsDigit);
}

bool IsServiceOfficerId(std::string_view id) { return IsOfficerId(id) && id.starts_with("svc-"); }

bool IsDeviceId(std::string_view id) {
  const std::string_view rest = WithoutPrefix(id, "dev-");
  return HasSize(rest, 1, 16) && AllOf(rest, IsLowerOrDigit);
}

bool IsCaseReference(std::string_view reference) {
  const absl::StatusOr<CaseReference> parsed = ParseCaseReference(reference);
  return parsed.ok() && FormatCaseReference(*parsed) == reference;
}

bool IsAlpha3(std::string_view code) { return code.size() == 3 && AllOf(code, IsUpper); }

bool IsLanguageTag(std::string_view tag) {
  const std::vector<std::string_view> parts = Split(tag, '-');
  const auto is_subtag = [](std::string_view part) {
    const auto alphanumeric = [](char c) { return IsLowerOrDigit(c) || IsUpper(c); };
    return HasSize(part, 2, 8) && AllOf(part, alphanumeric);
  };
  return parts.size() <= 3 && HasSize(parts[0], 2, 3) && AllOf(parts[0], IsLower) &&
         std::all_of(parts.begin() + 1, parts.end(), is_subtag);
}

bool IsPhone(std::string_view phone) {
  const std::string_view digits = WithoutPrefix(phone, "+");
  return HasSize(digits, 7, 15) && digits.front() != '0' && AllOf(digits, IsDigit);
}

bool IsTimeZone(std::string_view zone) {
  const auto is_part = [](std::string_view part) {
    const auto allowed = [](char c) {
      return IsLowerOrDigit(c) || IsUpper(c) || c == '_' || c == '-' || c == '+';
    };
    return !part.empty() && AllOf(part, allowed);
  };
  const std::vector<std::string_view> parts = Split(zone, '/');
  return HasSize(zone, 3, 64) && parts.size() <= 3 &&
         std::all_of(parts.begin(), parts.end(), is_part);
}

bool IsDisplayText(std::string_view text, size_t bytes_max) {
  if (!HasSize(text, 1, bytes_max)) return false;
  while (!text.empty()) {
    uint32_t code_point = 0;
    if (!TakeCodePoint(text, code_point) || IsUnsafeToShow(code_point)) return false;
  }
  return true;
}

std::string_view AuthorityOfOffice(std::string_view office_id) {
  return IsOfficeId(office_id) ? office_id.substr(0, office_id.find('.')) : std::string_view();
}

std::string_view AuthorityOfOfficer(std::string_view officer_id) {
  return IsOfficerId(officer_id) ? Split(officer_id, '-')[1] : std::string_view();
}

absl::StatusOr<DeviceUri> DeviceUri::Create(std::string_view officer_id,
                                            std::string_view device_id) {
  if (!IsOfficerId(officer_id)) return InvalidArgument("not an officer id");
  if (!IsDeviceId(device_id)) return InvalidArgument("not a device id");
  std::string text(kUriScheme);
  text.append(AuthorityOfOfficer(officer_id)).append(kUriOfficers).append(officer_id);
  text.append(kUriDevices).append(device_id);
  return DeviceUri(std::move(text));
}

absl::StatusOr<DeviceUri> DeviceUri::Parse(std::string_view text) {
  const size_t officers = text.find(kUriOfficers);
  const size_t devices = text.find(kUriDevices);
  if (text.size() > kDeviceUriBytesMax || !text.starts_with(kUriScheme) ||
      officers == std::string_view::npos || devices == std::string_view::npos ||
      devices < officers + kUriOfficers.size()) {
    return InvalidArgument("not a device URI");
  }
  const size_t officer_at = officers + kUriOfficers.size();
  absl::StatusOr<DeviceUri> uri = Create(text.substr(officer_at, devices - officer_at),
                                         text.substr(devices + kUriDevices.size()));
  // The authority stands in the URI and in the officer's id: both must be the same.
  if (uri.ok() && uri->text_ != text) return InvalidArgument("not a device URI");
  return uri;
}

std::string_view DeviceUri::authority() const { return AuthorityOfOfficer(officer_id()); }

std::string_view DeviceUri::officer_id() const {
  const size_t begin = text_.find(kUriOfficers) + kUriOfficers.size();
  return std::string_view(text_).substr(begin, text_.find(kUriDevices) - begin);
}

std::string_view DeviceUri::device_id() const {
  return std::string_view(text_).substr(text_.find(kUriDevices) + kUriDevices.size());
}

absl::StatusOr<CaseReference> ParseCaseReference(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, '-');
  CaseReference reference;
  uint32_t year = 0;
  if (parts.size() != 3 || parts[1].size() != 4 || !ParseDigits(parts[1], 4, year) ||
      !ParseDigits(parts[2], 6, reference.number)) {
    return InvalidArgument("not a case reference");
  }
  for (char c : parts[0]) {
    reference.authority.push_back(IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (!IsAuthorityId(reference.authority) || year < 2000 || year > 2999 || reference.number == 0) {
    return InvalidArgument("not a case reference");
  }
  reference.year = static_cast<int>(year);
  return reference;
}

std::string FormatCaseReference(const CaseReference& reference) {
  std::string text;
  for (char c : reference.authority) {
    text.push_back(IsLower(c) ? static_cast<char>(c - 'a' + 'A') : c);
  }
  char number[32];
  std::snprintf(number, sizeof(number), "-%04d-%06u", reference.year, reference.number);
  return text + number;
}

}  // namespace enlace::identity
