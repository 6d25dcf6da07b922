// The word lists and the six words.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "crypto/identity/verification_words.h"
#include "crypto/identity/word_list.h"
#include "tests/unit/identity/test_rng.h"

namespace enlace::identity {
namespace {

// True when one insertion, deletion or replacement of a letter makes one of the other.
bool WithinOneEdit(const std::string& a, const std::string& b) {
  if (a.size() > b.size()) return WithinOneEdit(b, a);
  if (b.size() - a.size() > 1) return false;
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto skip_a = a.size() == b.size() && at_a != a.end() ? at_a + 1 : at_a;
  const auto skip_b = at_b != b.end() ? at_b + 1 : at_b;
  return std::equal(skip_a, a.end(), skip_b, b.end());
}

// How a Spanish word sounds on a bad line in the Americas: b and v, s and c and z, ll and y, g and
// j alike, h silent.
std::string SpanishSound(std::string word) {
  const std::vector<std::pair<std::string, std::string>> rules = {
      {"ce", "se"},  {"ci", "si"}, {"z", "s"},   {"x", "s"},   {"qu", "k"},
      {"ch", "C"},   {"c", "k"},   {"ge", "je"}, {"gi", "ji"}, {"gue", "ge"},
      {"gui", "gi"}, {"v", "b"},   {"ll", "y"},  {"h", ""},    {"rr", "r"}};
  for (const auto& [from, to] : rules) {
    for (size_t at = word.find(from); at != std::string::npos;
         at = word.find(from, at + to.size())) {
      word.replace(at, from.size(), to);
    }
  }
  return word;
}

class WordListTest : public ::testing::TestWithParam<WordLanguage> {
 protected:
  std::vector<std::string> Folded() {
    std::vector<std::string> words;
    for (uint32_t i = 0; i < kWordListSize; ++i) words.push_back(FoldWord(WordAt(GetParam(), i)));
    return words;
  }
};

TEST_P(WordListTest, Has2048WordsOfThreeToNineLetters) {
  const std::string_view list =
      GetParam() == WordLanguage::kSpanish ? kSpanishWords : kEnglishWords;
  EXPECT_EQ(static_cast<size_t>(std::count(list.begin(), list.end(), ' ')) + 1, kWordListSize);
  for (const std::string& word : Folded()) {
    EXPECT_GE(word.size(), 3u) << word;
    EXPECT_LE(word.size(), 9u) << word;
    EXPECT_TRUE(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
        << word;
  }
}

TEST_P(WordListTest, IsInOrderWithoutTheSameWordTwice) {
  const std::vector<std::string> words = Folded();
  for (size_t i = 1; i < words.size(); ++i) EXPECT_LT(words[i - 1], words[i]);
}

TEST_P(WordListTest, NoTwoWordsShareTheirFirstFourLetters) {
  std::map<std::string, std::string> seen;
  for (const std::string& word : Folded()) {
    const auto [other, is_new] = seen.emplace(word.substr(0, 4), word);
    EXPECT_TRUE(is_new) << word << " and " << other->second;
  }
}

TEST_P(WordListTest, NoTwoWordsAreWithinOneEdit) {
  const std::vector<std::string> words = Folded();
  for (size_t i = 0; i < words.size(); ++i) {
    for (size_t k = i + 1; k < words.size(); ++k) {
      if (WithinOneEdit(words[i], words[k])) ADD_FAILURE() << words[i] << " and " << words[k];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, WordListTest,
                         ::testing::Values(WordLanguage::kSpanish, WordLanguage::kEnglish));

TEST(WordList, NoTwoSpanishWordsSoundAlike) {
  std::map<std::string, std::string> seen;
  for (uint32_t i = 0; i < kWordListSize; ++i) {
    const std::string word = FoldWord(WordAt(WordLanguage::kSpanish, i));
    const auto [other, is_new] = seen.emplace(SpanishSound(word), word);
    EXPECT_TRUE(is_new) << word << " and " << other->second;
  }
}

TEST(WithinOneEdit, KnowsWhatIsNear) {
  EXPECT_TRUE(WithinOneEdit("gato", "pato"));
  EXPECT_TRUE(WithinOneEdit("gato", "gatos"));
  EXPECT_TRUE(WithinOneEdit("gato", "gto"));
  EXPECT_TRUE(WithinOneEdit("gato", "gato"));
  EXPECT_FALSE(WithinOneEdit("gato", "pata"));
  EXPECT_FALSE(WithinOneEdit("gato", "gatito"));
}

class WordsTest : public ::testing::Test {
 protected:
  WordInput Input() { return {mac_key_, tls_, mls_, charter_, ca_}; }

  SecretBytes mac_key_ = SecretBytes::CopyOf(Bytes(32, 1));
  Bytes tls_ = {1};
  Bytes mls_ = {2};
  merkle::Hash charter_{};
  merkle::Hash ca_{};
};

TEST_F(WordsTest, AreTheFirst66BitsOfTheHash) {
  Bytes message = ToBytes("enlace words 1");
  Append(message, mac_key_.view());
  Append(message, merkle::Sha256(tls_));
  Append(message, merkle::Sha256(mls_));
  Append(message, charter_);
  Append(message, ca_);
  const merkle::Hash digest = merkle::Sha256(message);
  std::string bits;
  for (uint8_t byte : digest) {
    for (int bit = 7; bit >= 0; --bit) bits.push_back((byte >> bit & 1) != 0 ? '1' : '0');
  }
  const auto indices = VerificationWordIndices(Input());
  for (size_t i = 0; i < kVerificationWords; ++i) {
    EXPECT_EQ(indices[i], std::stoul(bits.substr(i * 11, 11), nullptr, 2)) << i;
  }
}

TEST_F(WordsTest, ChangeWithEveryInput) {
  const auto words = VerificationWordIndices(Input());
  std::set<std::array<uint32_t, kVerificationWords>> seen = {words};
  tls_[0] ^= 1;
  EXPECT_TRUE(seen.insert(VerificationWordIndices(Input())).second);
  mls_[0] ^= 1;
  EXPECT_TRUE(seen.insert(VerificationWordIndices(Input())).second);
  charter_[31] ^= 1;
  EXPECT_TRUE(seen.insert(VerificationWordIndices(Input())).second);
  ca_[31] ^= 1;
  EXPECT_TRUE(seen.insert(VerificationWordIndices(Input())).second);
  mac_key_.mutable_view()[0] ^= 1;
  EXPECT_TRUE(seen.insert(VerificationWordIndices(Input())).second);
}

TEST_F(WordsTest, InBothLanguages_StandAtTheSamePlaces) {
  const auto indices = VerificationWordIndices(Input());
  for (WordLanguage language : {WordLanguage::kSpanish, WordLanguage::kEnglish}) {
    const auto words = VerificationWords(Input(), language);
    for (size_t i = 0; i < kVerificationWords; ++i)
      EXPECT_EQ(words[i], WordAt(language, indices[i]));
  }
}

TEST(HiddenWord, IsAnyOfTheSix) {
  enlace::testing::TestRng rng(3);
  std::array<int, kVerificationWords> counts{};
  for (int i = 0; i < 600; ++i) ++counts.at(ChooseHiddenWord(rng));
  for (int count : counts) EXPECT_GT(count, 60);
}

TEST(SameWord, ForgivesCaseAccentsAndSpace) {
  for (const char* typed : {"maíz", "maiz", "MAIZ", "MAÍZ", "  maíz \n", "mai\xcc\x81z"}) {
    EXPECT_TRUE(SameWord(typed, "maíz")) << typed;
  }
  EXPECT_TRUE(SameWord("montana", "montaña"));
  EXPECT_TRUE(SameWord("pinguino", "pingüino"));
}

TEST(SameWord, ForgivesNothingElse) {
  for (const char* typed : {"", " ", "mai", "maíces", "maíz lunes", "ma\xc3", "maÂz"})
    EXPECT_FALSE(SameWord(typed, "maíz")) << typed;
}

}  // namespace
}  // namespace enlace::identity
