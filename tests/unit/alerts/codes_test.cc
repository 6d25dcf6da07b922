// Syntax of values, references, and what the library fills in.
#include <gtest/gtest.h>

#include "client/alerts/case_ref.h"
#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::alerts {
namespace {

TEST(Codes, OfficeIds) {
  for (const char* id :
       {"mx.consular", "sv.child", "iom.sanjose", "sv.consular.turno", "ts.secretariat"}) {
    EXPECT_TRUE(IsOfficeId(id)) << id;
  }
  for (const char* id : {"", "mx", "MX.consular", "mx.", ".consular", "mx..a", "a.b.c.d",
                         "mx.con sular", "mx.ñ", "mx.-a"}) {
    EXPECT_FALSE(IsOfficeId(id)) << id;
  }
}

TEST(Codes, Phones_AreE164WithAnAssignedPrefix) {
  EXPECT_TRUE(IsE164("+50499990103"));
  EXPECT_TRUE(IsE164("+12025550112"));
  EXPECT_TRUE(IsE164("+870776000000"));
  for (const char* phone : {"9999-0103", "+504 9999 0103", "+0504999901", "+504", "+9991234567",
                            "+504999901034567890", "50499990103"}) {
    EXPECT_FALSE(IsE164(phone)) << phone;
  }
  EXPECT_EQ(NormalisePhone("+504 9999-0103"), "+50499990103");
  EXPECT_EQ(NormalisePhone("9999-0103"), std::nullopt);
}

TEST(Codes, LanguageTags_AreWellFormed) {
  for (const char* tag : {"es", "quc", "ht", "es-419", "zh-Hant-TW", "en-US", "sl-rozaj-biske",
                          "de-CH-1901", "x-native", "es-x-lenca", "en-u-ca-gregory"}) {
    EXPECT_TRUE(IsLanguageTag(tag)) << tag;
  }
  for (const char* tag :
       {"", "e", "español", "es_HN", "es-", "-es", "es--HN", "es-u", "es-x", "123", "abcdefghi"}) {
    EXPECT_FALSE(IsLanguageTag(tag)) << tag;
  }
}

TEST(Codes, PartialDates) {
  using enum DateProblem;
  EXPECT_EQ(CheckDate(0, 0, 0), kNone);
  EXPECT_EQ(CheckDate(1987, 2, 28), kNone);
  EXPECT_EQ(CheckDate(1987, 2, 29), kImpossible);
  EXPECT_EQ(CheckDate(1988, 2, 29), kNone);
  EXPECT_EQ(CheckDate(1900, 2, 29), kImpossible);
  EXPECT_EQ(CheckDate(2000, 2, 29), kNone);
  EXPECT_EQ(CheckDate(0, 2, 29), kNone);
  EXPECT_EQ(CheckDate(2004, 13, 1), kImpossible);
  EXPECT_EQ(CheckDate(2004, 4, 31), kImpossible);
  EXPECT_EQ(CheckDate(10000, 1, 1), kImpossible);
  EXPECT_EQ(CheckDate(2004, 0, 5), kDayWithoutMonth);
  EXPECT_EQ(CheckDate(0, 5, 0), kMonthWithoutYear);
}

TEST(Codes, Subdivisions) {
  EXPECT_TRUE(IsSubdivision("MX-TAM"));
  EXPECT_TRUE(IsSubdivision("PA-8"));
  for (const char* code : {"MX", "MX-", "XX-A", "mx-tam", "MX-ABCD", "MEX-TAM"})
    EXPECT_FALSE(IsSubdivision(code)) << code;
}

TEST(Codes, Texts_WithHiddenCharacters) {
  EXPECT_EQ(CheckText("Niña «Lucero»", false), TextProblem::kNone);
  EXPECT_EQ(CheckText("a\nb", true), TextProblem::kNone);
  EXPECT_EQ(CheckText("a\nb", false), TextProblem::kControl);
  EXPECT_EQ(CheckText("\x1b[2J", true), TextProblem::kControl);
  EXPECT_EQ(CheckText("\u0085", true), TextProblem::kControl);
  EXPECT_EQ(CheckText("a\u202eb", true), TextProblem::kBidi);
  EXPECT_EQ(CheckText("a\u2066b", false), TextProblem::kBidi);
  EXPECT_EQ(CheckText("a\u200bb", false), TextProblem::kBidi);
  EXPECT_EQ(CheckText("\U000e0041", false), TextProblem::kBidi);
  EXPECT_EQ(CheckText("\xc3", false), TextProblem::kNotUtf8);
  EXPECT_EQ(CheckText("\xed\xa0\x80", false), TextProblem::kNotUtf8);
}

TEST(Codes, Folding_FindsNamesInEveryWriting) {
  EXPECT_EQ(Fold("Josué"), Fold("JOSUE"));
  EXPECT_EQ(Fold("Jose\u0301"), Fold("José"));
  EXPECT_EQ(FoldedWords("Zelandieta-Murciélago, Olvin"),
            (std::vector<std::string>{"zelandieta", "murcielago", "olvin"}));
  EXPECT_EQ(FoldDocumentNumber("1503-2004 00000a"), "1503200400000A");
  EXPECT_EQ(Nfc("Jose\u0301"), "José");
  EXPECT_EQ(CharCount("José"), 4u);
}

TEST(Codes, NearestOf_SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> offices = {"us.consular", "us.trafficking", "mx.consular"};
  EXPECT_EQ(NearestOf("us.consulado", offices), "us.consular");
  EXPECT_EQ(NearestOf("zz.other", offices), "");
}

TEST(CaseRefs, AreTheSameInEveryWriting) {
  const auto full = ParseCaseRef("HN-2026-000412");
  ASSERT_TRUE(full);
  EXPECT_EQ(ParseCaseRef("hn-2026-412"), full);
  EXPECT_EQ(full->ToText(), "HN-2026-000412");
  EXPECT_TRUE(IsCanonicalCaseRef("HN-2026-000412"));
  EXPECT_FALSE(IsCanonicalCaseRef("hn-2026-412"));
  for (const char* text : {"", "HN", "HN-2026", "HN-26-412", "HN-2026-0", "HN-2026-1000000",
                           "HN-2026-4x2", "H-2026-1", "HÑ-2026-1"}) {
    EXPECT_FALSE(ParseCaseRef(text)) << text;
  }
}

TEST(CaseRefs, ABareNumber_IsACaseOfThisYear) {
  const std::vector<CaseRef> known = {
      {"HN", 2026, 412}, {"MX", 2026, 412}, {"HN", 2025, 7}, {"HN", 2026, 7}};
  EXPECT_EQ(MatchCases(*ParseCaseQuery("7"), known, 2026), (std::vector<CaseRef>{{"HN", 2026, 7}}));
  EXPECT_EQ(MatchCases(*ParseCaseQuery("412"), known, 2026).size(), 2u);
  EXPECT_EQ(MatchCases(*ParseCaseQuery("hn-2026-412"), known, 2026).size(), 1u);
  EXPECT_TRUE(MatchCases(*ParseCaseQuery("99"), known, 2026).empty());
  EXPECT_EQ(ParseCaseQuery("01A1E4F1-9500-7AE5-BCDA-BCF3CFA91827")->alert_id,
            "01a1e4f1-9500-7ae5-bcda-bcf3cfa91827");
  EXPECT_FALSE(ParseCaseQuery("nothing"));
}

constexpr int64_t kNow = 1'795'000'000'000;

FillInputs Inputs() {
  FillInputs inputs;
  inputs.now_ms = kNow;
  inputs.random = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  inputs.case_ref = "HN-2026-000001";
  inputs.office_id = "hn.consular";
  inputs.country = "HND";
  inputs.officer_id = "ofc-hn-007";
  inputs.language = "es";
  return inputs;
}

TEST(Compose, Defaults_FollowTypeAndPriority) {
  alert::v1::CaseAlert alert;
  alert.set_alert_type(alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD);
  FillDefaults(alert, Inputs());
  EXPECT_EQ(alert.priority(), alert::v1::PRIORITY_URGENT);
  EXPECT_EQ(ToMs(alert.ack_due_at()), kNow + 30 * 60'000);
  EXPECT_EQ(ToMs(alert.response_due_at()), kNow + 8 * 3'600'000);
  EXPECT_TRUE(IsUuidV7(alert.alert_id()));
  EXPECT_EQ(alert.sender().officer_id(), "ofc-hn-007");
  // Rule 3: nobody but the sender says who may read it.
  EXPECT_EQ(alert.handling().tlp(), 0);
  EXPECT_FALSE(alert.handling().has_consent());
}

TEST(Compose, WhatIsThere_IsNeverReplaced) {
  const alert::v1::CaseAlert given = CaseOf("A01");
  alert::v1::CaseAlert alert = given;
  FillDefaults(alert, Inputs());
  EXPECT_EQ(alert.SerializeAsString(), given.SerializeAsString());
}

TEST(Compose, Retime_KeepsWindowsAndEvents) {
  const alert::v1::CaseAlert given = CaseOf("A01");
  alert::v1::CaseAlert alert = given;
  Retime(alert, Inputs());
  EXPECT_EQ(ToMs(alert.created_at()), kNow);
  EXPECT_EQ(ToMs(alert.ack_due_at()) - kNow, ToMs(given.ack_due_at()) - ToMs(given.created_at()));
  EXPECT_EQ(ToMs(alert.handling().delete_after()) - kNow,
            ToMs(given.handling().delete_after()) - ToMs(given.created_at()));
  EXPECT_EQ(alert.events(2).at().seconds(), given.events(2).at().seconds());
  EXPECT_NE(alert.alert_id(), given.alert_id());
  EXPECT_EQ(alert.case_ref(), "HN-2026-000001");
}

TEST(Compose, Uuid_CarriesItsTimeVersionAndVariant) {
  // RFC 9562, appendix A.6.
  const std::array<uint8_t, 10> random = {0x0c, 0xc3, 0x18, 0xc4, 0xdc,
                                          0x0c, 0x0c, 0x07, 0x39, 0x8f};
  EXPECT_EQ(MakeUuidV7(0x017f22e279b0, random), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_FALSE(IsUuidV7("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"));
  EXPECT_FALSE(IsUuidV7("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
}

TEST(Compose, TimesBefore1970_KeepTheirMilliseconds) {
  for (const int64_t at_ms :
       {int64_t{-1}, int64_t{0}, int64_t{1'795'000'000'123}, int64_t{-1500}}) {
    EXPECT_EQ(ToMs(FromMs(at_ms)), at_ms);
    EXPECT_GE(FromMs(at_ms).nanos(), 0);
  }
}

}  // namespace
}  // namespace enlace::alerts
