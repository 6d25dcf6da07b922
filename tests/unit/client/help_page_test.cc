#include "client/cli_common/help_page.h"

#include <gtest/gtest.h>

#include "client/admin/help.h"
#include "client/texts/display.h"
#include "client/texts/texts.h"

namespace enlace::client {
namespace {

texts::Locale LocaleOf(texts::Language language) {
  texts::Locale locale;
  locale.language = language;
  return locale;
}

TEST(HelpPageTest, AdministrationsPage_FitsEightyColumnsInBothLanguages) {
  for (const texts::Language language : {texts::Language::kEnglish, texts::Language::kSpanish}) {
    const std::string page = admin::HelpText(LocaleOf(language));
    size_t begin = 0;
    while (begin < page.size()) {
      const size_t end = page.find('\n', begin);
      ASSERT_NE(end, std::string::npos);
      EXPECT_LE(texts::DisplayWidth(page.substr(begin, end - begin)), 80U)
          << page.substr(begin, end - begin);
      begin = end + 1;
    }
    for (const char* command : {"approve ID...", "officer invite", "charter sign", "trial DIR"})
      EXPECT_NE(page.find(command), std::string::npos) << command;
  }
}

TEST(HelpPageTest, MistakesOnTheCommandLine_AreToldInTheLanguage) {
  const texts::Locale spanish = LocaleOf(texts::Language::kSpanish);
  EXPECT_EQ(DescribeUsage("RequiredError", "office is required", spanish), "falta: OFFICE");
  EXPECT_EQ(DescribeUsage("", "The following argument was not expected: fly", spanish),
            "no se entiende: fly");
  EXPECT_EQ(DescribeUsage("ValidationError", "--lang: fr not in {es,en}", spanish),
            "no es un valor posible: --lang: fr not in {es,en}");
  EXPECT_EQ(DescribeUsage("RequiredError", "file is required", LocaleOf(texts::Language::kEnglish)),
            "missing: FILE");
}

TEST(HelpPageTest, WhatTheParserPassesOn_IsEscaped) {
  EXPECT_EQ(DescribeUsage("ExtrasError", "The following argument was not expected: \x1b[31m",
                          LocaleOf(texts::Language::kEnglish))
                .find('\x1b'),
            std::string::npos);
}

}  // namespace
}  // namespace enlace::client
