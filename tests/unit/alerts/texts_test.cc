#include "client/texts/texts.h"

#include <gtest/gtest.h>

#include <map>

#include "client/texts/code_names.h"
#include "client/texts/countries.h"
#include "client/texts/display.h"
#include "client/texts/locale.h"
#include "client/texts/time_format.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::texts {
namespace {

constexpr Language kEs = Language::kSpanish;
constexpr Language kEn = Language::kEnglish;
// 2026-11-18T04:40:00Z
constexpr int64_t kAt = 1'794'976'800'000;

Environment Env(std::map<std::string, std::string> values) {
  return [values](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

TEST(Texts, SpanishText_ComesFromTheEmbeddedCatalogue) {
  EXPECT_EQ(Text(kEs, "in {span}", {{"span", "3 s"}}), "en 3 s");
  EXPECT_EQ(Text(kEn, "in {span}", {{"span", "3 s"}}), "in 3 s");
}

TEST(Texts, Context_ChoosesTheTranslationAndIsNeverShown) {
  EXPECT_EQ(Text(kEs, ENLACE_TEXT_IN("month", "Nov")), "nov");
  EXPECT_EQ(Text(kEn, ENLACE_TEXT_IN("month", "Nov")), "Nov");
}

TEST(Texts, UnknownText_ComesOutInEnglish) {
  const std::string unknown = "nobody translated this";
  EXPECT_EQ(Text(kEs, unknown), unknown);
  EXPECT_FALSE(HasText(kEs, unknown));
}

TEST(Texts, Plural_FollowsTheCountInBothLanguages) {
  EXPECT_EQ(Span(kEs, 2LL * 86'400'000), "2 días");
  EXPECT_EQ(Span(kEn, 104LL * 86'400'000), "104 days");
  EXPECT_EQ(Plural(kEs, "{count} day", "{count} days", 1), "1 día");
}

TEST(Texts, PlaceholderInAValue_IsNotFilledAgain) {
  EXPECT_EQ(FillPlaceholders("{a}{b}", {{"a", "{b}"}, {"b", "x"}}), "{b}x");
  EXPECT_EQ(FillPlaceholders("{missing} {", {}), "{missing} {");
}

TEST(Locale, LanguageOrder_IsOptionThenEnlaceThenLocale) {
  EXPECT_EQ(ChooseLocale("en", Env({{"ENLACE_LANG", "es"}})).language, kEn);
  EXPECT_EQ(ChooseLocale("", Env({{"ENLACE_LANG", "es"}, {"LC_ALL", "en_US.UTF-8"}})).language,
            kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LC_ALL", "es_HN.UTF-8"}, {"LANG", "en_US"}})).language, kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LC_MESSAGES", "es_MX"}, {"LANG", "en_US"}})).language, kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LANG", "es"}})).language, kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LC_ALL", "fr_CA.UTF-8"}, {"LANG", "es"}})).language, kEn);
  EXPECT_EQ(ChooseLocale("", Env({})).language, kEn);
}

TEST(Locale, ListOfLanguages_CountsBeforeALocaleThatIsNotC) {
  EXPECT_EQ(ChooseLocale("", Env({{"LANGUAGE", "es"}, {"LANG", "en_US.UTF-8"}})).language, kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LANGUAGE", "fr:es_HN:en"}, {"LANG", "en_US"}})).language, kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LANGUAGE", "fr:de"}, {"LANG", "es_MX"}})).language, kEs);
  EXPECT_EQ(ChooseLocale("", Env({{"LANGUAGE", "es"}, {"LC_ALL", "C"}})).language, kEn);
  EXPECT_EQ(ChooseLocale("", Env({{"LANGUAGE", "es"}, {"LC_ALL", "C.UTF-8"}})).language, kEn);
  EXPECT_EQ(ChooseLocale("", Env({{"LANGUAGE", "es"}})).language, kEn);
  EXPECT_EQ(ChooseLocale("en", Env({{"LANGUAGE", "es"}, {"LANG", "es"}})).language, kEn);
}

TEST(Locale, CLocale_AllowsAsciiOnly) {
  EXPECT_TRUE(ChooseLocale("es", Env({{"LC_ALL", "C"}})).ascii);
  EXPECT_EQ(ChooseLocale("es", Env({{"LC_ALL", "C"}})).language, kEs);
  EXPECT_FALSE(ChooseLocale("", Env({{"LC_ALL", "C.UTF-8"}})).ascii);
  EXPECT_FALSE(ChooseLocale("", Env({})).ascii);
  EXPECT_TRUE(ChooseLocale("", Env({{"LANG", "POSIX"}})).ascii);
}

TEST(Time, LocalThenUtc_ShowsTheUtcDayOnlyWhereItDiffers) {
  const Zone zone = *Zone::FromName("America/Tegucigalpa");
  EXPECT_EQ(LocalThenUtc(kEs, zone, kAt, kAt), "mar 17 nov 22:40 (UTC-6) · 2026-11-18 04:40Z");
  EXPECT_EQ(LocalThenUtc(kEs, zone, kAt + 8 * 3'600'000, kAt), "mié 18 nov 06:40 (UTC-6) · 12:40Z");
  EXPECT_EQ(LocalThenUtcClock(kEs, zone, kAt + 720'000, kAt), "mar 17 nov 22:52 (UTC-6) · 04:52Z");
  EXPECT_EQ(LocalThenUtc(kEn, zone, kAt, kAt), "Tue 17 Nov 22:40 (UTC-6) · 2026-11-18 04:40Z");
}

TEST(Time, DaylightSaving_CountsAtTheInstant) {
  const Zone zone = *Zone::FromName("America/Matamoros");
  EXPECT_EQ(OffsetName(zone, kAt), "UTC-6");
  EXPECT_EQ(OffsetName(zone, kAt - 150LL * 86'400'000), "UTC-5");
  EXPECT_EQ(OffsetName(*Zone::FromName("Asia/Kathmandu"), kAt), "UTC+5:45");
}

TEST(Time, EventTime_NamesTheCityOfItsZone) {
  const int64_t found_ms = kAt - 190 * 60'000;
  EXPECT_EQ(EventTime(kEs, *Zone::FromName("America/Mexico_City"), found_ms, kAt),
            "mar 17 nov 19:30 hora de Ciudad de México · 2026-11-18 01:30Z");
  EXPECT_EQ(EventTime(kEn, *Zone::FromName("America/Mexico_City"), found_ms, kAt),
            "Tue 17 Nov 19:30, Mexico City time · 2026-11-18 01:30Z");
}

TEST(Time, OnlyIanaNames_AreZones) {
  for (const char* name :
       {"America/Tegucigalpa", "UTC", "America/Argentina/Buenos_Aires", "Etc/UTC"}) {
    EXPECT_TRUE(IsIanaZone(name)) << name;
  }
  for (const char* name : {"", "GMT+6", "CST", "America/Tegus", "america/tegucigalpa",
                           "Etc/Unknown", "Hora de México"}) {
    EXPECT_FALSE(IsIanaZone(name)) << name;
  }
}

TEST(Time, HostZone_FollowsTzAndFallsBackToUtc) {
  EXPECT_EQ(Zone::OfHost(Env({{"TZ", "America/Guatemala"}})).name(), "America/Guatemala");
  EXPECT_EQ(Zone::OfHost(Env({{"TZ", ":America/Lima"}})).name(), "America/Lima");
  EXPECT_EQ(Zone::OfHost(Env({{"TZ", "nonsense"}})).name(), "UTC");
}

TEST(Time, Spans_ReadAsTheyAreSaid) {
  EXPECT_EQ(Span(kEs, 3'000), "3 s");
  EXPECT_EQ(Span(kEs, 18 * 60'000), "18 min");
  EXPECT_EQ(Span(kEs, 72 * 60'000), "1 h 12");
  EXPECT_EQ(Span(kEs, 185 * 60'000), "3 h 05");
  EXPECT_EQ(Relative(kEs, kAt + 18 * 60'000, kAt), "en 18 min");
  EXPECT_EQ(Relative(kEs, kAt - 35 * 60'000, kAt), "hace 35 min");
  EXPECT_EQ(Relative(kEn, kAt - 35 * 60'000, kAt), "35 min ago");
}

TEST(Time, InstantsBefore1970_KeepTheirDay) {
  EXPECT_EQ(Rfc3339(-1'000), "1969-12-31T23:59:59Z");
  EXPECT_EQ(IsoDay(0), "1970-01-01");
}

TEST(Time, PartialDates_ShowWhatIsKnown) {
  EXPECT_EQ(PartialDateText(kEs, {2004, 8, 17, false}), "17 ago 2004");
  EXPECT_EQ(PartialDateText(kEs, {2004, 8, 0, true}), "aprox. ago 2004");
  EXPECT_EQ(PartialDateText(kEs, {2004, 0, 0, false}), "2004");
  EXPECT_EQ(PartialDateText(kEs, {}), "");
  EXPECT_EQ(LongDateText(kEs, {1987, 2, 30, false}), "30 de febrero de 1987");
  EXPECT_EQ(LongDateText(kEn, {1987, 2, 30, false}), "30 February 1987");
}

TEST(Numbers, SizesAndCounts_FollowTheLanguage) {
  EXPECT_EQ(ByteSize(kEs, 90'211), "88 KiB");
  EXPECT_EQ(ByteSize(kEs, 2'202'010), "2,1 MiB");
  EXPECT_EQ(ByteSize(kEn, 2'202'010), "2.1 MiB");
  EXPECT_EQ(ByteSize(kEs, 212ull << 20), "212 MiB");
  EXPECT_EQ(Count(kEs, 18'342), "18 342");
  EXPECT_EQ(Count(kEn, 1'018'342), "1,018,342");
  EXPECT_EQ(Count(kEn, 342), "342");
}

TEST(Display, Width_CountsColumns) {
  EXPECT_EQ(DisplayWidth("niñez"), 5u);
  EXPECT_EQ(DisplayWidth("nin\u0303ez"), 5u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("✓ ╭─╮"), 5u);
}

TEST(Display, Truncate_KeepsLettersWithTheirMarks) {
  EXPECT_EQ(PadRight("Documento fraudulento", 20), "Documento fraudulen…");
  EXPECT_EQ(Truncate("abcn\u0303", 4), "abcn\u0303");
  EXPECT_EQ(Truncate("n\u0303n\u0303n\u0303", 2), "n\u0303…");
  EXPECT_EQ(Truncate("日本語", 4), "日…");
  EXPECT_EQ(PadRight("日本語", 4), "日… ");
  EXPECT_EQ(PadRight("abcdef", 5, "..."), "ab...");
  EXPECT_EQ(PadLeft("7", 3), "  7");
}

TEST(Display, Wrap_BreaksAtSpacesAndOnlyLongWordsInside) {
  EXPECT_EQ(Wrap("uno dos tres", 7), (std::vector<std::string>{"uno dos", "tres"}));
  EXPECT_EQ(Wrap("abcdefgh ij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(Wrap("a\n\nb", 4), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(Wrap("", 4), (std::vector<std::string>{""}));
  for (const std::string& line : Wrap(std::string(500, 'x') + " 日本語日本語", 3)) {
    EXPECT_LE(DisplayWidth(line), 3u);
  }
}

TEST(Display, PeersEscapes_NeverReachATerminal) {
  EXPECT_EQ(EscapeForDisplay("\x1b[31mrojo"), "\\x1b[31mrojo");
  EXPECT_EQ(EscapeForDisplay("a\u202e\u2066b"), "a\\u{202e}\\u{2066}b");
  EXPECT_EQ(EscapeForDisplay("a\nb\tc"), "a\\x0ab\\x09c");
  EXPECT_EQ(EscapeForDisplay("a\nb\tc\r", true), "a\nb c\\x0d");
  EXPECT_EQ(EscapeForDisplay("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(EscapeForDisplay("\u009b31m"), "\\u{9b}31m");
  EXPECT_EQ(EscapeForDisplay("«Niño» · 9 °C"), "«Niño» · 9 °C");
  EXPECT_EQ(EscapeForDisplay("\u2028"), "\\u{2028}");
}

TEST(Display, AsciiScreen_HasNoOtherCharacter) {
  EXPECT_EQ(ToAscii("✓ Niña · «Lucero» — señal…"), "ok Nina - \"Lucero\" - senal...");
  EXPECT_EQ(ToAscii("╭──╮│x│╰──╯"), "+--+|x|+--+");
  EXPECT_EQ(ToAscii("日"), "?");
  for (const std::string_view glyph : {GlyphsFor(true).tick, GlyphsFor(true).top_left}) {
    EXPECT_EQ(ToAscii(glyph), glyph);
  }
}

TEST(CodeNames, TraffickingIsTrata_SmugglingIsTraficoIlicito) {
  EXPECT_EQ(CodeName(kEs, CodeKind::kAlertType, alert::v1::ALERT_TYPE_TRAFFICKING_VICTIM),
            "Víctima de trata");
  EXPECT_EQ(CodeName(kEs, CodeKind::kAlertType, alert::v1::ALERT_TYPE_SMUGGLING_INTELLIGENCE),
            "Inteligencia de tráfico ilícito");
  EXPECT_EQ(NetworkName(kEs, "trafficking"), "Trata y tráfico");
}

TEST(CodeNames, UnknownCode_SaysItsNumber) {
  EXPECT_EQ(CodeName(kEs, CodeKind::kAlertType, 97), "tipo desconocido (97)");
  EXPECT_EQ(CodeName(kEn, CodeKind::kAlertType, 97), "unknown type (97)");
  EXPECT_EQ(CodeName(kEs, CodeKind::kOutcome, 97), "código desconocido (97)");
  EXPECT_EQ(CodeWord(CodeKind::kTlp, 4), "TLP:AMBER+STRICT");
  EXPECT_EQ(CodeNumber(CodeKind::kAlertType, "missing-migrant"), 1);
  EXPECT_EQ(CodeNumber(CodeKind::kTlp, "amber+strict"), 4);
  EXPECT_EQ(CodeNumber(CodeKind::kAlertType, "nothing"), std::nullopt);
}

void ExpectSameCodes(CodeKind kind, const google::protobuf::EnumDescriptor* model,
                     std::string_view prefix) {
  EXPECT_EQ(static_cast<int>(CodeTable(kind).size()), model->value_count() - 1) << model->name();
  for (const CodeRow& row : CodeTable(kind)) {
    const auto* value = model->FindValueByNumber(row.number);
    ASSERT_NE(value, nullptr) << model->name() << row.number;
    EXPECT_EQ(value->name(), std::string(prefix) + std::string(row.code));
    EXPECT_TRUE(HasText(kEs, row.msgid)) << value->name();
  }
}

TEST(CodeNames, EveryTable_HoldsExactlyItsEnum) {
  ExpectSameCodes(CodeKind::kAlertType, alert::v1::AlertType_descriptor(), "ALERT_TYPE_");
  ExpectSameCodes(CodeKind::kRequestedAction, alert::v1::RequestedAction_descriptor(),
                  "REQUESTED_ACTION_");
  ExpectSameCodes(CodeKind::kTlp, alert::v1::Tlp_descriptor(), "TLP_");
  ExpectSameCodes(CodeKind::kPersonRole, alert::v1::PersonRole_descriptor(), "PERSON_ROLE_");
  ExpectSameCodes(CodeKind::kVulnerability, alert::v1::Vulnerability_descriptor(),
                  "VULNERABILITY_");
  ExpectSameCodes(CodeKind::kDocumentType, alert::v1::DocumentType_descriptor(), "DOCUMENT_TYPE_");
  ExpectSameCodes(CodeKind::kDocumentFinding, alert::v1::DocumentFinding_descriptor(),
                  "DOCUMENT_FINDING_");
  ExpectSameCodes(CodeKind::kEventType, alert::v1::EventType_descriptor(), "EVENT_TYPE_");
  ExpectSameCodes(CodeKind::kNotification36, alert::v1::Notification36_descriptor(),
                  "NOTIFICATION36_");
  ExpectSameCodes(CodeKind::kExploitationType, alert::v1::ExploitationType_descriptor(),
                  "EXPLOITATION_TYPE_");
  ExpectSameCodes(CodeKind::kControlMethod, alert::v1::ControlMethod_descriptor(),
                  "CONTROL_METHOD_");
  ExpectSameCodes(CodeKind::kCapCertainty, alert::v1::CapCertainty_descriptor(), "CAP_CERTAINTY_");
  ExpectSameCodes(CodeKind::kAction, alert::v1::Action_descriptor(), "ACTION_");
  ExpectSameCodes(CodeKind::kDeclineReason, alert::v1::DeclineReason_descriptor(),
                  "DECLINE_REASON_");
  ExpectSameCodes(CodeKind::kOutcome, alert::v1::Outcome_descriptor(), "OUTCOME_");
}

TEST(CodeNames, CountriesAndLanguages_SpeakBothLanguages) {
  EXPECT_EQ(CountryName(kEs, "HND"), "Honduras");
  EXPECT_EQ(CountryName(kEs, "USA"), "Estados Unidos");
  EXPECT_EQ(CountryName(kEn, "us"), "us");
  EXPECT_EQ(CountryName(kEs, "XXA"), "apátrida");
  EXPECT_EQ(LanguageName(kEs, "en"), "inglés");
  EXPECT_EQ(LanguageName(kEn, "quc"), "Kʼicheʼ");
}

TEST(Countries, List_IsCompleteAndSorted) {
  EXPECT_EQ(Countries().size(), 249u);
  EXPECT_EQ(FindCountry("GT"), FindCountry("GTM"));
  EXPECT_EQ(FindCountry("gt"), nullptr);
  EXPECT_EQ(FindCountry("XXX"), nullptr);
  EXPECT_TRUE(IsIcaoPersonCode("XXX"));
  EXPECT_FALSE(IsIcaoPersonCode("D"));
  EXPECT_TRUE(IsIcaoIssuerCode("D"));
}

TEST(Countries, LongestPrefix_NamesTheCountryOfAPhone) {
  EXPECT_EQ(CountryOfPhone("+50499990103")->alpha3, "HND");
  EXPECT_EQ(CountryOfPhone("+18095550100")->alpha3, "DOM");
  EXPECT_EQ(CountryOfPhone("+9990000000"), nullptr);
}

}  // namespace
}  // namespace enlace::texts
