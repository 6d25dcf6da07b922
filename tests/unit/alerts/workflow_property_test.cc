// Random logs: one log, one table.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "client/alerts/workflow.h"
#include "tests/unit/alerts/room_log.h"

namespace enlace::alerts {
namespace {

// A table as text, for comparing two devices.
std::string TextOf(const CaseTable& table) {
  std::string out =
      std::to_string(static_cast<int>(table.state)) + "/" + std::to_string(table.tlp) + "\n";
  for (const Row& row : table.rows) {
    out += row.alert_id + row.office_id + std::to_string(static_cast<int>(row.state)) +
           row.assignee_officer_id + " " + std::to_string(row.response_due_ms) +
           row.read.officer_id + row.acknowledged.officer_id + row.closed.officer_id +
           std::to_string(row.confirmations.size()) + "\n";
  }
  for (const HistoryStep& step : table.history) {
    out += std::to_string(step.sequence) + (step.refused ? step.refused->reason : "ok") + "\n";
  }
  return out;
}

struct Item {
  LogFacts facts;
  ActionStep step;
};

std::vector<Item> RandomLog(uint32_t seed, const std::string& alert_id) {
  std::mt19937 random(seed);
  const std::vector<std::string> offices = {kOrigin,          kMx,           kUs,          kGt,
                                            "mx.trafficking", "cr.consular", "pa.consular"};
  std::vector<Item> log;
  for (uint64_t i = 0; i < 60; ++i) {
    Item item;
    const std::string& office = offices[random() % offices.size()];
    item.facts = {i + 2, kAccepted + static_cast<int64_t>(i) * kMinute, office,
                  "o" + std::to_string(random() % 2)};
    item.step.action_id = "a" + std::to_string(i);
    item.step.alert_id = alert_id;
    item.step.action = static_cast<int>(random() % 19);
    item.step.office_id = office;
    item.step.officer_id = item.facts.officer_id;
    item.step.assignee_officer_id = "o9";
    item.step.refer_to_office_id = offices[random() % offices.size()];
    item.step.decline_reason = static_cast<int>(random() % 3);
    item.step.outcome = static_cast<int>(random() % 3);
    item.step.new_due_at_ms = kAccepted + static_cast<int64_t>(random() % 200) * kHour;
    if (i > 0) item.step.about_action_id = "a" + std::to_string(random() % i);
    log.push_back(item);
  }
  return log;
}

TEST(Workflow, TwoDevicesWithOneLog_ShowOneTable) {
  const CaseAlert alert = CaseOf("A01");
  std::set<int> seen;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const auto log = RandomLog(seed, alert.alert_id());
    Workflow first;
    Workflow second;
    first.ApplyAlert({1, kAccepted, kOrigin, ""}, alert);
    second.ApplyAlert({1, kAccepted, kOrigin, ""}, alert);
    for (const Item& item : log) {
      const auto expected = CheckStep(first, item.step, 0);
      first.ApplyAction(item.facts, item.step);
      // What is asked before sending is what the log then says.
      EXPECT_EQ(expected.has_value(), first.table().history.back().refused.has_value())
          << "seed " << seed;
    }
    // The second device gets pieces twice, as after a reconnection.
    for (size_t i = 0; i < log.size(); ++i) {
      second.ApplyAction(log[i].facts, log[i].step);
      if (i % 7 == 3) second.ApplyAction(log[i - 2].facts, log[i - 2].step);
    }
    ASSERT_EQ(TextOf(first.table()), TextOf(second.table())) << "seed " << seed;
    for (const Row& row : first.table().rows) seen.insert(static_cast<int>(row.state));
    for (const Row& row : first.table().rows)
      EXPECT_FALSE(row.role == ROLE_INFO && row.accepted.happened());
  }
  // The random logs reach more than the first states.
  EXPECT_GE(seen.size(), 6u);
}

}  // namespace
}  // namespace enlace::alerts
