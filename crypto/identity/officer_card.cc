#include "crypto/identity/officer_card.h"

#include <algorithm>

#include "crypto/codec/fields.h"
#include "crypto/identity/ids.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr uint16_t kCardVersion = 1;
constexpr size_t kPhoneBytesMax = 16;
constexpr size_t kLanguageBytesMax = 24;

absl::Status CheckCard(const OfficerCard& card) {
  if (!IsDisplayText(card.display_name, kCardNameBytesMax)) {
    return InvalidArgument("card's name is empty, too long or can't be shown");
  }
  if (card.phones.size() > kCardPhonesMax ||
      !std::all_of(card.phones.begin(), card.phones.end(), IsPhone)) {
    return InvalidArgument("card has too many phones or one that is not E.164");
  }
  if (card.languages.size() > kCardLanguagesMax ||
      !std::all_of(card.languages.begin(), card.languages.end(), IsLanguageTag)) {
    return InvalidArgument("card has too many languages or one that is not BCP 47");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Bytes> EncodeOfficerCard(const OfficerCard& card) {
  ENLACE_RETURN_IF_ERROR(CheckCard(card));
  codec::Writer writer;
  writer.U16(kCardVersion);
  codec::WriteText(card.display_name, writer);
  codec::WriteTextList(card.phones, writer);
  codec::WriteTextList(card.languages, writer);
  return writer.Take();
}

absl::StatusOr<OfficerCard> DecodeOfficerCard(BytesView bytes) {
  codec::Reader reader(bytes);
  OfficerCard card;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kCardVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kCardNameBytesMax, card.display_name));
  ENLACE_RETURN_IF_ERROR(
      codec::ReadTextList(reader, {kCardPhonesMax, kPhoneBytesMax}, card.phones));
  ENLACE_RETURN_IF_ERROR(
      codec::ReadTextList(reader, {kCardLanguagesMax, kLanguageBytesMax}, card.languages));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  ENLACE_RETURN_IF_ERROR(CheckCard(card));
  return card;
}

absl::StatusOr<merkle::Hash> CommitToCard(BytesView salt, const OfficerCard& card) {
  if (salt.size() != kCardSaltBytes) return InvalidArgument("card's salt is not 32 bytes");
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, EncodeOfficerCard(card));
  return merkle::Sha256({salt, encoded});
}

}  // namespace enlace::identity
