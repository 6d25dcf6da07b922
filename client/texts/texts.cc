#include "client/texts/texts.h"

#include <cstddef>
#include <cstring>
#include <optional>

namespace enlace::texts {

// The compiled catalogue (client/texts/CMakeLists.txt).
extern const unsigned char kCatalogueEs[];
extern const size_t kCatalogueEsSize;

namespace {

constexpr char kContextEnd = '\004';
constexpr size_t kMoCountOffset = 8;
constexpr size_t kMoOriginalsOffset = 12;
constexpr size_t kMoTranslationsOffset = 16;

// A compiled catalogue of GNU gettext ("The Format of GNU MO Files"), in the byte order of this
// machine, which made it.
class Catalogue {
 public:
  Catalogue(const unsigned char* data, size_t size) : data_(data), size_(size) {}

  // The translation of `key`; for a plural, all forms separated by zeros.
  std::optional<std::string_view> Find(std::string_view key) const {
    size_t low = 0;
    size_t high = Number(kMoCountOffset);
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      const int order = Original(middle).compare(key);
      if (order == 0) return Entry(kMoTranslationsOffset, middle);
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return std::nullopt;
  }

 private:
  uint32_t Number(size_t offset) const {
    uint32_t value = 0;
    if (offset + sizeof value <= size_) std::memcpy(&value, data_ + offset, sizeof value);
    return value;
  }

  std::string_view Entry(size_t table_offset, size_t index) const {
    const size_t row = Number(table_offset) + index * 8;
    const size_t length = Number(row);
    const size_t start = Number(row + 4);
    if (start > size_ || length > size_ - start) return {};
    return {reinterpret_cast<const char*>(data_ + start), length};
  }

  // A plural's entry is "singular\0plural"; its key is the singular.
  std::string_view Original(size_t index) const {
    const std::string_view entry = Entry(kMoOriginalsOffset, index);
    return entry.substr(0, entry.find('\0'));
  }

  const unsigned char* data_;
  size_t size_;
};

std::string_view WithoutContext(std::string_view msgid) {
  const size_t end = msgid.find(kContextEnd);
  return end == std::string_view::npos ? msgid : msgid.substr(end + 1);
}

std::optional<std::string_view> Translation(Language language, std::string_view msgid) {
  if (language != Language::kSpanish || msgid.empty()) return std::nullopt;
  return Catalogue(kCatalogueEs, kCatalogueEsSize).Find(msgid);
}

// Appends the value of `name`; false when there is none.
bool AppendArgument(Arguments arguments, std::string_view name, std::string& out) {
  for (const auto& [key, value] : arguments) {
    if (key != name) continue;
    out += value;
    return true;
  }
  return false;
}

}  // namespace

std::string FillPlaceholders(std::string_view pattern, Arguments arguments) {
  std::string out;
  while (!pattern.empty()) {
    const size_t open = pattern.find('{');
    const size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
    if (close == std::string_view::npos) break;
    out += pattern.substr(0, open);
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    if (!AppendArgument(arguments, name, out)) out += pattern.substr(open, close - open + 1);
    pattern.remove_prefix(close + 1);
  }
  out += pattern;
  return out;
}

std::string Text(Language language, std::string_view msgid) {
  return std::string(Translation(language, msgid).value_or(WithoutContext(msgid)));
}

std::string Text(Language language, std::string_view msgid, Arguments arguments) {
  return FillPlaceholders(Translation(language, msgid).value_or(WithoutContext(msgid)), arguments);
}

std::string Plural(Language language, std::string_view singular, std::string_view plural,
                   uint64_t count, Arguments arguments) {
  std::string_view form = count == 1 ? WithoutContext(singular) : plural;
  if (const auto forms = Translation(language, singular)) {
    const size_t end = forms->find('\0');
    if (count == 1) form = forms->substr(0, end);
    if (count != 1 && end != std::string_view::npos) form = forms->substr(end + 1);
  }
  const std::string number = std::to_string(count);
  return FillPlaceholders(FillPlaceholders(form, {{"count", number}}), arguments);
}

bool HasText(Language language, std::string_view msgid) {
  return language == Language::kEnglish || Translation(language, msgid).has_value();
}

}  // namespace enlace::texts
