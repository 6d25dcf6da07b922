#include "client/cli_common/authority_name.h"

#include <gtest/gtest.h>

namespace enlace::client {
namespace {

using texts::Language;

identity::Charter CharterWith(const std::string& id, const identity::BilingualName& name) {
  identity::Charter charter;
  identity::Authority authority;
  authority.id = id;
  authority.name = name;
  charter.authorities.push_back(authority);
  return charter;
}

TEST(AuthorityName, IsThatOfTheReadersLanguage) {
  const identity::Charter charter = CharterWith("us", {"Estados Unidos", "United States"});
  EXPECT_EQ(AuthorityName(Language::kSpanish, &charter, "us"), "Estados Unidos");
  EXPECT_EQ(AuthorityName(Language::kEnglish, &charter, "us"), "United States");
}

TEST(AuthorityName, OfOneThatTheCharterDoesNotName_IsItsId) {
  const identity::Charter charter = CharterWith("us", {"Estados Unidos", "United States"});
  EXPECT_EQ(AuthorityName(Language::kEnglish, &charter, "hn"), "hn");
  EXPECT_EQ(AuthorityName(Language::kEnglish, nullptr, "hn"), "hn");
}

TEST(AuthorityName, IsEscaped) {
  const identity::Charter charter = CharterWith("us", {"\x1b[31mX", "X\xe2\x80\xae"});
  EXPECT_EQ(AuthorityName(Language::kSpanish, &charter, "us"), "\\x1b[31mX");
  EXPECT_EQ(AuthorityName(Language::kEnglish, &charter, "us"), "X\\u{202e}");
}

}  // namespace
}  // namespace enlace::client
