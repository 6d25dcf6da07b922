// Every bound of crypto/identity: sizes, counts and times.
//
// Thread safety: constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlace::identity {

// Names (ids.h).
inline constexpr size_t kAuthorityIdBytesMax = 12;
inline constexpr size_t kNetworkIdBytesMax = 24;
inline constexpr size_t kOfficePartBytesMax = 32;
inline constexpr size_t kOfficeIdBytesMax = kAuthorityIdBytesMax + 2 * (kOfficePartBytesMax + 1);
inline constexpr size_t kOfficerIdBytesMax = 4 + kAuthorityIdBytesMax + 1 + 6;
inline constexpr size_t kDeviceIdBytesMax = 4 + 16;
inline constexpr size_t kDeviceUriBytesMax = 128;
inline constexpr size_t kNameBytesMax = 160;

// Certificates. A device's last a year and are renewed from 60 days before their end; a CA ten
// years; a server's two.
inline constexpr size_t kCertificateBytesMax = 4096;
inline constexpr size_t kCsrBytesMax = 2048;
inline constexpr size_t kServerNamesMax = 16;
inline constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
inline constexpr int64_t kDeviceValidityMs = 365 * kDayMs;
inline constexpr int64_t kDeviceValidityMsMax = 400 * kDayMs;
inline constexpr int64_t kDeviceRenewalWindowMs = 60 * kDayMs;
inline constexpr int64_t kCaValidityMs = 3653 * kDayMs;
inline constexpr int64_t kServerValidityMs = 731 * kDayMs;
// A certificate begins this long before it is issued, for peers whose clocks are behind.
inline constexpr int64_t kBackdateMs = 60LL * 60 * 1000;

// Charter.
inline constexpr int64_t kCharterValidityMsMax = 400 * kDayMs;
inline constexpr size_t kCharterKeysMax = 16;
inline constexpr size_t kCharterNetworksMax = 16;
inline constexpr size_t kCharterAuthoritiesMax = 256;
inline constexpr size_t kAuthorityCasMax = 2;
inline constexpr size_t kCharterBytesMax = 1 << 20;

// Statements and cards.
inline constexpr int64_t kDeviceSuspensionMsMax = 7 * kDayMs;
inline constexpr size_t kOfficesPerOfficerMax = 16;
inline constexpr size_t kOfficeLanguagesMax = 12;
inline constexpr size_t kDutyShiftsMax = 100;
inline constexpr int64_t kDutyShiftMsMax = 31 * kDayMs;
inline constexpr size_t kStatementBytesMax = 16 << 10;
inline constexpr size_t kCardSaltBytes = 32;
inline constexpr size_t kCardNameBytesMax = 120;
inline constexpr size_t kCardPhonesMax = 4;
inline constexpr size_t kCardLanguagesMax = 12;

// Registry.
inline constexpr size_t kLogEntryBytesMax = kCharterBytesMax + (16 << 10);
inline constexpr uint64_t kOfficersPerAuthorityMax = 10'000;
inline constexpr size_t kDevicesPerOfficerMax = 64;
// A statement or charter may be dated this far ahead of the server's clock.
inline constexpr int64_t kIssuedAheadMsMax = kBackdateMs;

// Enrolment.
inline constexpr int64_t kInvitationValidityMs = 72LL * 60 * 60 * 1000;
inline constexpr size_t kInvitationTextBytesMax = 8 << 10;
inline constexpr size_t kAddressBytesMax = 260;
// Wrong answers that spend a request.
inline constexpr int kWrongWordsMax = 3;

}  // namespace enlace::identity
