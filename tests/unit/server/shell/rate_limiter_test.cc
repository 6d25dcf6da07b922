// Calls per minute of one address.
#include "server/services/rate_limiter.h"

#include <gtest/gtest.h>

#include "proto/errors/reasons.h"
#include "server/services/limits.h"

namespace enlace::server {
namespace {

TEST(RateLimiterTest, MinuteOfCalls_IsAllowedAtOnceAndOneMoreIsRefusedWithADelay) {
  RateLimiter rates(60);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(rates.Take("a", 1000).ok());
  const absl::Status refused = rates.Take("a", 1000);
  EXPECT_TRUE(HasReason(refused, Reason::kLimitExceeded));
  EXPECT_EQ(InfoOf(refused).retry_after_ms, 1000);
}

TEST(RateLimiterTest, AfterTheDelay_OneCallIsAllowed) {
  RateLimiter rates(60);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(rates.Take("a", 0).ok());
  EXPECT_FALSE(rates.Take("a", 999).ok());
  EXPECT_TRUE(rates.Take("a", 1001).ok());
  EXPECT_FALSE(rates.Take("a", 1001).ok());
}

TEST(RateLimiterTest, Addresses_DoNotShareTheirCalls) {
  RateLimiter rates(1);
  EXPECT_TRUE(rates.Take("a", 0).ok());
  EXPECT_TRUE(rates.Take("b", 0).ok());
  EXPECT_FALSE(rates.Take("a", 0).ok());
}

TEST(RateLimiterTest, ClockThatGoesBack_RefillsNothing) {
  RateLimiter rates(1);
  EXPECT_TRUE(rates.Take("a", 100'000).ok());
  EXPECT_FALSE(rates.Take("a", 0).ok());
}

TEST(RateLimiterTest, RememberedAddresses_AreBounded) {
  RateLimiter rates(1);
  for (size_t i = 0; i < 2 * kRatedAddressesMax; ++i) {
    EXPECT_TRUE(rates.Take(std::to_string(i), 0).ok());
  }
  EXPECT_LE(rates.remembered(), kRatedAddressesMax);
}

TEST(RateLimiterTest, BusyAddress_IsRememberedWhileIdleOnesAreForgotten) {
  RateLimiter rates(10);
  for (size_t i = 0; i + 1 < kRatedAddressesMax; ++i) {
    EXPECT_TRUE(rates.Take(std::to_string(i), 0).ok());
  }
  // A minute later the others are full again, this one is spent.
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rates.Take("busy", 60'000).ok());
  EXPECT_TRUE(rates.Take("newcomer", 60'000).ok());
  EXPECT_LT(rates.remembered(), 10u);
  EXPECT_FALSE(rates.Take("busy", 60'000).ok());
}

}  // namespace
}  // namespace enlace::server
