// The model's MUST and SHOULD and DOMAIN's rules beyond the given bad inputs: one change of a sound
// case, one reason.
#include "client/alerts/validation.h"

#include <gtest/gtest.h>

#include "client/alerts/alert_json.h"
#include "client/alerts/compose.h"
#include "tests/unit/alerts/case_files.h"
#include "tests/unit/alerts/fake_directory.h"

namespace enlace::alerts {
namespace {

using nlohmann::json;

struct Change {
  const char* name;
  const char* base;
  // JSON Patch.
  const char* patch;
  const char* field;
  const char* reason;
  Severity severity = Severity::kError;
};

constexpr Severity kWarning = Severity::kWarning;

const Change kChanges[] = {
    // Required fields.
    {"NoVersion", "A01", R"([{"op":"remove","path":"/schema_version"}])", "schema_version",
     "FIELD_REQUIRED"},
    {"NoAlertId", "A01", R"([{"op":"remove","path":"/alert_id"}])", "alert_id", "FIELD_REQUIRED"},
    {"NoCaseRef", "A01", R"([{"op":"remove","path":"/case_ref"}])", "case_ref", "FIELD_REQUIRED"},
    {"NoMessageType", "A01", R"([{"op":"remove","path":"/message_type"}])", "message_type",
     "FIELD_REQUIRED"},
    {"NoStatus", "A01", R"([{"op":"remove","path":"/status"}])", "status", "FIELD_REQUIRED"},
    {"NoAlertType", "A01", R"([{"op":"remove","path":"/alert_type"}])", "alert_type",
     "FIELD_REQUIRED"},
    {"NoPriority", "A01", R"([{"op":"remove","path":"/priority"}])", "priority", "FIELD_REQUIRED"},
    {"NoCreatedAt", "A01", R"([{"op":"remove","path":"/created_at"}])", "created_at",
     "FIELD_REQUIRED"},
    {"NoAckDue", "A01", R"([{"op":"remove","path":"/ack_due_at"}])", "ack_due_at",
     "FIELD_REQUIRED"},
    {"NoActions", "A01", R"([{"op":"remove","path":"/requested_actions"}])", "requested_actions",
     "FIELD_REQUIRED"},
    {"NoRecipients", "A01", R"([{"op":"replace","path":"/recipients","value":[]}])", "recipients",
     "FIELD_REQUIRED"},
    {"NoRole", "A01", R"([{"op":"remove","path":"/recipients/0/role"}])", "recipients[0].role",
     "FIELD_REQUIRED"},
    {"NoLanguage", "A01", R"([{"op":"remove","path":"/language"}])", "language", "FIELD_REQUIRED"},
    {"NoSubject", "A01", R"([{"op":"remove","path":"/subject"}])", "subject", "FIELD_REQUIRED"},
    {"NoBody", "A01", R"([{"op":"remove","path":"/body"}])", "body", "FIELD_REQUIRED"},
    {"NoSenderOfficer", "A01", R"([{"op":"remove","path":"/sender/officer_id"}])",
     "sender.officer_id", "FIELD_REQUIRED"},
    {"NoPurpose", "A01", R"([{"op":"remove","path":"/handling/purpose"}])", "handling.purpose",
     "FIELD_REQUIRED"},
    {"NoDisclosure", "A01", R"([{"op":"remove","path":"/handling/origin_country_disclosure"}])",
     "handling.origin_country_disclosure", "FIELD_REQUIRED"},
    {"NoReview", "A01", R"([{"op":"remove","path":"/handling/review_at"}])", "handling.review_at",
     "FIELD_REQUIRED"},
    {"NoDeletion", "A01", R"([{"op":"remove","path":"/handling/delete_after"}])",
     "handling.delete_after", "FIELD_REQUIRED"},
    {"NoPersonRole", "A01", R"([{"op":"remove","path":"/persons/0/role"}])", "persons[0].role",
     "FIELD_REQUIRED"},
    {"NoEventType", "A01", R"([{"op":"remove","path":"/events/0/type"}])", "events[0].type",
     "FIELD_REQUIRED"},
    // JSON.
    {"UnknownField", "A01", R"([{"op":"add","path":"/subjet","value":"x"}])", "subjet",
     "UNKNOWN_FIELD"},
    {"UnknownInnerField", "A01", R"([{"op":"add","path":"/persons/0/name","value":"x"}])",
     "persons[0].name", "UNKNOWN_FIELD"},
    {"UnknownCodeName", "A01", R"([{"op":"replace","path":"/priority","value":"PRIORITY_URGNT"}])",
     "priority", "UNKNOWN_ENUM"},
    {"UnknownCodeNumber", "A01", R"([{"op":"replace","path":"/priority","value":9}])", "priority",
     "UNKNOWN_ENUM", kWarning},
    {"WrongKind", "A01", R"([{"op":"replace","path":"/subject","value":7}])", "subject",
     "FIELD_TYPE"},
    {"ObjectForList", "A01", R"([{"op":"replace","path":"/persons","value":{}}])", "persons",
     "FIELD_TYPE"},
    {"NegativeNumber", "A01", R"([{"op":"replace","path":"/events/2/accuracy_m","value":-1}])",
     "events[2].accuracy_m", "FIELD_TYPE"},
    {"NullInList", "A01", R"([{"op":"replace","path":"/persons/2","value":null}])", "persons[2]",
     "FIELD_TYPE"},
    {"TwoBlocks", "A01", R"([{"op":"add","path":"/death","value":{"cause":"x"}}])", "missing",
     "FIELD_DUPLICATE"},
    {"NoTime", "A01", R"([{"op":"replace","path":"/ack_due_at","value":"tomorrow"}])", "ack_due_at",
     "TIMESTAMP_INVALID"},
    {"ImpossibleTime", "A01",
     R"([{"op":"replace","path":"/ack_due_at","value":"2026-02-30T10:00:00Z"}])", "ack_due_at",
     "TIMESTAMP_INVALID"},
    {"InnerTimeWithoutOffset", "A01",
     R"([{"op":"replace","path":"/events/2/at","value":"2026-11-04T03:12:00"}])", "events[2].at",
     "TIMESTAMP_NO_OFFSET"},
    // Ids and texts.
    {"OtherUuid", "A01",
     R"([{"op":"replace","path":"/alert_id","value":"7d444840-9dc0-11d1-b245-5ffdce74fad2"}])",
     "alert_id", "UUID_INVALID"},
    {"ShortRef", "A01", R"([{"op":"replace","path":"/case_ref","value":"HN-2026-412"}])",
     "case_ref", "CASE_REF_INVALID"},
    {"ForeignRef", "A01", R"([{"op":"replace","path":"/case_ref","value":"MX-2026-000412"}])",
     "case_ref", "CASE_REF_AUTHORITY"},
    {"LongSubject", "A07",
     R"([{"op":"replace","path":"/subject","value":")"
     "ñññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññññ"
     "ñññññññññññññññññññññññññññññ"
     R"("}])",
     "subject", "TEXT_TOO_LONG"},
    {"Escape", "A01", R"([{"op":"replace","path":"/subject","value":"\u001b[31mrojo"}])", "subject",
     "CONTROL_CHARACTER"},
    {"Bidi", "A01",
     R"([{"op":"replace","path":"/persons/0/given_names","value":"Olvin \u202eJosué"}])",
     "persons[0].given_names", "BIDI_CHARACTER"},
    {"NameInSubject", "A01",
     R"([{"op":"replace","path":"/subject","value":"Se busca a OLVIN ZELANDIETA"}])", "subject",
     "SUBJECT_HAS_NAME"},
    {"NameInTranslatedSubject", "A01",
     R"([{"op":"replace","path":"/translations/0/subject","value":"Olvin Josue missing"}])",
     "translations[0].subject", "SUBJECT_HAS_NAME"},
    {"BadLanguage", "A01", R"([{"op":"replace","path":"/language","value":"español"}])", "language",
     "LANGUAGE_INVALID"},
    {"BadPersonLanguage", "A01",
     R"([{"op":"replace","path":"/persons/0/languages/0","value":"es_HN"}])",
     "persons[0].languages[0]", "LANGUAGE_INVALID"},
    // Offices.
    {"NoSuchOffice", "A01",
     R"([{"op":"replace","path":"/recipients/2/office_id","value":"us.consulado"}])",
     "recipients[2].office_id", "OFFICE_UNKNOWN"},
    {"NoOfficeId", "A01",
     R"([{"op":"replace","path":"/recipients/2/office_id","value":"US Consulate"}])",
     "recipients[2].office_id", "OFFICE_ID_INVALID"},
    {"OfficeTwice", "A01",
     R"([{"op":"replace","path":"/recipients/2/office_id","value":"mx.consular"}])",
     "recipients[2].office_id", "RECIPIENT_DUPLICATE"},
    {"ToItself", "A01",
     R"([{"op":"replace","path":"/recipients/2/office_id","value":"hn.consular"}])",
     "recipients[2].office_id", "RECIPIENT_IS_SENDER"},
    {"NobodyActs", "A03", R"([{"op":"replace","path":"/recipients/0/role","value":"ROLE_INFO"}])",
     "recipients", "ACTION_RECIPIENT_REQUIRED"},
    {"ForeignCountry", "A01", R"([{"op":"replace","path":"/sender/country","value":"MEX"}])",
     "sender.country", "COUNTRY_MISMATCH"},
    // Handling.
    {"NoTlp", "A01", R"([{"op":"remove","path":"/handling/tlp"}])", "handling.tlp", "TLP_REQUIRED"},
    {"UnknownTlp", "A01", R"([{"op":"replace","path":"/handling/tlp","value":97}])", "handling.tlp",
     "TLP_REQUIRED"},
    {"CrimeWithoutCodes", "A05", R"([{"op":"remove","path":"/handling/codes"}])", "handling.codes",
     "HANDLING_CODES_REQUIRED"},
    {"H3WithoutNote", "A02", R"([{"op":"remove","path":"/handling/restriction_note"}])",
     "handling.restriction_note", "RESTRICTION_NOTE_REQUIRED"},
    {"NoConsent", "A01", R"([{"op":"remove","path":"/handling/consent"}])", "handling.consent",
     "CONSENT_REQUIRED"},
    {"ConsentWithoutBasis", "A01", R"([{"op":"remove","path":"/handling/consent/basis"}])",
     "handling.consent", "CONSENT_REQUIRED"},
    {"ConsentRefused", "A01",
     R"([{"op":"replace","path":"/handling/consent/status","value":"CONSENT_STATUS_REFUSED"}])",
     "handling.consent.status", "CONSENT_REFUSED"},
    {"AckBeforeCreation", "A01",
     R"([{"op":"replace","path":"/ack_due_at","value":"2026-11-16T15:00:00Z"}])", "ack_due_at",
     "DEADLINE_ORDER"},
    {"AnswerBeforeAck", "A01",
     R"([{"op":"replace","path":"/response_due_at","value":"2026-11-16T16:00:00Z"}])",
     "response_due_at", "DEADLINE_ORDER"},
    {"DeletionInThePast", "A03",
     R"([{"op":"replace","path":"/handling/delete_after","value":"2020-01-01T00:00:00Z"}])",
     "handling.delete_after", "RETENTION_ORDER"},
    {"SmugglingWithoutEvaluation", "A05",
     R"([{"op":"replace","path":"/alert_type","value":"ALERT_TYPE_SMUGGLING_INTELLIGENCE"},{"op":"remove","path":"/evaluation"}])",
     "evaluation", "EVALUATION_REQUIRED"},
    {"OriginAddressed", "A01",
     R"([{"op":"replace","path":"/handling/origin_country_disclosure","value":"ORIGIN_DISCLOSURE_NOT_PERMITTED"},
         {"op":"replace","path":"/persons/0/nationalities/0","value":"GTM"},
         {"op":"replace","path":"/persons/0/documents/0/issuing_state","value":"GTM"},
         {"op":"replace","path":"/persons/1/nationalities/0","value":"GTM"}])",
     "recipients[3].office_id", "GUARD_EXCLUDED"},
    // Persons and documents.
    {"SameLocalId", "A01", R"([{"op":"replace","path":"/persons/2/local_id","value":"p1"}])",
     "persons[2].local_id", "PERSON_ID_DUPLICATE"},
    {"RelatedToNobody", "A01", R"([{"op":"replace","path":"/persons/1/related_to","value":"p9"}])",
     "persons[1].related_to", "PERSON_ID_UNKNOWN"},
    {"Alpha2Nationality", "A01",
     R"([{"op":"replace","path":"/persons/0/nationalities/0","value":"HN"}])",
     "persons[0].nationalities[0]", "COUNTRY_UNKNOWN"},
    {"NoCountry", "A01", R"([{"op":"replace","path":"/events/0/country","value":"XXX"}])",
     "events[0].country", "COUNTRY_UNKNOWN"},
    {"MonthThirteen", "A01",
     R"([{"op":"replace","path":"/persons/0/birth_date/month","value":13}])",
     "persons[0].birth_date", "DATE_INVALID"},
    {"DayAlone", "A01", R"([{"op":"remove","path":"/persons/0/birth_date/month"}])",
     "persons[0].birth_date", "DATE_INVALID"},
    {"BadExpiry", "A03",
     R"([{"op":"replace","path":"/persons/0/documents/0/expires/day","value":31}])",
     "persons[0].documents[0].expires", "DATE_INVALID"},
    {"AgesTurned", "A01", R"([{"op":"replace","path":"/persons/2/age_years_min","value":50}])",
     "persons[2].age_years_min", "AGE_RANGE"},
    {"DutyPhone", "A01", R"([{"op":"replace","path":"/sender/duty_phone","value":"2222-0000"}])",
     "sender.duty_phone", "PHONE_NOT_E164"},
    {"NoNumber", "A01", R"([{"op":"remove","path":"/persons/0/documents/0/number"}])",
     "persons[0].documents[0].number", "DOCUMENT_NUMBER_REQUIRED"},
    {"OneMrzLine", "A03", R"([{"op":"remove","path":"/persons/0/documents/0/mrz_lines/1"}])",
     "persons[0].documents[0].mrz_lines", "MRZ_LENGTH"},
    {"OtherNumber", "A03",
     R"([{"op":"replace","path":"/persons/0/documents/0/number","value":"X00000172"}])",
     "persons[0].documents[0].number", "MRZ_MISMATCH", kWarning},
    {"VictimInGreen", "A01",
     R"([{"op":"replace","path":"/alert_type","value":"ALERT_TYPE_TRAFFICKING_VICTIM"},{"op":"remove","path":"/missing"},
         {"op":"replace","path":"/persons/0/role","value":"PERSON_ROLE_VICTIM"}])",
     "handling.tlp", "MINOR_IDENTITY_TLP"},
    // The matter.
    {"BadZone", "A01",
     R"([{"op":"replace","path":"/events/2/time_zone","value":"America/Reynosa"}])",
     "events[2].time_zone", "TIME_ZONE_UNKNOWN"},
    {"OtherSubdivision", "A01",
     R"([{"op":"replace","path":"/events/2/subdivision","value":"US-TX"}])",
     "events[2].subdivision", "SUBDIVISION_UNKNOWN"},
    {"LongitudeOut", "A01", R"([{"op":"replace","path":"/events/2/longitude","value":-198.2}])",
     "events[2].longitude", "COORDINATE_RANGE"},
    {"EventAhead", "A01",
     R"([{"op":"replace","path":"/events/2/at","value":"2026-11-20T03:12:00Z"}])", "events[2].at",
     "DATE_IN_FUTURE", kWarning},
    {"GroupTooSmall", "A07", R"([{"op":"replace","path":"/group/women","value":5}])", "group.total",
     "GROUP_COUNT"},
    {"UpdateWithoutLink", "A10", R"([{"op":"remove","path":"/links"}])", "links", "LINK_REQUIRED"},
    {"UpdateOfAnotherCase", "A10",
     R"([{"op":"replace","path":"/links/0/case_ref","value":"HN-2026-000413"}])",
     "links[0].case_ref", "LINK_INVALID"},
    {"ExternalWithoutNumber", "A10",
     R"([{"op":"add","path":"/links/1","value":{"type":"LINK_TYPE_EXTERNAL"}}])",
     "links[1].external_ref", "FIELD_REQUIRED"},
    {"AttachmentTwice", "A01",
     R"([{"op":"replace","path":"/attachments/1/attachment_id","value":"att-0feeb5f5"}])",
     "attachments[1]", "ATTACHMENT_DUPLICATE"},
    {"ProgramAttached", "A01",
     R"([{"op":"replace","path":"/attachments/0/media_type","value":"application/x-msdownload"}])",
     "attachments[0]", "ATTACHMENT_INVALID"},
    {"OtherBlock", "A01",
     R"([{"op":"remove","path":"/missing"},{"op":"add","path":"/death","value":{"cause":"x"}}])",
     "death", "DETAIL_MISMATCH", kWarning},
    // Recommended.
    {"NoAnswerDate", "A01", R"([{"op":"remove","path":"/response_due_at"}])", "response_due_at",
     "FIELD_RECOMMENDED", kWarning},
    {"OneLanguage", "A01", R"([{"op":"remove","path":"/translations"}])", "translations",
     "FIELD_RECOMMENDED", kWarning},
    {"NoEvents", "A01", R"([{"op":"remove","path":"/events"}])", "events", "FIELD_RECOMMENDED",
     kWarning},
    {"NoBlock", "A01", R"([{"op":"remove","path":"/missing"}])", "missing", "FIELD_RECOMMENDED",
     kWarning},
};

std::string Listed(const Violations& violations) {
  std::string out;
  for (const Violation& violation : violations) {
    out += violation.field + " " + violation.reason + " " + violation.message_en + " | " +
           violation.message_es + "\n";
  }
  return out;
}

class Changes : public testing::TestWithParam<Change> {};

TEST_P(Changes, GetTheirReasonAtTheirField) {
  const Change& change = GetParam();
  const json alert = CaseJson(change.base).patch(json::parse(change.patch));
  const FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  const Violations violations = CheckAlertJson(alert.dump(), context).violations;
  const auto found = std::ranges::find_if(violations, [&](const Violation& violation) {
    return violation.field == change.field && violation.reason == change.reason;
  });
  ASSERT_NE(found, violations.end()) << Listed(violations);
  EXPECT_EQ(found->severity, change.severity);
  EXPECT_NE(found->message_en, found->message_es);
  EXPECT_EQ(found->message_en.find('{'), std::string::npos) << found->message_en;
  EXPECT_EQ(found->message_es.find('{'), std::string::npos) << found->message_es;
  // Nothing else is wrong: an error is never followed by errors that only follow from it.
  const size_t wanted = change.severity == Severity::kError ? 1 : 0;
  EXPECT_EQ(CountErrors(violations), wanted) << Listed(violations);
}

INSTANTIATE_TEST_SUITE_P(Model, Changes, testing::ValuesIn(kChanges),
                         [](const auto& test_case) { return std::string(test_case.param.name); });

Violations Check(const alert::v1::CaseAlert& alert, const ValidationContext& context) {
  return ValidateAlert(alert, context);
}

const Violation* Find(const Violations& violations, std::string_view reason) {
  const auto found = std::ranges::find(violations, reason, &Violation::reason);
  return found == violations.end() ? nullptr : &*found;
}

TEST(Validation, UnknownOffice_IsAnsweredWithTheNearest) {
  const FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  alert::v1::CaseAlert alert = CaseOf("A01");
  alert.mutable_recipients(2)->set_office_id("us.consulado");
  const Violations violations = Check(alert, context);
  ASSERT_NE(Find(violations, "OFFICE_UNKNOWN"), nullptr);
  EXPECT_EQ(Find(violations, "OFFICE_UNKNOWN")->message_es,
            "No existe «us.consulado». ¿Quiso decir us.consular?");
}

TEST(Validation, Standing_LimitsWhoIsAddressedForWhat) {
  FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  const alert::v1::CaseAlert alert = CaseOf("A01");
  directory.At("mx.consular").may_be_action = false;
  directory.At("gt.consular").may_be_info = false;
  directory.At("us.consular").tlp_max = alert::v1::TLP_GREEN;
  directory.At("hn.consular").may_open_cases = false;
  directory.At("mx.trafficking").closed = true;
  directory.At("mx.trafficking").successor_office_id = "mx.child";
  const Violations violations = Check(alert, context);
  EXPECT_EQ(std::ranges::count(violations, "STANDING_FORBIDS", &Violation::reason), 4)
      << Listed(violations);
  ASSERT_NE(Find(violations, "OFFICE_CLOSED"), nullptr);
  EXPECT_NE(Find(violations, "OFFICE_CLOSED")->message_en.find("mx.child"), std::string::npos);
}

TEST(Validation, MissingTlp_IsAWarningAtTheReceiver) {
  ValidationContext context;
  context.side = Side::kReceiver;
  alert::v1::CaseAlert alert = CaseOf("A01");
  alert.mutable_handling()->clear_tlp();
  const Violations violations = Check(alert, context);
  ASSERT_NE(Find(violations, "TLP_REQUIRED"), nullptr);
  EXPECT_FALSE(HasError(violations)) << Listed(violations);
}

TEST(Validation, UpdateIntoARoomOfTheExcludedCountry_IsRefused) {
  ValidationContext context;
  context.room_offices = {"hn.consular", "us.consular"};
  alert::v1::CaseAlert update = CaseOf("A10");
  update.mutable_handling()->set_origin_country_disclosure(
      alert::v1::ORIGIN_DISCLOSURE_NOT_PERMITTED);
  EXPECT_NE(Find(Check(update, context), "GUARD_OPEN_NEW_CASE"), nullptr);
}

TEST(Validation, ShorterRetentionOfTheAuthority_IsTold) {
  ValidationContext context;
  context.retention_ms_max = 365LL * 86'400'000;
  const Violations violations = Check(CaseOf("A01"), context);
  ASSERT_NE(Find(violations, "RETENTION_SHORTENED"), nullptr);
  EXPECT_NE(Find(violations, "RETENTION_SHORTENED")->message_en.find("365"), std::string::npos);
}

TEST(Validation, ListedAttachmentWithoutFile_IsAnError) {
  const std::map<std::string, AttachmentFacts> files;
  ValidationContext context;
  context.files = &files;
  EXPECT_EQ(std::ranges::count(Check(CaseOf("A01"), context), "ATTACHMENT_FILE_MISSING",
                               &Violation::reason),
            2);
}

TEST(Validation, EventAheadOfTheServer_IsAClockThatIsOff) {
  ValidationContext context;
  alert::v1::CaseAlert alert = CaseOf("A01");
  context.server_time_ms = ToMs(alert.created_at());
  *alert.mutable_events(2)->mutable_at() = FromMs(*context.server_time_ms + 72LL * 3'600'000);
  const Violations violations = Check(alert, context);
  ASSERT_NE(Find(violations, "CLOCK_SKEW"), nullptr);
  EXPECT_EQ(Find(violations, "CLOCK_SKEW")->field, "events[2].at");
  EXPECT_EQ(Find(violations, "CLOCK_SKEW")->message_es,
            "Su reloj difiere 72 h del servidor; rige la hora del servidor.");
}

TEST(Validation, ForgedSender_IsNoUpdate) {
  const alert::v1::CaseAlert update = CaseOf("A10");
  SenderFacts facts;
  facts.authenticated_office_id = "us.consular";
  facts.authenticated_officer_id = "ofc-us-112";
  facts.parties = {"hn.consular", "mx.consular", "us.consular"};
  const Violations violations = CheckSender(update, facts);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].reason, "SENDER_MISMATCH");
  EXPECT_EQ(violations[0].field, "sender.office_id");
  facts.authenticated_office_id = "mx.consular";
  EXPECT_EQ(CheckSender(update, facts)[0].field, "sender.officer_id");
  facts.authenticated_officer_id.clear();
  EXPECT_TRUE(CheckSender(update, facts).empty());
}

TEST(Validation, SameContentTwice_IsNoReuse) { EXPECT_FALSE(CheckIdReuse("one", "one")); }

TEST(Validation, NfcOfAnAlert_ChangesOnlyItsWriting) {
  alert::v1::CaseAlert alert = CaseOf("A01");
  const std::string composed = alert.SerializeAsString();
  alert.mutable_persons(0)->set_given_names("Olvin Josue\u0301");
  ToNfc(alert);
  EXPECT_EQ(alert.SerializeAsString(), composed);
}

}  // namespace
}  // namespace enlace::alerts
