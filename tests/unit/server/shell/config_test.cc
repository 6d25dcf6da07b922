// What a configuration file may say, and that nothing else is understood.
#include "server/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/primitives/status.h"
#include "server/config/toml.h"

namespace enlace::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kLeast =
    "data_folder = \"/var/lib/enlace\"\npublic_name = \"enlace.rcm.example\"\n";

std::string With(std::string_view more) { return std::string(kLeast) + std::string(more); }

std::string ErrorOf(std::string_view more) {
  const auto config = ParseConfig(With(more));
  return config.ok() ? "" : std::string(MessageOf(config.status()));
}

TEST(ConfigTest, LeastFile_GivesTheDefaults) {
  const auto config = ParseConfig(kLeast);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->data_folder, "/var/lib/enlace");
  EXPECT_EQ(config->listen.port, kPortDefault);
  EXPECT_THAT(config->listen.addresses, ElementsAre("::"));
  EXPECT_FALSE(config->charter_root.has_value());
}

TEST(ConfigTest, WholeFile_IsRead) {
  const auto config = ParseConfig(With(R"(further_names = ["a.example", "10.0.0.1",]
charter_root = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"  # pinned

[listen]
addresses = [ "127.0.0.1" ]
port = 0
enrolment_port = 9
[limits]
connections = 10
connections_per_address = 5
enrolment_calls_per_minute = 7
office_quota_mib = 3
slow_consumer_s = 2
[wake]
program = "/usr/lib/enlace/\"wake\""
[metrics]
address = "127.0.0.1:0"
[log]
level = "debug"
)"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->further_names, ElementsAre("a.example", "10.0.0.1"));
  ASSERT_TRUE(config->charter_root.has_value());
  EXPECT_EQ((*config->charter_root)[0x1a], 0x1a);
  EXPECT_EQ(config->listen.port, 0);
  EXPECT_EQ(config->limits.connections, 10u);
  EXPECT_EQ(config->limits.connections_per_address, 5u);
  EXPECT_EQ(config->limits.enrolment_calls_per_minute, 7u);
  EXPECT_EQ(config->limits.office_quota_bytes, 3u << 20);
  EXPECT_EQ(config->limits.slow_consumer_ms, 2000);
  EXPECT_EQ(config->wake_program, "/usr/lib/enlace/\"wake\"");
  EXPECT_EQ(config->log_level, "debug");
}

TEST(ConfigTest, UnknownKey_IsAnErrorWithItsLine) {
  EXPECT_THAT(ErrorOf("portt = 3\n"), HasSubstr("line 3: unknown key portt"));
  EXPECT_THAT(ErrorOf("[listen]\nhost = \"x\"\n"), HasSubstr("line 4: unknown key listen.host"));
}

TEST(ConfigTest, ValuesOfAnotherTypeOrRange_AreErrors) {
  for (const char* wrong :
       {"charter_root = \"00\"\n", "charter_root = 3\n", "[listen]\nport = 65536\n",
        "[listen]\nport = \"7443\"\n", "[listen]\naddresses = []\n", "[limits]\nconnections = 0\n",
        "[metrics]\naddress = \"0.0.0.0:9464\"\n", "[log]\nlevel = \"trace\"\n",
        "[limits]\nslow_consumer_s = true\n"}) {
    EXPECT_NE(ErrorOf(wrong), "") << wrong;
  }
}

TEST(ConfigTest, MissingOrRelativeDataFolder_IsAnError) {
  EXPECT_FALSE(ParseConfig("public_name = \"x\"\n").ok());
  EXPECT_FALSE(ParseConfig("data_folder = \"data\"\npublic_name = \"x\"\n").ok());
  EXPECT_FALSE(ParseConfig("data_folder = \"/data\"\n").ok());
}

TEST(ConfigTest, FileThatIsNotThere_IsNotFoundAndNamed) {
  const auto config = ReadConfig("/nowhere/server.toml");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(MessageOf(config.status())), HasSubstr("/nowhere/server.toml"));
}

TEST(TomlTest, WhatIsOutsideTheSubset_IsRefused) {
  for (const char* wrong :
       {"a = 1\na = 2\n", "[t]\n[t]\n", "a = 1.5\n", "a = 1 2\n", "a\n", "= 1\n", "a = \"x\n",
        "a = \"\\n\"\n", "a = 'x'\n", "a.b = 1\n", "[t.u]\n", "[[t]]\n", "a = [1]\n",
        "a = [\"x\" \"y\"]\n", "a = [\"x\"\n", "a = {}\n", "a = 99999999999999999999\n", "[t] x\n",
        "a = truex\n"}) {
    EXPECT_FALSE(ParseToml(wrong).ok()) << wrong;
  }
}

TEST(TomlTest, CommentsBlanksAndCarriageReturns_MeanNothing) {
  const auto document = ParseToml("# c\r\n\n  a = \"#\" # c\n[ t ]\r\nb=-3\nc = [ ]");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(std::get<std::string>(document->at("a").value), "#");
  EXPECT_EQ(std::get<int64_t>(document->at("t.b").value), -3);
  EXPECT_TRUE(std::get<std::vector<std::string>>(document->at("t.c").value).empty());
}

}  // namespace
}  // namespace enlace::server
