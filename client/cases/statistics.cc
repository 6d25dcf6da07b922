#include "client/cases/statistics.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "client/cases/case_list.h"
#include "client/texts/code_names.h"
#include "crypto/identity/ids.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using texts::CodeKind;
using vault::v1::CaseRecord;

struct Band {
  uint32_t years_min;
  std::string_view key;
};
constexpr Band kBands[] = {{60, "60+"}, {30, "30-59"}, {18, "18-29"}, {12, "12-17"}, {0, "0-11"}};
constexpr std::string_view kUnknown = "unknown";

bool IsInPeriod(const CaseRecord& record, const StatsPeriod& period) {
  if (record.opened_at_ms() < period.from_ms) return false;
  return period.to_ms == 0 || record.opened_at_ms() < period.to_ms;
}

// Counts by key, with every key that a reader expects to see.
class Counter {
 public:
  Counter(StatsTable table, bool persons) {
    group_.table = table;
    group_.persons = persons;
  }

  void AddCodes(CodeKind kind) {
    for (const texts::CodeRow& row : texts::CodeTable(kind))
      cells_[std::string(row.code)].code = row.number;
  }
  void Count(const std::string& key, int code = 0) {
    StatsCell& cell = cells_[key];
    cell.code = code;
    ++cell.count;
  }
  void CountCode(CodeKind kind, int number) {
    number == 0 ? Count(std::string(kUnknown)) : Count(texts::CodeWord(kind, number), number);
  }
  void SetTotal(uint64_t total, bool additive) {
    group_.total = total;
    group_.additive = additive;
  }

  // The most frequent first.
  StatsGroup Take() {
    for (auto& [key, cell] : cells_) {
      cell.key = key;
      group_.cells.push_back(std::move(cell));
    }
    std::ranges::stable_sort(group_.cells, std::greater<>(), &StatsCell::count);
    Suppress(group_);
    return std::move(group_);
  }

 private:
  std::map<std::string, StatsCell> cells_;
  StatsGroup group_;
};

std::string BandOf(uint32_t years) {
  for (const Band& band : kBands) {
    if (years >= band.years_min) return std::string(band.key);
  }
  return std::string(kUnknown);
}

StatsMedian MedianOf(std::vector<int64_t> values) {
  StatsMedian median;
  median.count = values.size();
  median.suppressed = values.size() < kSmallCell;
  if (median.suppressed) return median;
  const size_t middle = values.size() / 2;
  std::ranges::sort(values);
  median.median_ms =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return median;
}

StatsGroup TypeTable(const std::vector<const CaseRecord*>& records) {
  Counter counter(StatsTable::kType, false);
  counter.AddCodes(CodeKind::kAlertType);
  for (const CaseRecord* record : records)
    counter.CountCode(CodeKind::kAlertType, record->alert_type());
  counter.SetTotal(records.size(), true);
  return counter.Take();
}

StatsGroup OriginTable(const std::vector<const CaseRecord*>& records) {
  Counter counter(StatsTable::kOrigin, false);
  for (const CaseRecord* record : records)
    counter.Count(std::string(identity::AuthorityOfOffice(record->origin_office_id())));
  counter.SetTotal(records.size(), true);
  return counter.Take();
}

// A case counts once for each authority that it was addressed to.
StatsGroup DestinationTable(const std::vector<const CaseRecord*>& records) {
  Counter counter(StatsTable::kDestination, false);
  for (const CaseRecord* record : records) {
    std::set<std::string> authorities;
    for (const vault::v1::CaseOffice& office : record->offices())
      authorities.insert(std::string(identity::AuthorityOfOffice(office.office_id())));
    for (const std::string& authority : authorities) counter.Count(authority);
  }
  counter.SetTotal(records.size(), false);
  return counter.Take();
}

StatsGroup OutcomeTable(const std::vector<const CaseRecord*>& records) {
  Counter counter(StatsTable::kOutcome, false);
  counter.AddCodes(CodeKind::kOutcome);
  for (const CaseRecord* record : records) {
    const bool ended = record->closed() || record->withdrawn();
    if (!ended) {
      counter.Count("open");
    } else {
      counter.CountCode(CodeKind::kOutcome, record->outcome());
    }
  }
  counter.SetTotal(records.size(), true);
  return counter.Take();
}

StatsGroup SexTable(const std::vector<const CaseRecord*>& records) {
  Counter counter(StatsTable::kSex, true);
  counter.AddCodes(CodeKind::kSex);
  uint64_t persons = 0;
  for (const CaseRecord* record : records) {
    for (const vault::v1::CasePerson& person : record->persons()) {
      counter.CountCode(CodeKind::kSex, person.sex());
      ++persons;
    }
  }
  counter.SetTotal(persons, true);
  return counter.Take();
}

StatsGroup AgeTable(const std::vector<const CaseRecord*>& records) {
  Counter counter(StatsTable::kAgeBand, true);
  uint64_t persons = 0;
  for (const CaseRecord* record : records) {
    for (const vault::v1::CasePerson& person : record->persons()) {
      const uint32_t plus_1 = person.age_years_plus_1();
      counter.Count(plus_1 == 0 ? std::string(kUnknown) : BandOf(plus_1 - 1));
      ++persons;
    }
  }
  counter.SetTotal(persons, true);
  return counter.Take();
}

void TakeTimes(const std::vector<const CaseRecord*>& records, StatsView& view) {
  std::vector<int64_t> acknowledged;
  std::vector<int64_t> answered;
  for (const CaseRecord* record : records) {
    for (const vault::v1::CaseOffice& office : record->offices()) {
      if (office.role() != alert::v1::ROLE_ACTION) continue;
      const int64_t from_ms =
          office.sent_at_ms() != 0 ? office.sent_at_ms() : record->opened_at_ms();
      if (office.acknowledged_at_ms() != 0)
        acknowledged.push_back(office.acknowledged_at_ms() - from_ms);
      if (office.answered_at_ms() != 0) answered.push_back(office.answered_at_ms() - from_ms);
    }
  }
  view.acknowledge = MedianOf(std::move(acknowledged));
  view.answer = MedianOf(std::move(answered));
}

bool IsSmall(uint64_t count) { return count > 0 && count < kSmallCell; }

// Whether nobody can compute a withheld cell from the total and the shown cells: at least two are
// withheld, they are no small cell together, and they are not all one.
bool IsSafe(const StatsGroup& group) {
  uint64_t withheld = 0;
  uint64_t sum = 0;
  for (const StatsCell& cell : group.cells) {
    withheld += cell.suppressed ? 1 : 0;
    sum += cell.suppressed ? cell.count : 0;
  }
  return withheld == 0 || (withheld >= 2 && sum >= kSmallCell && sum > withheld);
}

// The smallest cell that is still shown, an empty one only where no other is left.
StatsCell* NextToWithhold(StatsGroup& group) {
  StatsCell* next = nullptr;
  for (StatsCell& cell : group.cells) {
    if (cell.suppressed) continue;
    const bool better = next == nullptr || (next->count == 0 && cell.count != 0) ||
                        (cell.count != 0 && cell.count < next->count);
    if (better) next = &cell;
  }
  return next;
}

void WithholdAll(StatsGroup& group) {
  group.total_suppressed = true;
  for (StatsCell& cell : group.cells) cell.suppressed = true;
}

// Groups that share a total: when it can't be shown in one, no other may give it away.
void AlignTotals(bool persons, StatsView& view) {
  const auto concerns = [persons](const StatsGroup& group) {
    return group.persons == persons && group.additive;
  };
  const bool hidden = std::ranges::any_of(view.groups, [&](const StatsGroup& group) {
    return concerns(group) && group.total_suppressed;
  });
  if (!hidden) return;
  for (StatsGroup& group : view.groups) {
    if (concerns(group)) WithholdAll(group);
    if (!persons && !group.additive) group.total_suppressed = true;
  }
  if (!persons) view.cases_suppressed = true;
}

}  // namespace

std::string_view StatsTableName(StatsTable table) {
  switch (table) {
    case StatsTable::kType:
      return "type";
    case StatsTable::kOrigin:
      return "origin";
    case StatsTable::kDestination:
      return "destination";
    case StatsTable::kSex:
      return "sex";
    case StatsTable::kAgeBand:
      return "age_band";
    case StatsTable::kOutcome:
      break;
  }
  return "outcome";
}

void Suppress(StatsGroup& group) {
  for (StatsCell& cell : group.cells) cell.suppressed = IsSmall(cell.count);
  if (IsSmall(group.total)) return WithholdAll(group);
  if (!group.additive) return;
  while (!IsSafe(group)) {
    StatsCell* next = NextToWithhold(group);
    if (next == nullptr) return WithholdAll(group);
    next->suppressed = true;
  }
}

StatsView StatisticsOf(const std::vector<CaseRecord>& records, const StatsPeriod& period) {
  StatsView view;
  view.from_ms = period.from_ms;
  view.to_ms = period.to_ms;
  std::vector<const CaseRecord*> counted;
  for (const CaseRecord& record : records) {
    if (!IsInPeriod(record, period)) continue;
    if (record.status() == alert::v1::STATUS_ACTUAL) {
      counted.push_back(&record);
    } else {
      ++view.exercises;
    }
  }
  view.cases = counted.size();
  view.exercises_suppressed = IsSmall(view.exercises);
  view.groups = {TypeTable(counted), OriginTable(counted), DestinationTable(counted),
                 SexTable(counted),  AgeTable(counted),    OutcomeTable(counted)};
  view.cases_suppressed = IsSmall(view.cases);
  AlignTotals(false, view);
  AlignTotals(true, view);
  TakeTimes(counted, view);
  return view;
}

absl::StatusOr<StatsView> Statistics(const Vault& vault, const StatsPeriod& period) {
  std::vector<CaseRecord> records;
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault, [&](const case_list::Entry& entry) {
    ENLACE_ASSIGN_OR_RETURN(CaseRecord record, entry.Decode());
    if (record.opened_at_ms() != 0 && IsInPeriod(record, period))
      records.push_back(std::move(record));
    return absl::OkStatus();
  }));
  return StatisticsOf(records, period);
}

}  // namespace enlace::client
