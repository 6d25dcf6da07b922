// The six words that an officer reads to the administrator over the telephone.
//
// They are 66 bits of a hash over a key that only the invitation's holder and its maker know, both
// signing requests, the charter and the CA: whoever sits between can change none of these without
// changing words that it can't compute. Two lists of 2,048 words, Spanish and English, without
// homophones or near duplicates (word_list.h).
//
// Thread safety: free functions without state. Ownership: values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "crypto/identity/limits.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::identity {

enum class WordLanguage : uint8_t { kSpanish = 1, kEnglish = 2 };

inline constexpr size_t kVerificationWords = 6;
inline constexpr size_t kWordListSize = 2048;

// Word `index` (0 to 2047) of a list, in UTF-8 with its accents. CHECKs the index.
std::string_view WordAt(WordLanguage language, uint32_t index);

// What the words are computed from.
struct WordInput {
  const SecretBytes& mac_key;  // InvitationKeys::mac_key.
  BytesView tls_request;       // DER of the two signing requests.
  BytesView mls_request;
  merkle::Hash charter_hash{};
  merkle::Hash ca_fingerprint{};
};

// The first 66 bits of SHA-256("enlace words 1" ‖ mac key ‖ SHA-256(tls) ‖ SHA-256(mls) ‖ charter
// hash ‖ CA fingerprint), eleven bits a word. Index 0 is read first.
std::array<uint32_t, kVerificationWords> VerificationWordIndices(const WordInput& input);
std::array<std::string, kVerificationWords> VerificationWords(const WordInput& input,
                                                              WordLanguage language);

// Place of the word that the administrator has to type: 0 to 5, uniform.
size_t ChooseHiddenWord(crypto::Rng& rng);

// True when `typed` is `word` for a person: case, accents and surrounding space don't matter; ñ is
// taken as n.
bool SameWord(std::string_view typed, std::string_view word);

// `text` in lower case without accents (á → a, ñ → n, ü → u), as SameWord compares it.
std::string FoldWord(std::string_view text);

}  // namespace enlace::identity
