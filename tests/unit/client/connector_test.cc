#include "client/delivery/connector.h"

#include <gtest/gtest.h>

#include <future>

#include "crypto/primitives/status.h"

namespace enlace::client {
namespace {

absl::Status WaitFor(std::future<absl::Status>& result) {
  if (result.wait_for(std::chrono::seconds(20)) != std::future_status::ready)
    return MakeStatus(absl::StatusCode::kDeadlineExceeded, "no result");
  return result.get();
}

TEST(ConnectorTest, Try_GivesTheResultOfOneAttempt) {
  std::atomic<int> attempts = 0;
  std::promise<absl::Status> first;
  Connector connector(
      [&](const std::atomic<bool>&) {
        ++attempts;
        return MakeStatus(absl::StatusCode::kUnavailable, "nobody");
      },
      [&](const absl::Status& result) { first.set_value(result); });
  connector.Try();
  std::future<absl::Status> result = first.get_future();
  EXPECT_EQ(WaitFor(result).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(attempts, 1);
}

TEST(ConnectorTest, WishesDuringAnAttempt_AreAnsweredByIt_AndLaterOnesByANewOne) {
  std::atomic<int> attempts = 0;
  std::promise<void> entered;
  std::promise<void> leave;
  std::promise<absl::Status> results[2];
  std::atomic<int> given = 0;
  Connector connector(
      [&](const std::atomic<bool>&) {
        if (++attempts == 1) {
          entered.set_value();
          leave.get_future().wait();
        }
        return absl::OkStatus();
      },
      [&](const absl::Status& result) { results[given++].set_value(result); });
  connector.Try();
  entered.get_future().wait();
  connector.Try();
  connector.Try();
  leave.set_value();
  std::future<absl::Status> first = results[0].get_future();
  EXPECT_TRUE(WaitFor(first).ok());
  EXPECT_EQ(attempts, 1);
  connector.Try();
  std::future<absl::Status> second = results[1].get_future();
  EXPECT_TRUE(WaitFor(second).ok());
  EXPECT_EQ(attempts, 2);
}

TEST(ConnectorTest, Destructor_CancelsTheAttempt_AndNoResultFollows) {
  std::atomic<bool> given = false;
  std::promise<void> entered;
  auto connector = std::make_unique<Connector>(
      [&](const std::atomic<bool>& cancelled) {
        entered.set_value();
        while (!cancelled) std::this_thread::yield();
        return MakeStatus(absl::StatusCode::kCancelled, "");
      },
      [&](const absl::Status&) { given = true; });
  connector->Try();
  entered.get_future().wait();
  connector.reset();
  EXPECT_FALSE(given);
}

}  // namespace
}  // namespace enlace::client
