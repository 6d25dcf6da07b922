#include "crypto/identity/verification_words.h"

#include <cstdlib>
#include <vector>

#include "crypto/identity/word_list.h"
#include "crypto/primitives/sha256.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kWordsLabel = "enlace words 1";
constexpr int kBitsPerWord = 11;

std::vector<std::string_view> SplitWords(std::string_view list) {
  std::vector<std::string_view> words;
  words.reserve(kWordListSize);
  while (!list.empty()) {
    const size_t end = list.find(' ');
    words.push_back(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return words;
}

const std::vector<std::string_view>& WordsOfLanguage(WordLanguage language) {
  static const std::vector<std::string_view> spanish = SplitWords(kSpanishWords);
  static const std::vector<std::string_view> english = SplitWords(kEnglishWords);
  return language == WordLanguage::kSpanish ? spanish : english;
}

// The base letter of the second octet of a Latin-1 letter in UTF-8 (0xC3 …), in lower case; 0 for
// any other.
char BaseLetter(uint8_t second) {
  // U+00C0 to U+00DF and U+00E0 to U+00FF differ by 0x20, as their second octets do.
  const uint8_t lower = second | 0x20;
  if (lower >= 0xA0 && lower <= 0xA5) return 'a';
  if (lower == 0xA7) return 'c';
  if (lower >= 0xA8 && lower <= 0xAB) return 'e';
  if (lower >= 0xAC && lower <= 0xAF) return 'i';
  if (lower == 0xB1) return 'n';
  if (lower >= 0xB2 && lower <= 0xB6) return 'o';
  return lower >= 0xB9 && lower <= 0xBC ? 'u' : 0;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

std::string_view WordAt(WordLanguage language, uint32_t index) {
  const std::vector<std::string_view>& words = WordsOfLanguage(language);
  if (index >= words.size()) std::abort();
  return words[index];
}

std::array<uint32_t, kVerificationWords> VerificationWordIndices(const WordInput& input) {
  // libsodium's hash: the MAC key is secret.
  const crypto::Digest digest = crypto::Sha256Stream()
                                    .Add(AsBytes(kWordsLabel))
                                    .Add(input.mac_key.view())
                                    .Add(merkle::Sha256(input.tls_request))
                                    .Add(merkle::Sha256(input.mls_request))
                                    .Add(input.charter_hash)
                                    .Add(input.ca_fingerprint)
                                    .Finish();
  std::array<uint32_t, kVerificationWords> indices;
  uint32_t window = 0;
  int bits = 0;
  size_t next = 0;
  for (uint32_t& index : indices) {
    while (bits < kBitsPerWord) {
      window = window << 8 | digest[next++];
      bits += 8;
    }
    bits -= kBitsPerWord;
    index = window >> bits & (kWordListSize - 1);
  }
  return indices;
}

std::array<std::string, kVerificationWords> VerificationWords(const WordInput& input,
                                                              WordLanguage language) {
  std::array<std::string, kVerificationWords> words;
  const std::array<uint32_t, kVerificationWords> indices = VerificationWordIndices(input);
  for (size_t i = 0; i < kVerificationWords; ++i)
    words[i] = std::string(WordAt(language, indices[i]));
  return words;
}

size_t ChooseHiddenWord(crypto::Rng& rng) {
  // 252 is the largest multiple of six that a byte holds: without the rest every place is equally
  // likely.
  constexpr uint8_t kLimit = 252;
  uint8_t byte = kLimit;
  while (byte >= kLimit) rng.Fill({&byte, 1});
  return byte % kVerificationWords;
}

std::string FoldWord(std::string_view text) {
  std::string folded;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_latin1 = static_cast<uint8_t>(c) == 0xC3 && i + 1 < text.size();
    const char base = is_latin1 ? BaseLetter(static_cast<uint8_t>(text[i + 1])) : '\0';
    // A combining accent (U+0300 to U+036F: 0xCC, or 0xCD up to 0xAF) belongs to the letter before
    // it and is dropped.
    const bool is_combining =
        (static_cast<uint8_t>(c) == 0xCC || static_cast<uint8_t>(c) == 0xCD) && i + 1 < text.size();
    if (base != '\0') {
      folded.push_back(base);
    } else if (!is_combining) {
      folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    if (base != '\0' || is_combining) ++i;
  }
  return folded;
}

bool SameWord(std::string_view typed, std::string_view word) {
  const std::string_view trimmed = Trim(typed);
  return !trimmed.empty() && FoldWord(trimmed) == FoldWord(Trim(word));
}

}  // namespace enlace::identity
