// Machine readable zones of ICAO 9303: the specimens of its parts 4 to 7.
#include "client/alerts/mrz.h"

#include <gtest/gtest.h>

namespace enlace::alerts {
namespace {

TEST(Mrz, Td3Specimen_OfPart4) {
  const Mrz mrz = ParseMrz({"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                            "L898902C36UTO7408122F1204159ZE184226B<<<<<10"});
  EXPECT_EQ(mrz.format, MrzFormat::kTd3);
  EXPECT_TRUE(mrz.wrong.empty());
  EXPECT_EQ(mrz.document_number, "L898902C3");
  EXPECT_EQ(mrz.primary_names, "ERIKSSON");
  EXPECT_EQ(mrz.secondary_names, "ANNA MARIA");
  EXPECT_EQ(mrz.nationality, "UTO");
  EXPECT_EQ(mrz.birth_date, "740812");
  EXPECT_EQ(mrz.expiry_date, "120415");
  EXPECT_EQ(mrz.sex, "F");
}

TEST(Mrz, Td1Specimen_OfPart5) {
  const Mrz mrz = ParseMrz({"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6",
                            "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"});
  EXPECT_EQ(mrz.format, MrzFormat::kTd1);
  EXPECT_TRUE(mrz.wrong.empty());
  EXPECT_EQ(mrz.document_number, "D23145890");
  EXPECT_EQ(mrz.secondary_names, "ANNA MARIA");
}

TEST(Mrz, Td2Specimen_OfPart6) {
  const Mrz mrz =
      ParseMrz({"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"});
  EXPECT_EQ(mrz.format, MrzFormat::kTd2);
  EXPECT_TRUE(mrz.wrong.empty());
}

TEST(Mrz, VisaSpecimens_OfPart7_HaveNoCompositeDigit) {
  const Mrz a = ParseMrz({"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                          "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"});
  EXPECT_EQ(a.format, MrzFormat::kMrvA);
  EXPECT_TRUE(a.wrong.empty());
  const Mrz b =
      ParseMrz({"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"});
  EXPECT_EQ(b.format, MrzFormat::kMrvB);
  EXPECT_TRUE(b.wrong.empty());
}

TEST(Mrz, LongDocumentNumber_OfTd1_GoesOnInTheOptionalData) {
  // Part 5, appendix A, example with a number of more than nine characters.
  const Mrz mrz = ParseMrz({"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2",
                            "STEVENSON<<PETER<JOHN<<<<<<<<<"});
  EXPECT_EQ(mrz.document_number, "D23145890734");
  EXPECT_TRUE(mrz.wrong.empty());
}

TEST(Mrz, WrongDigits_AreToldAndNothingIsRepaired) {
  const Mrz mrz = ParseMrz({"P<COLVILLAMARTE<OROPESA<<DIONISIA<<<<<<<<<<<",
                            "AV000731<8COL9403110F3109029<<<<<<<<<<<<<<<4"});
  ASSERT_FALSE(mrz.wrong.empty());
  EXPECT_EQ(mrz.wrong[0].field, MrzField::kDocumentNumber);
  EXPECT_EQ(mrz.wrong[0].found, '8');
  EXPECT_EQ(mrz.document_number, "AV000731");
}

TEST(Mrz, EveryChangedDigit_IsNoticed) {
  const std::string line = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
  // Positions 1-10, 14-20, 22-44 are covered; nationality and sex are not.
  for (size_t i = 0; i < line.size(); ++i) {
    const bool uncovered = (i >= 10 && i < 13) || i == 20;
    if (line[i] == '<') continue;
    std::string changed = line;
    changed[i] = changed[i] == '5' ? '6' : '5';
    if (MrzCheckDigit(std::string(1, line[i])) == MrzCheckDigit(std::string(1, changed[i])))
      continue;
    const Mrz mrz = ParseMrz({"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", changed});
    EXPECT_EQ(mrz.wrong.empty(), uncovered) << i;
  }
}

TEST(Mrz, WrongShapes_HaveNoFormat) {
  EXPECT_EQ(ParseMrz({}).format, MrzFormat::kNone);
  EXPECT_EQ(ParseMrz({std::string(44, '<')}).format, MrzFormat::kNone);
  EXPECT_EQ(ParseMrz({std::string(44, '<'), std::string(36, '<')}).format, MrzFormat::kNone);
  EXPECT_EQ(ParseMrz({std::string(44, 'a'), std::string(44, '<')}).format, MrzFormat::kNone);
  EXPECT_EQ(MrzLength("SOLAÑO"), 6u);
  EXPECT_EQ(MrzForeignCharacters("AñBñ "), (std::vector<std::string>{"ñ", " "}));
}

}  // namespace
}  // namespace enlace::alerts
