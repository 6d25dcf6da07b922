// Names: what passes is canonical, what comes near does not pass.
#include "crypto/identity/ids.h"

#include <gtest/gtest.h>

#include "crypto/primitives/bytes.h"

namespace enlace::identity {
namespace {

TEST(Ids, OfTheDomain_AreValid) {
  for (const char* id : {"consular", "trafficking"}) EXPECT_TRUE(IsNetworkId(id)) << id;
  for (const char* id : {"hn", "iom", "ts", "unhcr"}) EXPECT_TRUE(IsAuthorityId(id)) << id;
  for (const char* id : {"mx.consular", "sv.consular.turno", "iom.sanjose", "mx.del-norte.u2"}) {
    EXPECT_TRUE(IsOfficeId(id)) << id;
  }
  for (const char* id : {"ofc-hn-007", "svc-iom-123456"}) EXPECT_TRUE(IsOfficerId(id)) << id;
  for (const char* id : {"dev-7", "dev-abcdef0123456789"}) EXPECT_TRUE(IsDeviceId(id)) << id;
}

TEST(Ids, NearMisses_AreRefused) {
  for (const char* id :
       {"", "x", "Consular", "con sular", "consular1", "aaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_FALSE(IsNetworkId(id)) << id;
  }
  for (const char* id : {"", "h", "HN", "h1", "h-n", "aaaaaaaaaaaaa", "hñ"})
    EXPECT_FALSE(IsAuthorityId(id)) << id;
  for (const char* id :
       {"", "mx", "mx.", ".mx", "mx..a", "mx.consular.", "mx.a.b.c", "mx.Consular", "mx.-a",
        "mx.a-", "mx.1a", "mx.a b", "mx.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "MX.a"}) {
    EXPECT_FALSE(IsOfficeId(id)) << id;
  }
  for (const char* id : {"", "ofc-hn-07", "ofc-hn-1234567", "ofc--007", "ofc-HN-007", "abc-hn-007",
                         "ofc-hn-007 ", "ofc-hn-00a", "ofc-hn-007-1"}) {
    EXPECT_FALSE(IsOfficerId(id)) << id;
  }
  for (const char* id : {"", "dev-", "dev-A", "dev-abcdef01234567890", "7", "dev_7", "dev-7/"}) {
    EXPECT_FALSE(IsDeviceId(id)) << id;
  }
}

TEST(Ids, ServiceOfficer_IsKnownByItsPrefix) {
  EXPECT_TRUE(IsServiceOfficerId("svc-hn-001"));
  EXPECT_FALSE(IsServiceOfficerId("ofc-hn-001"));
  EXPECT_FALSE(IsServiceOfficerId("svc-hn-"));
}

TEST(Ids, AuthorityOfOfficeAndOfficer_IsTheirFirstPart) {
  EXPECT_EQ(AuthorityOfOffice("iom.sanjose"), "iom");
  EXPECT_EQ(AuthorityOfOffice("iom"), "");
  EXPECT_EQ(AuthorityOfOfficer("ofc-hn-007"), "hn");
  EXPECT_EQ(AuthorityOfOfficer("hn"), "");
}

TEST(DeviceUri, RoundTripsThroughItsText) {
  const DeviceUri uri = *DeviceUri::Create("ofc-hn-007", "dev-7");
  EXPECT_EQ(uri.text(), "enlace://hn/officers/ofc-hn-007/devices/dev-7");
  EXPECT_EQ(uri.authority(), "hn");
  EXPECT_EQ(uri.officer_id(), "ofc-hn-007");
  EXPECT_EQ(uri.device_id(), "dev-7");
  EXPECT_EQ(*DeviceUri::Parse(uri.text()), uri);
}

TEST(DeviceUri, AnythingButTheCanonicalText_IsRefused) {
  for (const char* text :
       {"", "enlace://", "enlace://hn/officers/ofc-mx-007/devices/dev-7",
        "ENLACE://hn/officers/ofc-hn-007/devices/dev-7",
        "enlace://hn/officers/ofc-hn-007/devices/dev-7/",
        "enlace://hn/officers/ofc-hn-007/devices/dev-7?x",
        "enlace://hn/officers/ofc-hn-007//devices/dev-7",
        "enlace://hn/devices/dev-7/officers/ofc-hn-007", "enlace://hn/officers/devices/dev-7",
        "enlace://hn/officers/ofc-hn-007/devices/dev-7/devices/dev-7",
        "http://hn/officers/ofc-hn-007/devices/dev-7"}) {
    EXPECT_EQ(DeviceUri::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(
      DeviceUri::Parse(std::string("enlace://hn/officers/ofc-hn-007/devices/dev-7\0", 46)).ok());
}

TEST(CaseReference, IsReadAsItIsSpoken) {
  for (const char* text : {"HN-2026-000412", "hn-2026-412", "Hn-2026-0412"}) {
    const absl::StatusOr<CaseReference> reference = ParseCaseReference(text);
    ASSERT_TRUE(reference.ok()) << text;
    EXPECT_EQ(FormatCaseReference(*reference), "HN-2026-000412");
  }
  EXPECT_TRUE(IsCaseReference("HN-2026-000412"));
  EXPECT_FALSE(IsCaseReference("hn-2026-412"));
}

TEST(CaseReference, Malformed_IsRefused) {
  for (const char* text :
       {"", "412", "HN-2026", "HN-26-412", "HN-2026-0", "HN-2026-1234567", "HN-1999-1", "HN-3000-1",
        "H1-2026-1", "HN-2026-4 1", "HN-2026--1", "HN-2026-1-", "HN-+026-1"}) {
    EXPECT_FALSE(ParseCaseReference(text).ok()) << text;
  }
}

TEST(Attributes, HaveTheirShapes) {
  for (const char* tag : {"es", "quc", "es-419", "zh-Hant-TW"})
    EXPECT_TRUE(IsLanguageTag(tag)) << tag;
  for (const char* tag : {"", "e", "espa", "es-", "es-4", "ES", "es_419"})
    EXPECT_FALSE(IsLanguageTag(tag)) << tag;
  for (const char* phone : {"+50400000007", "+1202555"}) EXPECT_TRUE(IsPhone(phone)) << phone;
  for (const char* phone :
       {"", "+", "50400000007", "+0400000007", "+123456", "+1234567890123456", "+504 0000"}) {
    EXPECT_FALSE(IsPhone(phone)) << phone;
  }
  for (const char* zone :
       {"America/Tegucigalpa", "America/Argentina/Buenos_Aires", "Etc/GMT+6", "UTC"}) {
    EXPECT_TRUE(IsTimeZone(zone)) << zone;
  }
  for (const char* zone : {"", "/", "America/", "../etc/passwd", "A B/C"})
    EXPECT_FALSE(IsTimeZone(zone)) << zone;
  EXPECT_TRUE(IsAlpha3("HND"));
  EXPECT_FALSE(IsAlpha3("hnd"));
  EXPECT_FALSE(IsAlpha3("HN"));
}

TEST(DisplayText, OfPeople_IsAccepted) {
  for (const char* text : {"Marta Zúniga", "Protección Consular", "日本", "🙂", "a"}) {
    EXPECT_TRUE(IsDisplayText(text, 64)) << text;
  }
}

TEST(DisplayText, ThatMovesTheTerminalOrIsNotUtf8_IsRefused) {
  for (const char* text : {"", "a\nb", "a\tb", "\x1b[31mred", "a\x7f",
                           "\xc2\x9b"
                           "31m",
                           "\xe2\x80\xae"
                           "evil",
                           "\xe2\x81\xa6x", "\xd8\x9c", "\xe2\x80\xa8",
                           "\xef\xbb\xbf"
                           "bom",
                           "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80",
                           "\xf8\x88\x80\x80\x80", "\xe0\x80\xaf"}) {
    EXPECT_FALSE(IsDisplayText(text, 64)) << ToHex(AsBytes(text));
  }
  EXPECT_FALSE(IsDisplayText(std::string(65, 'a'), 64));
  EXPECT_TRUE(IsDisplayText(std::string(64, 'a'), 64));
}

}  // namespace
}  // namespace enlace::identity
