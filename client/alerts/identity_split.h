// The two messages of an alert about minors or victims (DOMAIN rule 2).
//
// The notice goes to every office; the identity part to the identity room, which opens to an ACTION
// office when it accepts. Protected is a child (under 18 at created_at, by birth date or estimated
// age, or an alert about a child) and a victim (role VICTIM, the subject of a trafficking alert).
// Withheld of a protected person: names that are no pseudonym, day and month of birth, birth place,
// documents, phones, physical description and marks when names are real, relation to others; of the
// alert: events marked `identity`, all coordinates, marked attachments, the care arrangement and
// family claim, and what relatives and guardians are called.
//
// The guard asks the notice what it would ask the whole: countries that only withheld documents
// exclude stand in the notice's excluded_countries.
//
// Invariants: Join(notice, identity) equals the alert that was split; the notice never holds a
// value that was withheld. Thread safety: pure functions.
#pragma once

#include <optional>

#include "client/alerts/violation.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

struct SplitAlert {
  alert::v1::CaseAlert notice;
  // Absent: nothing is withheld and the notice is the whole alert.
  std::optional<alert::v1::CaseAlert> identity;
};

SplitAlert SplitIdentity(const alert::v1::CaseAlert& alert);
// The whole again; the notice itself when `identity` is of another alert.
alert::v1::CaseAlert JoinIdentity(const alert::v1::CaseAlert& notice,
                                  const alert::v1::CaseAlert& identity);

bool IsChild(const alert::v1::CaseAlert& alert, const alert::v1::Person& person);
bool IsProtected(const alert::v1::CaseAlert& alert, const alert::v1::Person& person);

}  // namespace enlace::alerts
