#include "client/cases/case_index.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <set>
#include <span>

#include "client/alerts/codes_check.h"
#include "client/alerts/mrz.h"
#include "client/cases/case_keys.h"
#include "client/cases/case_tables.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::case_index {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kRanges = "document-ranges";
constexpr size_t kTokensPerCall = 2000;
static_assert(kTokensPerCall <= kVaultTokensMax);

// Fields that hold no word which an officer would look for.
constexpr std::array<std::string_view, 16> kNotIndexed = {
    "alert_id",   "case_ref",   "local_id",  "attachment_id",   "sha256",   "media_type",
    "mrz_lines",  "time_zone",  "office_id", "officer_id",      "language", "languages",
    "related_to", "duty_phone", "phones",    "corrected_fields"};

struct Sets {
  std::set<std::string> words, documents, births, phones;

  Terms Take() const {
    return {{words.begin(), words.end()},
            {documents.begin(), documents.end()},
            {births.begin(), births.end()},
            {phones.begin(), phones.end()}};
  }
};

void AddWords(std::string_view text, Sets& sets) {
  for (std::string& word : alerts::FoldedWords(text)) {
    if (alerts::CharCount(word) >= kWordCharsMin) sets.words.insert(std::move(word));
  }
}

void AddTexts(const Message& message, Sets& sets) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!is_text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (std::ranges::find(kNotIndexed, field->name()) != kNotIndexed.end()) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (!is_text) {
        AddTexts(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                      : reflection->GetMessage(message, field),
                 sets);
      } else {
        AddWords(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                      : reflection->GetString(message, field),
                 sets);
      }
    }
  }
}

std::string DateToken(uint32_t year, uint32_t month, uint32_t day) {
  std::array<char, 16> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04u-%02u-%02u", year % 10000,
                                   month % 100, day % 100);
  return {text.data(), static_cast<size_t>(length)};
}

void AddDocument(const alert::v1::IdDocument& document, Sets& sets) {
  const auto add = [&](std::string_view number) {
    std::string folded = alerts::FoldDocumentNumber(number);
    if (!folded.empty()) sets.documents.insert(std::move(folded));
  };
  add(document.number());
  add(document.number_to());
  if (document.mrz_lines().empty()) return;
  add(alerts::ParseMrz({document.mrz_lines().begin(), document.mrz_lines().end()}).document_number);
}

// Three numbers with one kind of separator between them.
std::optional<std::array<uint32_t, 3>> DateNumbers(std::string_view text) {
  std::array<uint32_t, 3> numbers{};
  char separator = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (text.empty() || std::string_view("-/.").find(text.front()) == std::string_view::npos)
        return std::nullopt;
      if (separator != 0 && text.front() != separator) return std::nullopt;
      separator = text.front();
      text.remove_prefix(1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
  }
  return text.empty() ? std::optional(numbers) : std::nullopt;
}

// "2004-08-17" and "17/08/2004": the year is the number above 31.
std::optional<std::string> ParseDate(std::string_view text) {
  const auto numbers = DateNumbers(text);
  if (!numbers) return std::nullopt;
  const auto& [first, month, last] = *numbers;
  const bool year_first = first > 31;
  const uint32_t year = year_first ? first : last;
  const uint32_t day = year_first ? last : first;
  if (year < 1000 || day == 0 || month == 0) return std::nullopt;
  if (alerts::CheckDate(year, month, day) != alerts::DateProblem::kNone) return std::nullopt;
  return DateToken(year, month, day);
}

bool HasDigit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void AddQueryWord(std::string_view word, Sets& sets) {
  if (auto date = ParseDate(word)) {
    sets.births.insert(*std::move(date));
    return;
  }
  if (auto phone = alerts::NormalisePhone(word)) {
    sets.phones.insert(*std::move(phone));
    return;
  }
  const std::string number = alerts::FoldDocumentNumber(word);
  if (HasDigit(number) && number.size() >= kDocumentCharsMin) sets.documents.insert(number);
  AddWords(word, sets);
}

std::vector<std::string> Tokens(const Terms& terms) {
  std::vector<std::string> tokens;
  const auto add = [&](char kind, const std::vector<std::string>& values) {
    for (const std::string& value : values) tokens.push_back(std::string{kind, ':'} + value);
  };
  add('w', terms.words);
  add('d', terms.documents);
  add('b', terms.births);
  add('p', terms.phones);
  return tokens;
}

struct Series {
  std::string prefix;
  uint64_t number = 0;
  size_t digits = 0;
};

// "AB0012345": letters and leading part, then the number at its end.
std::optional<Series> SeriesOf(std::string_view number) {
  const std::string folded = alerts::FoldDocumentNumber(number);
  constexpr size_t kDigitsMax = 18;
  size_t start = folded.size();
  while (start > 0 && folded.size() - start < kDigitsMax && HasDigit(folded.substr(start - 1, 1)))
    --start;
  Series series{folded.substr(0, start), 0, folded.size() - start};
  if (series.digits == 0) return std::nullopt;
  std::from_chars(folded.data() + start, folded.data() + folded.size(), series.number);
  return series;
}

absl::Status PutRanges(VaultTransaction& tx, const alert::v1::CaseAlert& alert,
                       const DataKeyId& key) {
  uint32_t index = 0;
  for (const alert::v1::Person& person : alert.persons()) {
    for (const alert::v1::IdDocument& document : person.documents()) {
      if (document.number_to().empty()) continue;
      // The same range of a later message takes the row of the earlier one.
      codec::Writer row;
      row.Raw(CaseKey(alert.case_ref()));
      row.Raw(AlertKey(document.number() + ":" + document.number_to()));
      row.U32(index++);
      codec::Writer out;
      out.Vector(AsBytes(alert.case_ref()));
      out.Vector(AsBytes(document.number()));
      out.Vector(AsBytes(document.number_to()));
      ENLACE_RETURN_IF_ERROR(tx.Put(kRanges, row.view(), out.view(), key));
    }
  }
  return absl::OkStatus();
}

std::string TextOf(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Terms TermsOf(const alert::v1::CaseAlert& alert) {
  Sets sets;
  AddTexts(alert, sets);
  for (const alert::v1::Person& person : alert.persons()) {
    for (const alert::v1::IdDocument& document : person.documents()) AddDocument(document, sets);
    for (const std::string& phone : person.phones()) {
      if (auto number = alerts::NormalisePhone(phone)) sets.phones.insert(*std::move(number));
    }
    const alert::v1::PartialDate& birth = person.birth_date();
    if (birth.year() != 0 && birth.month() != 0 && birth.day() != 0)
      sets.births.insert(DateToken(birth.year(), birth.month(), birth.day()));
  }
  return sets.Take();
}

Terms ParseQuery(std::string_view text) {
  Sets sets;
  while (!text.empty()) {
    const size_t end = text.find_first_of(" \t\n,;");
    if (end != 0) AddQueryWord(text.substr(0, end), sets);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return sets.Take();
}

bool Names(const alert::v1::IdDocument& document, std::string_view number) {
  Sets sets;
  AddDocument(document, sets);
  return std::ranges::find(sets.documents, number) != sets.documents.end();
}

absl::Status Add(VaultTransaction& tx, const alert::v1::CaseAlert& alert, const DataKeyId& key) {
  const std::vector<std::string> tokens = Tokens(TermsOf(alert));
  const Bytes row = CaseKey(alert.case_ref());
  for (size_t from = 0; from < tokens.size(); from += kTokensPerCall) {
    const size_t count = std::min(kTokensPerCall, tokens.size() - from);
    ENLACE_RETURN_IF_ERROR(
        tx.AddTokens(case_tables::kCases, row, std::span(tokens).subspan(from, count)));
  }
  return PutRanges(tx, alert, key);
}

bool DocumentRange::Holds(std::string_view number) const {
  const auto low = SeriesOf(from);
  const auto high = SeriesOf(to);
  const auto wanted = SeriesOf(number);
  if (!low || !high || !wanted) return false;
  return wanted->prefix == low->prefix && wanted->prefix == high->prefix &&
         wanted->digits == low->digits && low->number <= wanted->number &&
         wanted->number <= high->number;
}

absl::StatusOr<std::vector<DocumentRange>> Ranges(const Vault& vault) {
  std::vector<DocumentRange> ranges;
  VaultRange range{{}, {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, vault.Scan(kRanges, range));
    for (const VaultRow& row : rows) {
      codec::Reader in(row.value.view());
      BytesView case_ref, from, to;
      if (!in.ReadVector(case_ref).ok() || !in.ReadVector(from).ok() || !in.ReadVector(to).ok())
        return MakeError(Reason::kVaultDamaged, {{"what", std::string(kRanges)}});
      ranges.push_back({TextOf(case_ref), TextOf(from), TextOf(to)});
    }
    if (rows.size() < kVaultPageRows) return ranges;
    range.after = rows.back().row;
  }
}

}  // namespace enlace::client::case_index
