// Statistics: what is counted, and that no small cell can be read or computed.
#include "client/cases/statistics.h"

#include <gmock/gmock.h>

#include <random>

#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using vault::v1::CaseRecord;

constexpr int64_t kDayMs = 86'400'000;

CaseRecord Record(int type, const std::string& origin, int64_t opened_at_ms = kDayMs) {
  CaseRecord record;
  record.set_case_ref("HN-2026-000001");
  record.set_alert_type(type);
  record.set_status(alert::v1::STATUS_ACTUAL);
  record.set_origin_office_id(origin);
  record.set_opened_at_ms(opened_at_ms);
  return record;
}

const StatsGroup& Group(const StatsView& view, StatsTable table) {
  for (const StatsGroup& group : view.groups) {
    if (group.table == table) return group;
  }
  ADD_FAILURE() << "no table " << StatsTableName(table);
  return view.groups.front();
}

const StatsCell* Cell(const StatsGroup& group, std::string_view key) {
  for (const StatsCell& cell : group.cells) {
    if (cell.key == key) return &cell;
  }
  return nullptr;
}

TEST(Statistics, CountsByTypeAndOrigin) {
  std::vector<CaseRecord> records;
  for (int i = 0; i < 7; ++i)
    records.push_back(Record(alert::v1::ALERT_TYPE_MISSING_MIGRANT, "hn.consular"));
  for (int i = 0; i < 9; ++i)
    records.push_back(Record(alert::v1::ALERT_TYPE_DOCUMENT_FRAUD, "pa.trafficking"));
  const StatsView view = StatisticsOf(records, {});
  EXPECT_EQ(view.cases, 16u);
  EXPECT_EQ(Cell(Group(view, StatsTable::kType), "MISSING_MIGRANT")->count, 7u);
  EXPECT_FALSE(Cell(Group(view, StatsTable::kType), "MISSING_MIGRANT")->suppressed);
  EXPECT_EQ(Cell(Group(view, StatsTable::kOrigin), "pa")->count, 9u);
  EXPECT_EQ(Cell(Group(view, StatsTable::kOutcome), "open")->count, 16u);
}

TEST(Statistics, PeriodCountsCasesOpenedInIt) {
  std::vector<CaseRecord> records;
  for (int day = 0; day < 20; ++day)
    records.push_back(Record(alert::v1::ALERT_TYPE_MISSING_MIGRANT, "hn.consular", day * kDayMs));
  EXPECT_EQ(StatisticsOf(records, {5 * kDayMs, 15 * kDayMs}).cases, 10u);
  EXPECT_EQ(StatisticsOf(records, {5 * kDayMs, 0}).cases, 15u);
}

TEST(Statistics, ExercisesAreCountedApart) {
  std::vector<CaseRecord> records(6, Record(alert::v1::ALERT_TYPE_MASS_EVENT, "cr.consular"));
  for (CaseRecord& record : records) record.set_status(alert::v1::STATUS_EXERCISE);
  const StatsView view = StatisticsOf(records, {});
  EXPECT_EQ(view.cases, 0u);
  EXPECT_EQ(view.exercises, 6u);
  EXPECT_EQ(Cell(Group(view, StatsTable::kType), "MASS_EVENT")->count, 0u);
}

TEST(Statistics, PersonsBySexAndAgeBand) {
  std::vector<CaseRecord> records;
  for (uint32_t years : {0u, 11u, 12u, 17u, 18u, 29u, 30u, 59u, 60u, 95u}) {
    for (int copies = 0; copies < 5; ++copies) {
      CaseRecord& record =
          records.emplace_back(Record(alert::v1::ALERT_TYPE_MISSING_MIGRANT, "hn.consular"));
      vault::v1::CasePerson& person = *record.add_persons();
      person.set_sex(alert::v1::SEX_F);
      person.set_age_years_plus_1(years + 1);
    }
  }
  const StatsView view = StatisticsOf(records, {});
  for (const char* band : {"0-11", "12-17", "18-29", "30-59", "60+"})
    EXPECT_EQ(Cell(Group(view, StatsTable::kAgeBand), band)->count, 10u) << band;
  EXPECT_EQ(Cell(Group(view, StatsTable::kSex), "F")->count, 50u);
}

TEST(Statistics, MediansOfAcknowledgementAndAnswer_FewerThanFiveWithheld) {
  std::vector<CaseRecord> records;
  for (int i = 1; i <= 5; ++i) {
    CaseRecord& record =
        records.emplace_back(Record(alert::v1::ALERT_TYPE_MISSING_MIGRANT, "hn.consular"));
    vault::v1::CaseOffice& office = *record.add_offices();
    office.set_office_id("mx.consular");
    office.set_role(alert::v1::ROLE_ACTION);
    office.set_acknowledged_at_ms(kDayMs + i * 1000);
    if (i > 1) office.set_answered_at_ms(kDayMs + i * 9000);
  }
  const StatsView view = StatisticsOf(records, {});
  EXPECT_FALSE(view.acknowledge.suppressed);
  EXPECT_EQ(view.acknowledge.median_ms, 3000);
  EXPECT_TRUE(view.answer.suppressed);
  EXPECT_EQ(view.answer.median_ms, 0);
}

StatsGroup Cells(const std::vector<uint64_t>& counts) {
  StatsGroup group;
  for (const uint64_t count : counts) {
    group.cells.push_back({"k" + std::to_string(group.cells.size()), 0, count, false});
    group.total += count;
  }
  Suppress(group);
  return group;
}

TEST(Suppression, OneSmallCellTakesTheNextWithIt) {
  const StatsGroup group = Cells({40, 20, 9, 3});
  EXPECT_FALSE(group.cells[0].suppressed);
  EXPECT_FALSE(group.cells[1].suppressed);
  EXPECT_TRUE(group.cells[2].suppressed);
  EXPECT_TRUE(group.cells[3].suppressed);
}

TEST(Suppression, NoSmallCell_NothingIsWithheld) {
  for (const StatsCell& cell : Cells({40, 20, 5, 0}).cells) EXPECT_FALSE(cell.suppressed);
}

TEST(Suppression, SmallTotalIsWithheldWithAllItsCells) {
  const StatsGroup group = Cells({2, 1});
  EXPECT_TRUE(group.total_suppressed);
  for (const StatsCell& cell : group.cells) EXPECT_TRUE(cell.suppressed);
}

// An attacker knows the total, the shown cells, and that a withheld cell holds at least one unless
// it is an empty one. No withheld cell that is small may have only one possible value.
TEST(Suppression, NoSmallCellCanBeComputed_OverManyTables) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<uint64_t> counts;
    const size_t size = 1 + random() % 6;
    for (size_t i = 0; i < size; ++i)
      counts.push_back(random() % 3 == 0 ? random() % 50 : random() % 7);
    const StatsGroup group = Cells(counts);
    uint64_t hidden = 0, sum = 0;
    for (const StatsCell& cell : group.cells) {
      const bool small = cell.count > 0 && cell.count < kSmallCell;
      EXPECT_TRUE(!small || cell.suppressed);
      hidden += cell.suppressed ? 1 : 0;
      sum += cell.suppressed ? cell.count : 0;
    }
    if (hidden == 0 || group.total_suppressed) continue;
    EXPECT_GE(hidden, 2u);
    EXPECT_GE(sum, kSmallCell);
    // Each hidden cell at least 1 would leave no freedom.
    EXPECT_GT(sum, hidden);
  }
}

TEST(Statistics, TotalWithheldInOneTable_IsInNoOther) {
  // Five cases with five different origins and one type: the origins can't be protected, so the
  // number of cases stays back everywhere.
  std::vector<CaseRecord> records;
  for (const char* origin : {"hn.a", "mx.a", "gt.a", "sv.a", "pa.a"})
    records.push_back(Record(alert::v1::ALERT_TYPE_MISSING_MIGRANT, origin));
  const StatsView view = StatisticsOf(records, {});
  EXPECT_TRUE(view.cases_suppressed);
  for (const StatsGroup& group : view.groups) {
    if (group.persons) continue;
    EXPECT_TRUE(group.total_suppressed) << StatsTableName(group.table);
  }
  EXPECT_TRUE(Cell(Group(view, StatsTable::kType), "MISSING_MIGRANT")->suppressed);
}

}  // namespace
}  // namespace enlace::client
