#include "client/alerts/identity_split.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "client/alerts/compose.h"
#include "client/alerts/guard.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {
namespace {

using alert::v1::AlertType;
using alert::v1::CaseAlert;
using alert::v1::Person;

constexpr uint32_t kAdultYears = 18;

bool IsChildAlert(const CaseAlert& alert) {
  return alert.alert_type() == alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD ||
         alert.alert_type() == alert::v1::ALERT_TYPE_SEPARATED_CHILD;
}

bool IsTraffickingAlert(const CaseAlert& alert) {
  return alert.alert_type() == alert::v1::ALERT_TYPE_TRAFFICKING_VICTIM ||
         alert.alert_type() == alert::v1::ALERT_TYPE_LABOUR_EXPLOITATION || alert.has_trafficking();
}

// The latest birth day that the parts allow, as yyyymmdd.
uint32_t LatestBirth(const alert::v1::PartialDate& date) {
  constexpr uint32_t kLastMonth = 12;
  constexpr uint32_t kLastDay = 31;
  const uint32_t month = date.month() == 0 ? kLastMonth : date.month();
  const uint32_t day = date.day() == 0 ? kLastDay : date.day();
  return date.year() * 10'000 + month * 100 + day;
}

uint32_t DayNumber(int64_t at_ms) {
  std::string day = texts::IsoDay(at_ms);
  std::erase(day, '-');
  return static_cast<uint32_t>(std::strtoul(day.c_str(), nullptr, 10));
}

// The values of a person that stay in the notice.
Person NoticeOf(const Person& person) {
  Person notice = person;
  if (!person.pseudonym()) {
    notice.set_given_names(person.notice_name());
    notice.clear_family_names();
    notice.clear_other_names();
    notice.clear_notice_name();
    notice.clear_physical_description();
    notice.clear_distinguishing_marks();
    notice.set_pseudonym(true);
  }
  if (notice.has_birth_date()) {
    notice.mutable_birth_date()->clear_month();
    notice.mutable_birth_date()->clear_day();
  }
  notice.clear_birth_place();
  notice.clear_documents();
  notice.clear_phones();
  return notice;
}

// A relative's name leads to the protected person as surely as their own.
bool IsRelative(const CaseAlert& alert, const Person& person) {
  if (person.related_to().empty()) return false;
  return std::ranges::any_of(alert.persons(), [&](const Person& other) {
    return other.local_id() == person.related_to() && IsProtected(alert, other);
  });
}

bool HasProtected(const CaseAlert& alert) {
  return std::ranges::any_of(alert.persons(),
                             [&](const Person& person) { return IsProtected(alert, person); });
}

void WithholdEvents(bool protects, CaseAlert& notice) {
  for (auto& event : *notice.mutable_events()) {
    if (event.identity()) {
      event.clear_place();
      event.clear_description();
    }
    if (!event.identity() && !protects) continue;
    event.clear_latitude();
    event.clear_longitude();
    event.clear_accuracy_m();
  }
}

void WithholdDetail(CaseAlert& notice) {
  if (notice.has_child()) {
    notice.mutable_child()->clear_care_arrangement();
    notice.mutable_child()->clear_family_claim();
  }
  if (notice.has_missing()) {
    notice.mutable_missing()->clear_companions();
    notice.mutable_missing()->clear_smuggler_contact();
    notice.mutable_missing()->clear_police_report_ref();
  }
  if (notice.has_detention()) notice.mutable_detention()->clear_facility();
}

// What the withheld documents exclude, the notice says by name: every device can ask the guard.
void NameExcluded(const CaseAlert& alert, CaseAlert& notice) {
  const Guard whole = GuardOf(alert);
  if (!whole.active || GuardOf(notice).excluded_countries == whole.excluded_countries) return;
  notice.mutable_handling()->clear_excluded_countries();
  for (const std::string& country : whole.excluded_countries)
    notice.mutable_handling()->add_excluded_countries(country);
}

void WithholdAttachments(CaseAlert& notice) {
  auto& attachments = *notice.mutable_attachments();
  for (int i = attachments.size() - 1; i >= 0; --i) {
    if (attachments.Get(i).identity()) attachments.DeleteSubrange(i, 1);
  }
}

}  // namespace

bool IsChild(const CaseAlert& alert, const Person& person) {
  const bool has_year = person.birth_date().year() != 0;
  if (has_year && alert.has_created_at()) {
    const uint32_t today = DayNumber(ToMs(alert.created_at()));
    const uint32_t born = LatestBirth(person.birth_date());
    // A year in the future is an error of its own (DATE_IN_FUTURE), not a child.
    if (person.birth_date().year() > today / 10'000) return false;
    return born + kAdultYears * 10'000 > today;
  }
  if (person.age_years_min() != 0) return person.age_years_min() < kAdultYears;
  if (person.age_years_max() != 0) return person.age_years_max() < kAdultYears;
  return IsChildAlert(alert) && person.role() == alert::v1::PERSON_ROLE_SUBJECT;
}

bool IsProtected(const CaseAlert& alert, const Person& person) {
  if (IsChild(alert, person)) return true;
  if (!IsTraffickingAlert(alert)) return false;
  return person.role() == alert::v1::PERSON_ROLE_VICTIM ||
         person.role() == alert::v1::PERSON_ROLE_SUBJECT;
}

SplitAlert SplitIdentity(const CaseAlert& alert) {
  SplitAlert split;
  split.notice = alert;
  const bool protects = HasProtected(alert);
  for (int i = 0; i < alert.persons_size(); ++i) {
    const Person& person = alert.persons(i);
    if (!IsProtected(alert, person) && !IsRelative(alert, person)) continue;
    *split.notice.mutable_persons(i) = NoticeOf(person);
  }
  WithholdEvents(protects, split.notice);
  WithholdAttachments(split.notice);
  if (protects) WithholdDetail(split.notice);
  NameExcluded(alert, split.notice);
  if (google::protobuf::util::MessageDifferencer::Equals(split.notice, alert)) return split;
  // The identity part is the whole alert: whoever may read it may read the notice, and joining
  // cannot go wrong.
  split.identity = alert;
  return split;
}

CaseAlert JoinIdentity(const CaseAlert& notice, const CaseAlert& identity) {
  return identity.alert_id() == notice.alert_id() ? identity : notice;
}

}  // namespace enlace::alerts
