#include "client/cases/case_finder.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <unordered_map>

#include "client/alerts/codes_check.h"
#include "client/alerts/mrz.h"
#include "client/cases/case_index.h"
#include "client/cases/case_list.h"
#include "client/cases/case_log.h"
#include "client/cases/case_rows.h"
#include "client/cases/case_store.h"
#include "client/cases/case_tables.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::Status SearchUsage(std::string_view program, std::string_view what) {
  return MakeError(Reason::kUsage,
                   {{"what", std::string(what)}, {"program", std::string(program)}});
}

bool Passes(const vault::v1::CaseRecord& record, const CaseFilter& filter) {
  if (filter.alert_type != 0 && record.alert_type() != filter.alert_type) return false;
  if (record.newest_at_ms() < filter.since_ms) return false;
  if (filter.office_id.empty() || record.origin_office_id() == filter.office_id) return true;
  return std::ranges::any_of(record.offices(), [&](const vault::v1::CaseOffice& office) {
    return office.office_id() == filter.office_id;
  });
}

// An entry that can be decoded later: the list's own bytes die with the visit.
struct Candidate {
  bool open = false;
  int64_t newest_at_ms = 0;
  int64_t number = 0;
  uint32_t score = 0;
  Bytes record;

  absl::StatusOr<vault::v1::CaseRecord> Decode() const {
    return case_list::Entry{open, newest_at_ms, number, {}, record}.Decode();
  }
};

bool OpenThenNewest(const Candidate& a, const Candidate& b) {
  return std::tuple(!a.open, -a.newest_at_ms, -a.number) <
         std::tuple(!b.open, -b.newest_at_ms, -b.number);
}
bool StrongestThenNewest(const Candidate& a, const Candidate& b) {
  return std::tuple(b.score, b.newest_at_ms, b.number) <
         std::tuple(a.score, a.newest_at_ms, a.number);
}

// The first `limit` in order.
template <typename Less>
void Keep(std::vector<Candidate>& candidates, size_t limit, Less less) {
  const size_t kept = std::min(limit, candidates.size());
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<ptrdiff_t>(kept),
                    candidates.end(), less);
  candidates.resize(kept);
}

constexpr uint32_t BitOf(Match match) { return 8u >> static_cast<uint32_t>(match); }
constexpr Match kMatches[] = {Match::kDocument, Match::kBirthDate, Match::kPhone, Match::kWords};

std::vector<std::string> Prefixed(char kind, const std::vector<std::string>& values) {
  std::vector<std::string> tokens;
  for (const std::string& value : values) tokens.push_back(std::string{kind, ':'} + value);
  return tokens;
}

using Scores = std::unordered_map<int64_t, uint32_t>;

absl::Status AddScores(const std::vector<int64_t>& numbers, Match match, Scores& scores) {
  for (const int64_t number : numbers) scores[number] |= BitOf(match);
  return absl::OkStatus();
}

// Rows that carry one of the values, or with `all` every one.
absl::Status Score(const Vault& vault, const std::vector<std::string>& tokens, Match match,
                   Scores& scores) {
  if (match == Match::kWords) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers,
                            vault.FindNumbers(case_tables::kCases, tokens));
    return AddScores(numbers, match, scores);
  }
  for (const std::string& token : tokens) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers,
                            vault.FindNumbers(case_tables::kCases, std::span(&token, 1)));
    ENLACE_RETURN_IF_ERROR(AddScores(numbers, match, scores));
  }
  return absl::OkStatus();
}

absl::StatusOr<Scores> ScoresOf(const Vault& vault, const case_index::Terms& terms) {
  Scores scores;
  ENLACE_RETURN_IF_ERROR(Score(vault, Prefixed('d', terms.documents), Match::kDocument, scores));
  ENLACE_RETURN_IF_ERROR(Score(vault, Prefixed('b', terms.births), Match::kBirthDate, scores));
  ENLACE_RETURN_IF_ERROR(Score(vault, Prefixed('p', terms.phones), Match::kPhone, scores));
  ENLACE_RETURN_IF_ERROR(Score(vault, Prefixed('w', terms.words), Match::kWords, scores));
  return scores;
}

// What the decrypted case really holds of the terms.
uint32_t Confirmed(const CaseLog& log, const case_index::Terms& wanted) {
  std::set<std::string> words;
  uint32_t score = 0;
  const auto shares = [](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::any_of(
        a, [&](const std::string& one) { return std::ranges::binary_search(b, one); });
  };
  for (const alert::v1::CaseAlert& alert : log.alerts) {
    case_index::Terms has = case_index::TermsOf(alert);
    if (shares(wanted.documents, has.documents)) score |= BitOf(Match::kDocument);
    if (shares(wanted.births, has.births)) score |= BitOf(Match::kBirthDate);
    if (shares(wanted.phones, has.phones)) score |= BitOf(Match::kPhone);
    words.insert(std::make_move_iterator(has.words.begin()),
                 std::make_move_iterator(has.words.end()));
  }
  const bool all = std::ranges::all_of(
      wanted.words, [&](const std::string& word) { return words.contains(word); });
  if (all && !wanted.words.empty()) score |= BitOf(Match::kWords);
  return score;
}

// Reports of the number in the messages of one case: the first message that names each document.
void AddReports(const CaseLog& log, const std::string& number, DocumentsView& view) {
  std::set<std::string> seen;
  for (const alerts::OrderedAlert& message : log.ordered) {
    for (const alert::v1::Person& person : message.alert->persons()) {
      for (const alert::v1::IdDocument& document : person.documents()) {
        const bool named = case_index::Names(document, number);
        const bool in_range =
            !named &&
            case_index::DocumentRange{"", document.number(), document.number_to()}.Holds(number);
        const std::string key = person.local_id() + "\n" + document.number();
        if ((!named && !in_range) || !seen.insert(key).second) continue;
        DocumentReport& report = view.reports.emplace_back();
        report.case_ref = log.record.case_ref();
        report.alert_type = log.record.alert_type();
        report.status = log.record.status();
        report.state = StateOfCase(log.record);
        report.from_office_id = log.record.origin_office_id();
        report.by_office_id = message.office_id;
        report.at_ms = message.accepted_at_ms;
        report.person_local_id = person.local_id();
        report.type = document.type();
        report.finding = document.finding();
        report.number = document.number();
        report.number_to = document.number_to();
        report.issuing_state = document.issuing_state();
        report.in_range = in_range;
      }
    }
  }
}

// The number that a query asks for; a zone's number as it was read.
absl::StatusOr<std::string> NumberOf(const DocumentQuery& query, DocumentsView& view) {
  if (!query.mrz_lines.empty()) {
    const alerts::Mrz zone = alerts::ParseMrz(query.mrz_lines);
    if (zone.format == alerts::MrzFormat::kNone)
      return SearchUsage("enlace document", "MRZ: 2 x 44, 2 x 36, 3 x 30");
    view.number = zone.document_number;
    view.issuing_state = zone.issuing_state;
    view.zone_fails = !zone.wrong.empty();
  } else {
    view.number = query.number;
  }
  std::string folded = alerts::FoldDocumentNumber(view.number);
  if (folded.empty()) return SearchUsage("enlace document", "document NUMBER");
  return folded;
}

}  // namespace

absl::StatusOr<CasesView> CaseFinder::Cases(const CaseFilter& filter, int64_t now_ms) const {
  CasesView view;
  ENLACE_ASSIGN_OR_RETURN(view.office_ids, reader_.MyOffices());
  ENLACE_ASSIGN_OR_RETURN(view.freshness, reader_.CurrentFreshness());
  const bool needs_record =
      filter.overdue_only || filter.alert_type != 0 || !filter.office_id.empty();
  std::vector<Candidate> candidates;
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault_, [&](const case_list::Entry& entry) {
    if ((filter.open_only || filter.overdue_only) && !entry.open) return absl::OkStatus();
    if (entry.newest_at_ms < filter.since_ms) return absl::OkStatus();
    if (entry.open || needs_record) {
      ENLACE_ASSIGN_OR_RETURN(const vault::v1::CaseRecord record, entry.Decode());
      if (!Passes(record, filter)) return absl::OkStatus();
      const bool overdue = MakeCaseRow(record, view.office_ids, now_ms).overdue_since_ms != 0;
      if (filter.overdue_only && !overdue) return absl::OkStatus();
      view.overdue += overdue ? 1 : 0;
    }
    view.open += entry.open ? 1 : 0;
    candidates.push_back({entry.open, entry.newest_at_ms, entry.number, 0, ToBytes(entry.record)});
    return absl::OkStatus();
  }));
  view.matching = candidates.size();
  Keep(candidates, filter.limit, OpenThenNewest);
  for (const Candidate& candidate : candidates) {
    ENLACE_ASSIGN_OR_RETURN(const vault::v1::CaseRecord record, candidate.Decode());
    view.rows.push_back(MakeCaseRow(record, view.office_ids, now_ms));
  }
  return view;
}

absl::StatusOr<ReviewView> CaseFinder::Reviews(int64_t ahead_ms, size_t limit,
                                               int64_t now_ms) const {
  ReviewView view;
  view.until_ms = now_ms + ahead_ms;
  ENLACE_ASSIGN_OR_RETURN(view.office_ids, reader_.MyOffices());
  ENLACE_ASSIGN_OR_RETURN(view.freshness, reader_.CurrentFreshness());
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault_, [&](const case_list::Entry& entry) {
    if (!entry.open) return absl::OkStatus();
    ENLACE_ASSIGN_OR_RETURN(const vault::v1::CaseRecord record, entry.Decode());
    const int64_t review_at_ms = record.review_at_ms();
    if (review_at_ms == 0 || review_at_ms > view.until_ms) return absl::OkStatus();
    view.due += review_at_ms <= now_ms ? 1 : 0;
    view.rows.push_back(
        {MakeCaseRow(record, view.office_ids, now_ms), review_at_ms, record.delete_after_ms()});
    return absl::OkStatus();
  }));
  view.matching = view.rows.size();
  std::ranges::sort(view.rows, {}, [](const ReviewRow& row) {
    return std::tuple(row.review_at_ms, row.the_case.case_ref);
  });
  view.rows.resize(std::min(limit, view.rows.size()));
  return view;
}

absl::StatusOr<SearchView> CaseFinder::Search(std::string_view text, size_t limit,
                                              int64_t now_ms) const {
  const case_index::Terms terms = case_index::ParseQuery(text);
  if (terms.empty()) return SearchUsage("enlace search", "search WORDS");
  SearchView view;
  view.query = std::string(text);
  ENLACE_ASSIGN_OR_RETURN(view.freshness, reader_.CurrentFreshness());
  ENLACE_ASSIGN_OR_RETURN(const std::vector<std::string> mine, reader_.MyOffices());
  ENLACE_ASSIGN_OR_RETURN(const Scores scores, ScoresOf(vault_, terms));
  view.matching = scores.size();
  if (scores.empty()) return view;
  std::vector<Candidate> candidates;
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault_, [&](const case_list::Entry& entry) {
    const auto found = scores.find(entry.number);
    if (found == scores.end()) return absl::OkStatus();
    candidates.push_back(
        {entry.open, entry.newest_at_ms, entry.number, found->second, ToBytes(entry.record)});
    return absl::OkStatus();
  }));
  Keep(candidates, limit, StrongestThenNewest);
  for (const Candidate& candidate : candidates) {
    ENLACE_ASSIGN_OR_RETURN(const vault::v1::CaseRecord record, candidate.Decode());
    ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(vault_, record.case_ref()));
    const uint32_t confirmed = Confirmed(log, terms) & candidate.score;
    if (confirmed == 0) {
      --view.matching;
      continue;
    }
    SearchRow& row = view.rows.emplace_back();
    row.the_case = MakeCaseRow(record, mine, now_ms);
    for (const Match match : kMatches) {
      if ((confirmed & BitOf(match)) != 0) row.matches.push_back(match);
    }
  }
  return view;
}

absl::StatusOr<DocumentsView> CaseFinder::Documents(const DocumentQuery& query) const {
  DocumentsView view;
  ENLACE_ASSIGN_OR_RETURN(const std::string number, NumberOf(query, view));
  ENLACE_ASSIGN_OR_RETURN(view.freshness, reader_.CurrentFreshness());
  const std::string token = "d:" + number;
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rows,
                          vault_.FindTokens(case_tables::kCases, std::span(&token, 1)));
  const CaseStore store(vault_);
  std::set<std::string> case_refs;
  for (const Bytes& row : rows) {
    ENLACE_ASSIGN_OR_RETURN(const auto record, store.FindByKey(row));
    if (record) case_refs.insert(record->case_ref());
  }
  ENLACE_ASSIGN_OR_RETURN(const auto ranges, case_index::Ranges(vault_));
  for (const case_index::DocumentRange& range : ranges) {
    if (range.Holds(number)) case_refs.insert(range.case_ref);
  }
  for (const std::string& case_ref : case_refs) {
    ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(vault_, case_ref));
    AddReports(log, number, view);
  }
  std::ranges::stable_sort(view.reports, std::greater<>(), &DocumentReport::at_ms);
  return view;
}

}  // namespace enlace::client
