// The rules that a statement keeps by itself (statement.h, CheckStatement).
#include <algorithm>
#include <tuple>

#include "crypto/codec/fields.h"
#include "crypto/identity/statement.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr size_t kNetworksPerOfficeMax = kCharterNetworksMax;

absl::Status Require(bool condition, std::string_view message) {
  return condition ? absl::OkStatus() : InvalidArgument(message);
}

template <typename Test>
bool AllOf(const std::vector<std::string>& list, Test test) {
  return std::all_of(list.begin(), list.end(), test);
}

// One check for each kind; `authority` is the statement's own.
struct Checker {
  std::string_view authority;

  bool IsOwnOffice(std::string_view office) const { return AuthorityOfOffice(office) == authority; }
  bool IsOwnOfficer(std::string_view officer) const {
    return AuthorityOfOfficer(officer) == authority;
  }

  absl::Status CheckOffices(const std::vector<std::string>& offices) const {
    ENLACE_RETURN_IF_ERROR(
        Require(offices.size() <= kOfficesPerOfficerMax, "officer has more than 16 offices"));
    ENLACE_RETURN_IF_ERROR(
        Require(codec::IsStrictlyAscending(offices), "offices are not in order"));
    return Require(
        AllOf(offices, [this](const std::string& office) { return IsOwnOffice(office); }),
        "an office is not one of the authority's");
  }

  absl::Status CheckRoles(std::string_view officer, RoleSet roles) const {
    ENLACE_RETURN_IF_ERROR(Require(IsRoleSet(roles), "not a set of roles"));
    return Require(IsServiceOfficerId(officer) == HasRole(roles, Role::kService),
                   "role service goes with an id that begins with svc-, and only with it");
  }

  absl::Status operator()(const OfficeStated& office) const {
    ENLACE_RETURN_IF_ERROR(
        Require(IsOwnOffice(office.office_id), "not an office of the authority"));
    ENLACE_RETURN_IF_ERROR(Require(IsDisplayText(office.name.es, kNameBytesMax) &&
                                       IsDisplayText(office.name.en, kNameBytesMax),
                                   "office has no valid name"));
    ENLACE_RETURN_IF_ERROR(Require(
        !office.networks.empty() && office.networks.size() <= kNetworksPerOfficeMax &&
            codec::IsStrictlyAscending(office.networks) && AllOf(office.networks, IsNetworkId),
        "office's networks are missing, malformed or not in order"));
    ENLACE_RETURN_IF_ERROR(Require(office.supervisor.empty() || IsOwnOfficer(office.supervisor),
                                   "supervisor is not an officer of the authority"));
    ENLACE_RETURN_IF_ERROR(
        Require(office.successor.empty() ||
                    (IsOwnOffice(office.successor) && office.successor != office.office_id),
                "successor is not another office of the authority"));
    ENLACE_RETURN_IF_ERROR(Require(
        !office.languages.empty() && office.languages.size() <= kOfficeLanguagesMax &&
            codec::IsStrictlyAscending(office.languages) && AllOf(office.languages, IsLanguageTag),
        "office's languages are missing, malformed or not in order"));
    ENLACE_RETURN_IF_ERROR(Require(IsTimeZone(office.time_zone), "office has no valid time zone"));
    return Require(office.duty_phone.empty() || IsPhone(office.duty_phone),
                   "duty phone is not E.164");
  }

  absl::Status operator()(const DeviceEnrolled& device) const {
    ENLACE_ASSIGN_OR_RETURN(const DeviceUri uri, DeviceUri::Parse(device.device_uri));
    ENLACE_RETURN_IF_ERROR(Require(uri.authority() == authority, "device is not of the authority"));
    ENLACE_RETURN_IF_ERROR(Require(!device.offices.empty(), "device has no office"));
    ENLACE_RETURN_IF_ERROR(CheckOffices(device.offices));
    ENLACE_RETURN_IF_ERROR(CheckRoles(uri.officer_id(), device.roles));
    ENLACE_RETURN_IF_ERROR(
        Require(!HasRole(device.roles, Role::kService) || device.offices.size() == 1,
                "a national system belongs to one office"));
    return Require(!device.tls_certificate.empty() && !device.mls_certificate.empty(),
                   "a certificate is missing");
  }

  absl::Status operator()(const OfficerAssigned& officer) const {
    ENLACE_RETURN_IF_ERROR(
        Require(IsOwnOfficer(officer.officer_id), "officer is not of the authority"));
    ENLACE_RETURN_IF_ERROR(CheckOffices(officer.offices));
    return CheckRoles(officer.officer_id, officer.roles);
  }

  absl::Status operator()(const DeviceRevoked& device) const {
    ENLACE_ASSIGN_OR_RETURN(const DeviceUri uri, DeviceUri::Parse(device.device_uri));
    return Require(uri.authority() == authority, "device is not of the authority");
  }

  absl::Status operator()(const OfficerSuspended& officer) const {
    ENLACE_RETURN_IF_ERROR(Require(officer.until_ms >= 0, "suspension's end is out of range"));
    return Require(IsOwnOfficer(officer.officer_id), "officer is not of the authority");
  }

  absl::Status operator()(const OfficerReinstated& officer) const {
    return Require(IsOwnOfficer(officer.officer_id), "officer is not of the authority");
  }

  absl::Status operator()(const OfficeRenamed& office) const {
    return Require(IsOwnOffice(office.old_office_id) && IsOwnOffice(office.new_office_id) &&
                       office.old_office_id != office.new_office_id,
                   "not two offices of the authority");
  }

  absl::Status operator()(const OfficeClosed& office) const {
    return Require(IsOwnOffice(office.office_id) && IsOwnOffice(office.successor) &&
                       office.office_id != office.successor,
                   "not two offices of the authority");
  }

  absl::Status operator()(const OfficeDuty& duty) const {
    ENLACE_RETURN_IF_ERROR(Require(IsOwnOffice(duty.office_id), "not an office of the authority"));
    ENLACE_RETURN_IF_ERROR(
        Require(duty.shifts.size() <= kDutyShiftsMax, "roster has more than 100 shifts"));
    const auto before = [](const DutyShift& a, const DutyShift& b) {
      return std::tie(a.from_ms, a.officer_id) < std::tie(b.from_ms, b.officer_id);
    };
    for (size_t i = 0; i < duty.shifts.size(); ++i) {
      const DutyShift& shift = duty.shifts[i];
      ENLACE_RETURN_IF_ERROR(
          Require(IsOwnOfficer(shift.officer_id), "officer is not of the authority"));
      ENLACE_RETURN_IF_ERROR(Require(shift.from_ms >= 0 && shift.from_ms < shift.until_ms &&
                                         shift.until_ms - shift.from_ms <= kDutyShiftMsMax,
                                     "a shift ends before it begins or lasts more than 31 days"));
      ENLACE_RETURN_IF_ERROR(
          Require(shift.phone.empty() || IsPhone(shift.phone), "duty phone is not E.164"));
      ENLACE_RETURN_IF_ERROR(
          Require(i == 0 || before(duty.shifts[i - 1], shift), "shifts are not in order"));
    }
    return absl::OkStatus();
  }
};

}  // namespace

bool IsRoleSet(RoleSet roles) {
  if (roles == RoleBit(Role::kService)) return true;
  return roles != 0 && (roles & ~(RoleBit(Role::kOfficer) | RoleBit(Role::kSupervisor) |
                                  RoleBit(Role::kAdmin))) == 0;
}

absl::Status CheckStatement(const Statement& statement) {
  ENLACE_RETURN_IF_ERROR(Require(IsAuthorityId(statement.authority), "not an authority id"));
  ENLACE_RETURN_IF_ERROR(Require(statement.sequence > 0, "statement numbers begin at 1"));
  ENLACE_RETURN_IF_ERROR(Require(statement.issued_at_ms >= 0, "statement's time is out of range"));
  return std::visit(Checker{statement.authority}, statement.body);
}

}  // namespace enlace::identity
