#include "crypto/identity/registry_records.h"

#include <algorithm>
#include <array>

namespace enlace::identity {
namespace {

// The newest element that stands in a log of `size` entries; null when none does. `list` is
// ascending by index.
template <typename T>
const T* NewestBefore(const std::vector<T>& list, uint64_t size) {
  const auto found = std::find_if(list.rbegin(), list.rend(),
                                  [size](const T& item) { return item.logged_at < size; });
  return found == list.rend() ? nullptr : &*found;
}

// True when the officer is assigned to the office, or to one that was renamed or merged into it.
bool WorksIn(const OfficeRecord& office, std::string_view officer_id) {
  std::vector<const OfficeRecord*> offices = {&office};
  for (size_t i = 0; i < offices.size(); ++i) {
    offices.insert(offices.end(), offices[i]->predecessors.begin(), offices[i]->predecessors.end());
    const bool here = std::ranges::any_of(offices[i]->officers, [&](const OfficerRecord* officer) {
      return officer->id == officer_id;
    });
    if (here) return true;
  }
  return false;
}

}  // namespace

const Assignment* OfficerRecord::AssignmentAt(uint64_t size) const {
  return NewestBefore(assignments, size);
}

bool OfficerRecord::SuspendedAt(const LogMoment& moment) const {
  const SuspensionChange* change = NewestBefore(suspensions, moment.size);
  if (change == nullptr || change->lifted) return false;
  return change->until_ms == 0 || moment.time_ms < change->until_ms;
}

const OfficeStated* OfficeRecord::StatedAt(uint64_t size) const {
  const OfficeVersion* version = NewestBefore(versions, size);
  return version == nullptr ? nullptr : &version->stated;
}

std::string_view DeviceStateName(DeviceState state) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "active",     "not logged",    "revoked", "suspended",
      "unassigned", "not yet valid", "expired", "CA not named"};
  return kNames[static_cast<size_t>(state)];
}

std::vector<const DutyShift*> OfficeRecord::OnDutyAt(int64_t now_ms) const {
  std::vector<const DutyShift*> running;
  for (const DutyShift& shift : duty) {
    const bool runs = shift.from_ms <= now_ms && now_ms < shift.until_ms;
    if (runs && WorksIn(*this, shift.officer_id)) running.push_back(&shift);
  }
  return running;
}

}  // namespace enlace::identity
