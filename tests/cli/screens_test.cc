// Every reading screen as a golden file, in both languages, at 80 and 132 columns and in ASCII; and
// the same screens with a peer that writes escape sequences and long texts into every field.
//
// ENLACE_UPDATE_GOLDEN=1 writes the files anew; read the difference before it is committed.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "client/cli/render.h"
#include "client/cli/render_lists.h"
#include "client/texts/display.h"
#include "tests/cli/screen_views.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::client::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using texts::Language;

Screen MakeScreen(Language language, size_t columns, bool ascii, int64_t now_ms) {
  Screen screen;
  screen.locale = {language, ascii};
  screen.zone = *texts::Zone::FromName("America/El_Salvador");
  screen.now_ms = now_ms;
  screen.columns = columns;
  return screen;
}

bool IsAscii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// What holds for every line of every screen.
void ExpectSound(const std::vector<std::string>& lines, const Screen& screen) {
  for (const std::string& line : lines) {
    EXPECT_LE(texts::DisplayWidth(line), screen.columns) << line;
    EXPECT_EQ(texts::EscapeForDisplay(line), line) << "something is not escaped";
    EXPECT_TRUE(!screen.locale.ascii || IsAscii(line)) << line;
    EXPECT_EQ(line.find('{'), std::string::npos) << line;
  }
}

class Screens : public ::testing::TestWithParam<NamedScreen> {};

TEST_P(Screens, AreAsTheirGoldenFiles) {
  const NamedScreen& named = GetParam();
  for (const Language language : {Language::kSpanish, Language::kEnglish}) {
    std::string drawn;
    for (const bool ascii : {false, true}) {
      for (const size_t columns : {size_t{80}, size_t{132}}) {
        const Screen screen = MakeScreen(language, columns, ascii, named.now_ms);
        const std::vector<std::string> lines = WholePage(named.draw(screen), /*quiet=*/false);
        ExpectSound(lines, screen);
        drawn += "=== " + std::to_string(columns) + (ascii ? " LC_ALL=C" : "") + "\n";
        for (const std::string& line : lines) drawn += line + "\n";
      }
    }
    const std::filesystem::path file =
        std::filesystem::path(ENLACE_GOLDEN_FOLDER) /
        (named.name + (language == Language::kSpanish ? ".es" : ".en") + ".txt");
    if (std::getenv("ENLACE_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(file, std::ios::binary) << drawn;
    } else {
      EXPECT_EQ(alerts::ReadText(file), drawn) << file;
    }
  }
}

std::string NameOf(const ::testing::TestParamInfo<NamedScreen>& test_case) {
  std::string name = test_case.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, Screens, ::testing::ValuesIn(AllScreens()), NameOf);
INSTANTIATE_TEST_SUITE_P(Talk, Screens, ::testing::ValuesIn(TalkScreens()), NameOf);

// Escape sequences, a title change, right-to-left marks, a tab, line ends, wide letters, and more
// than 120 characters.
constexpr char kHostile[] =
    "\x1b[31;1mROJO\x1b[0m\x1b]0;ajeno\x07 \u202eotsuc\u202c \u2066x\u2069 "
    "\u200f\u061c\t\r\n\x7f\u0085"
    "\u2028 日本語テキスト e\u0301\u0301\u0301 {office} {case} "
    "ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú ñandú "
    "palabralarguisimasinningunespacioquenocabeenunalineadeochentacolumnasyquehayquepartirenalgunsi"
    "tio";

void Poison(Message& message) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Poison(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                    : *reflection->MutableMessage(&message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && field->is_repeated()) {
        reflection->SetRepeatedString(&message, field, i, kHostile);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        reflection->SetString(&message, field, kHostile);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM && !field->is_repeated() &&
                 i % 2 == 1) {
        reflection->SetEnumValue(&message, field, 97);
      }
    }
  }
}

CaseView HostileCase(const char* id) {
  alert::v1::CaseAlert alert = alerts::CaseOf(id);
  Poison(alert);
  const int64_t at_ms = At("2026-11-18T04:40:00Z");
  alert::v1::CaseAlert update = alert;
  update.set_message_type(alert::v1::MESSAGE_TYPE_UPDATE);
  update.set_alert_id(std::string(kHostile) + "2");
  if (update.persons_size() > 0) update.mutable_persons(0)->set_given_names("otro");
  CaseView view = CaseScript()
                      .Alert(alert, at_ms)
                      .Delivered(kHostile, at_ms)
                      .Act(alert::v1::ACTION_READ, kHostile, kHostile, at_ms)
                      .Alert(update, at_ms + 1000)
                      .View({kHostile});
  view.signature_problem = kHostile;
  view.signature = SignatureState::kInvalid;
  view.guard_incidents = {kHostile};
  return view;
}

template <typename Draw>
void ExpectSoundEverywhere(Draw draw) {
  for (const Language language : {Language::kSpanish, Language::kEnglish}) {
    for (const bool ascii : {false, true}) {
      for (const size_t columns : {size_t{40}, size_t{80}, size_t{132}}) {
        const Screen screen = MakeScreen(language, columns, ascii, At("2026-11-18T04:52:00Z"));
        for (const std::string& line : WholePage(draw(screen), /*quiet=*/false)) {
          EXPECT_LE(texts::DisplayWidth(line), columns) << line;
          EXPECT_EQ(texts::EscapeForDisplay(line), line);
          EXPECT_TRUE(!ascii || IsAscii(line)) << line;
        }
      }
    }
  }
}

TEST(HostilePeer, CaseScreensShowNothingOfItUnescaped) {
  for (const char* id : {"A01", "A02", "A03", "A05", "A07", "A10"}) {
    SCOPED_TRACE(id);
    const CaseView view = HostileCase(id);
    ExpectSoundEverywhere([&](const Screen& s) { return RenderCase(view, s); });
    ExpectSoundEverywhere([&](const Screen& s) { return RenderAttachments(view, s); });
    StatusView status;
    status.the_case = view;
    status.offices_without_devices = {kHostile};
    status.duty_phones = {{kHostile, kHostile}};
    ExpectSoundEverywhere([&](const Screen& s) { return RenderStatus(status, s); });
  }
}

TEST(HostilePeer, ListsShowNothingOfItUnescaped) {
  InboxView inbox = Inbox();
  inbox.office_ids = {kHostile};
  for (InboxRow& row : inbox.rows) row.case_ref = row.from_office_id = row.subject = kHostile;
  ExpectSoundEverywhere([&](const Screen& s) { return RenderInbox(inbox, s); });
  ExpectSoundEverywhere([&](const Screen& s) {
    return Page{{RenderWatchLine(inbox.rows.front(), s)}, {}};
  });
  CasesView cases = Cases();
  cases.office_ids = {kHostile};
  for (CaseRow& row : cases.rows) row.case_ref = row.from_office_id = row.subject = kHostile;
  ExpectSoundEverywhere([&](const Screen& s) { return RenderCases(cases, s); });
  ReviewView review = Review();
  review.office_ids = {kHostile};
  for (ReviewRow& row : review.rows)
    row.the_case.case_ref = row.the_case.from_office_id = row.the_case.subject = kHostile;
  ExpectSoundEverywhere([&](const Screen& s) { return RenderReview(review, s); });
  SearchView search = Search();
  search.query = kHostile;
  for (SearchRow& row : search.rows)
    row.the_case.case_ref = row.the_case.from_office_id = row.the_case.subject = kHostile;
  ExpectSoundEverywhere([&](const Screen& s) { return RenderSearch(search, s); });
  DocumentsView documents = Documents();
  documents.number = documents.issuing_state = kHostile;
  for (DocumentReport& report : documents.reports) {
    report.case_ref = report.by_office_id = report.number = report.issuing_state = kHostile;
  }
  ExpectSoundEverywhere([&](const Screen& s) { return RenderDocuments(documents, s); });
}

TEST(HostilePeer, OfficesShowNothingOfItUnescaped) {
  DirectoryView view = Directory();
  for (OfficeCard& card : view.offices) {
    card.office_id = card.name_en = card.name_es = card.duty_phone = card.supervisor = kHostile;
    card.authority_name_en = card.authority_name_es = card.country = card.successor = kHostile;
    card.languages = card.networks = card.officers = {kHostile};
  }
  ExpectSoundEverywhere([&](const Screen& s) { return RenderDirectory(view, s); });
  view.offices.resize(1);
  ExpectSoundEverywhere([&](const Screen& s) { return RenderDirectory(view, s); });
}

}  // namespace
}  // namespace enlace::client::testing
