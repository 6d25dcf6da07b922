// The asylum guard (rule 1) and the identity part (rule 2).
#include "client/alerts/guard.h"

#include <gtest/gtest.h>

#include "client/alerts/identity_split.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::alerts {
namespace {

using namespace alert::v1;  // the model's codes

CaseAlert Guarded() {
  CaseAlert alert = CaseOf("A01");
  alert.mutable_handling()->set_origin_country_disclosure(ORIGIN_DISCLOSURE_NOT_PERMITTED);
  alert.mutable_sender()->set_office_id("mx.consular");
  alert.clear_persons();
  Person& person = *alert.add_persons();
  person.set_local_id("p1");
  person.add_nationalities("PAN");
  alert.clear_recipients();
  alert.add_recipients()->set_office_id("cr.consular");
  alert.add_recipients()->set_office_id("pa.consular");
  return alert;
}

TEST(Guard, PersonsNationality_ExcludesItsAuthority) {
  const CaseAlert alert = Guarded();
  const Violations violations = CheckRecipients(alert);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].reason, "GUARD_EXCLUDED");
  EXPECT_EQ(violations[0].field, "recipients[1].office_id");
  EXPECT_EQ(violations[0].severity, Severity::kError);
  EXPECT_EQ(violations[0].message_es,
            "La alerta prohíbe informar al país de origen y hay una persona de PAN.");
  EXPECT_EQ(violations[0].hint_es,
            "Quite pa.consular, o cambie origin_country_disclosure si la persona consiente.");
}

TEST(Guard, PermittedDisclosure_ExcludesNobody) {
  CaseAlert alert = Guarded();
  alert.mutable_handling()->set_origin_country_disclosure(ORIGIN_DISCLOSURE_PERMITTED);
  EXPECT_TRUE(CheckRecipients(alert).empty());
  EXPECT_FALSE(GuardOf(alert).active);
}

TEST(Guard, DocumentsIssuer_AndGroup_ExcludeToo) {
  CaseAlert alert = Guarded();
  alert.mutable_persons(0)->set_nationalities(0, "XXA");
  alert.mutable_persons(0)->add_documents()->set_issuing_state("PAN");
  EXPECT_TRUE(GuardOf(alert).Excludes("pa.trafficking"));
  alert = Guarded();
  alert.clear_persons();
  alert.mutable_group()->set_total(2);
  CountryCount& share = *alert.mutable_group()->add_by_nationality();
  share.set_country("PAN");
  share.set_count(2);
  EXPECT_TRUE(GuardOf(alert).Excludes("pa.consular"));
  EXPECT_FALSE(GuardOf(alert).needs_named_countries);
}

TEST(Guard, IcaoCodes_ExcludeNobody) {
  CaseAlert alert = Guarded();
  for (const char* code : {"XXA", "XXB", "XXC", "XXX"}) {
    alert.mutable_persons(0)->set_nationalities(0, code);
    EXPECT_TRUE(GuardOf(alert).excluded_authorities.empty()) << code;
    EXPECT_FALSE(GuardOf(alert).needs_named_countries) << code;
  }
}

TEST(Guard, UnknownNationality_MakesTheSenderNameCountries) {
  CaseAlert alert = Guarded();
  alert.mutable_persons(0)->clear_nationalities();
  ASSERT_FALSE(CheckRecipients(alert).empty());
  EXPECT_EQ(CheckRecipients(alert)[0].reason, "GUARD_NEEDS_COUNTRIES");
  alert.mutable_handling()->add_excluded_countries("NIC");
  EXPECT_TRUE(CheckRecipients(alert).empty());
  EXPECT_TRUE(GuardOf(alert).Excludes("ni.consular"));
}

TEST(Guard, GroupLargerThanItsKnownShares_IsUnknown) {
  CaseAlert alert = Guarded();
  alert.clear_persons();
  alert.mutable_group()->set_total(3);
  CountryCount& share = *alert.mutable_group()->add_by_nationality();
  share.set_country("PAN");
  share.set_count(2);
  EXPECT_TRUE(GuardOf(alert).needs_named_countries);
}

TEST(Guard, SenderOfTheExcludedCountry_IsRefused) {
  CaseAlert alert = Guarded();
  alert.mutable_sender()->set_office_id("pa.trafficking");
  alert.mutable_recipients()->RemoveLast();
  ASSERT_EQ(CheckRecipients(alert).size(), 1u);
  EXPECT_EQ(CheckRecipients(alert)[0].field, "sender.office_id");
}

TEST(Guard, UpdateIntoARoomWithTheCountry_AsksForANewCase) {
  const Guard guard = GuardOf(Guarded());
  const Violations violations = CheckRoom(guard, {"cr.consular", "pa.consular"});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].reason, "GUARD_OPEN_NEW_CASE");
  EXPECT_TRUE(CheckRoom(guard, {"cr.consular"}).empty());
  EXPECT_EQ(CheckOffice(guard, "pa.child", "office").size(), 1u);
  EXPECT_TRUE(CheckOffice(guard, "iom.sanjose", "office").empty());
}

TEST(Guard, Tightening_OnlyGrows) {
  const Guard room = GuardOf(Guarded());
  CaseAlert open = Guarded();
  open.mutable_handling()->set_origin_country_disclosure(ORIGIN_DISCLOSURE_PERMITTED);
  const Guard both = Tighten(room, GuardOf(open));
  EXPECT_TRUE(both.Excludes("pa.consular"));
  CaseAlert other = Guarded();
  other.mutable_persons(0)->set_nationalities(0, "CUB");
  EXPECT_TRUE(Tighten(room, GuardOf(other)).Excludes("pa.consular"));
  EXPECT_TRUE(Tighten(room, GuardOf(other)).Excludes("cu.consular"));
}

TEST(Guard, OfficesPrefix_IsNoAuthority) {
  Guard guard = GuardOf(Guarded());
  EXPECT_FALSE(guard.Excludes("pan.consular"));
  EXPECT_FALSE(guard.Excludes("p.consular"));
  EXPECT_TRUE(guard.Excludes("pa"));
}

// An unaccompanied girl with her real names.
CaseAlert NamedChild() {
  CaseAlert alert = CaseOf("A02");
  Person& girl = *alert.mutable_persons(0);
  girl.set_pseudonym(false);
  girl.set_given_names("Xiomara");
  girl.set_family_names("Ejemplo Ficticio");
  girl.add_other_names("Xio");
  girl.set_notice_name("Lucero (NNA-77)");
  girl.mutable_birth_date()->set_year(2017);
  girl.mutable_birth_date()->set_month(3);
  girl.mutable_birth_date()->set_day(9);
  girl.set_birth_place("Izalco");
  girl.add_phones("+50300000001");
  girl.add_documents()->set_number("SV-PARTIDA-1");
  girl.set_physical_description("uniforme de la escuela Ficticia");
  Person& mother = *alert.add_persons();
  mother.set_local_id("p3");
  mother.set_given_names("Nohemí");
  mother.set_family_names("Ficticio");
  mother.add_phones("+50300000002");
  mother.set_related_to("p1");
  alert.mutable_events(0)->set_latitude(14.9031);
  alert.mutable_events(0)->set_longitude(-92.2575);
  Event& hidden = *alert.add_events();
  hidden.set_identity(true);
  hidden.set_place("Albergue Secreto");
  Attachment& photo = *alert.add_attachments();
  photo.set_attachment_id("att-rostro");
  photo.set_file_name("rostro_de_la_nina.jpg");
  photo.set_identity(true);
  return alert;
}

TEST(IdentitySplit, Notice_HoldsNoWithheldWord) {
  const SplitAlert split = SplitIdentity(NamedChild());
  ASSERT_TRUE(split.identity);
  const std::string notice = split.notice.SerializeAsString() + *AlertToJson(split.notice);
  for (const char* word : {"Xiomara", "Ejemplo", "Ficticio", "Xio", "Izalco", "50300000001",
                           "50300000002", "SV-PARTIDA-1", "uniforme", "Nohem", "14.9031", "92.2575",
                           "Albergue", "rostro", "Centro de asistencia social (n", "Maritza"}) {
    // The body is the sender's own words for everybody.
    EXPECT_EQ(notice.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(split.notice.persons(0).given_names(), "Lucero (NNA-77)");
  EXPECT_TRUE(split.notice.persons(0).pseudonym());
  EXPECT_EQ(split.notice.persons(0).birth_date().year(), 2017u);
  EXPECT_EQ(split.notice.persons(0).birth_date().day(), 0u);
}

TEST(IdentitySplit, Join_GivesTheAlertBack) {
  const CaseAlert alert = NamedChild();
  const SplitAlert split = SplitIdentity(alert);
  EXPECT_EQ(JoinIdentity(split.notice, *split.identity).SerializeAsString(),
            alert.SerializeAsString());
  EXPECT_EQ(JoinIdentity(CaseOf("A01"), *split.identity).alert_id(), CaseOf("A01").alert_id());
}

TEST(IdentitySplit, GivenCase_KeepsItsPseudonymAndWithholdsCareAndFamily) {
  const SplitAlert split = SplitIdentity(CaseOf("A02"));
  ASSERT_TRUE(split.identity);
  EXPECT_EQ(split.notice.persons(0).given_names(), "Lucero (NNA-77)");
  EXPECT_EQ(split.notice.child().care_arrangement(), "");
  EXPECT_EQ(split.notice.child().family_claim(), "");
  EXPECT_EQ(split.notice.events(0).place(), "Terminal de autobuses, Tapachula");
}

TEST(IdentitySplit, AlertAboutAdults_IsWhole) {
  for (const char* id : {"A01", "A03", "A05", "A07"})
    EXPECT_FALSE(SplitIdentity(CaseOf(id)).identity) << id;
}

TEST(IdentitySplit, VictimOfTrafficking_IsProtectedOnlyThere) {
  CaseAlert alert = CaseOf("A01");
  alert.mutable_persons(0)->set_role(PERSON_ROLE_VICTIM);
  EXPECT_FALSE(IsProtected(alert, alert.persons(0)));
  alert.set_alert_type(ALERT_TYPE_TRAFFICKING_VICTIM);
  EXPECT_TRUE(IsProtected(alert, alert.persons(0)));
  const SplitAlert split = SplitIdentity(alert);
  ASSERT_TRUE(split.identity);
  EXPECT_TRUE(split.notice.persons(0).documents().empty());
  // The mother's name leads to her son.
  EXPECT_EQ(split.notice.persons(1).given_names(), "");
}

TEST(IdentitySplit, Child_IsWhoIsNotYetEighteenAtTheAlert) {
  CaseAlert alert = CaseOf("A01");  // of 16 November 2026
  Person& person = *alert.mutable_persons(0);
  const auto born = [&](uint32_t year, uint32_t month, uint32_t day) {
    person.mutable_birth_date()->set_year(year);
    person.mutable_birth_date()->set_month(month);
    person.mutable_birth_date()->set_day(day);
    return IsChild(alert, person);
  };
  EXPECT_FALSE(born(2008, 11, 16));
  EXPECT_TRUE(born(2008, 11, 17));
  EXPECT_TRUE(born(2008, 0, 0));
  EXPECT_FALSE(born(2007, 0, 0));
  EXPECT_FALSE(born(2031, 1, 1));
  person.clear_birth_date();
  person.set_age_years_min(17);
  person.set_age_years_max(20);
  EXPECT_TRUE(IsChild(alert, person));
  person.set_age_years_min(0);
  person.set_age_years_max(12);
  EXPECT_TRUE(IsChild(alert, person));
}

}  // namespace
}  // namespace enlace::alerts
