#include "crypto/room/packed_content.h"

#include <sodium.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string_view>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "crypto/room/limits.h"

namespace enlace::room {
namespace {

constexpr size_t kFrameBytes = sizeof(uint16_t) + sizeof(uint32_t);
// No header and no checksum: the ciphertext around it is authenticated.
constexpr int kRawDeflate = -MAX_WBITS;
constexpr int kMostMemory = MAX_MEM_LEVEL;

// The likeliest words stand last, where they cost least. A change needs another version.
constexpr std::string_view kDictionary =
    "Ministerio de Relaciones Exteriores Secretaría de Gobernación Instituto Nacional de Migración "
    "Consulado General de Embajada de Dirección General de Protección Consular Policía Nacional "
    "Fiscalía General Procuraduría Ministry of Foreign Affairs Consulate General Department Border "
    "Police Unit missing person was last seen unaccompanied child family travelling with birth "
    "certificate passport identity document number victim of trafficking migrant smuggling "
    "hospital "
    "shelter detention centre police station information about the whereabouts of the relatives "
    "Costa Rica, Panamá, República Dominicana, Estados Unidos, Canadá, Belice, Nicaragua, "
    "El Salvador, Guatemala, Honduras, México la frontera entre niña, niño o adolescente no "
    "acompañado albergue terminal de autobuses estación migratoria centro de detención hospital "
    "pasaporte documento nacional de identidad acta de nacimiento teléfono correo electrónico "
    "fotografía consentimiento difusión pública autoridades familia madre padre hermana hermano "
    "hija hijo abuela Se solicita información sobre el paradero de la persona desaparecida que fue "
    "vista por última vez en la Unidad de Migrantes de los para con del por una sin "
    "image/jpegapplication/pdf.jpg.pdf+1+52+501+502+503+504+505+506+507+1809"
    "America/Mexico_CityAmerica/TegucigalpaAmerica/GuatemalaAmerica/New_YorkAmerica/"
    "persons[p1].family_namesgiven_namesatt-00000001p1p2p3 .police.prosecution.migration"
    ".child-protection.trafficking.consular CANBLZDOMCRIPANNICSLVUSAGTMMEXHND es en "
    "pa.consularcr.consularsv.consularni.consulargt.consularus.consularmx.consularhn.consular"
    "ofc-pa-0ofc-sv-0ofc-gt-0ofc-us-0ofc-mx-0ofc-hn-0GT-2026-000US-2026-000MX-2026-000HN-2026-000";

// zlib's state and window hold plaintext: each block knows its size, so that it is wiped.
void* TakeMemory(void*, unsigned count, unsigned size) {
  constexpr size_t kHead = alignof(std::max_align_t);
  const size_t bytes = size_t{count} * size;
  auto* block = static_cast<uint8_t*>(std::malloc(kHead + bytes));
  if (block == nullptr) return nullptr;
  *reinterpret_cast<size_t*>(block) = bytes;
  return block + kHead;
}

void WipeMemory(void*, void* address) {
  constexpr size_t kHead = alignof(std::max_align_t);
  uint8_t* block = static_cast<uint8_t*>(address) - kHead;
  sodium_memzero(block, kHead + *reinterpret_cast<size_t*>(block));
  std::free(block);
}

z_stream StreamBetween(BytesView in, std::span<uint8_t> out) {
  z_stream stream{};
  stream.zalloc = TakeMemory;
  stream.zfree = WipeMemory;
  // zlib reads through a pointer to non-const and writes nothing there.
  stream.next_in = const_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  return stream;
}

const Bytef* DictionaryBytes() { return reinterpret_cast<const Bytef*>(kDictionary.data()); }

bool IsPacked(BytesView bytes) {
  return bytes.size() >= sizeof(uint16_t) && (bytes[0] << 8 | bytes[1]) == kPackedContentVersion;
}

}  // namespace

absl::StatusOr<SecretBytes> PackContent(BytesView content) {
  if (content.size() > kPackedContentBytesMax) return InvalidArgument("content is over its limit");
  SecretBytes packed(kFrameBytes + compressBound(content.size()) + kDictionary.size());
  codec::Writer frame;
  frame.U16(kPackedContentVersion);
  frame.U32(static_cast<uint32_t>(content.size()));
  std::copy(frame.view().begin(), frame.view().end(), packed.mutable_view().begin());
  z_stream stream = StreamBetween(content, packed.mutable_view().subspan(kFrameBytes));
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kRawDeflate, kMostMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "no memory to pack content in");
  }
  int done = deflateSetDictionary(&stream, DictionaryBytes(), kDictionary.size());
  if (done == Z_OK) done = deflate(&stream, Z_FINISH);
  const size_t deflated = stream.total_out;
  deflateEnd(&stream);
  if (done != Z_STREAM_END) return MakeStatus(absl::StatusCode::kInternal, "deflate did not end");
  packed.Truncate(kFrameBytes + deflated);
  if (packed.size() >= content.size() && !IsPacked(content)) return SecretBytes::CopyOf(content);
  return packed;
}

absl::StatusOr<SecretBytes> UnpackContent(BytesView packed) {
  if (!IsPacked(packed)) return SecretBytes::CopyOf(packed);
  codec::Reader frame(packed);
  uint16_t version = 0;
  uint32_t size = 0;
  ENLACE_RETURN_IF_ERROR(frame.ReadU16(version));
  ENLACE_RETURN_IF_ERROR(frame.ReadU32(size));
  if (size > kPackedContentBytesMax) return InvalidArgument("packed content is over its limit");
  SecretBytes content(size);
  z_stream stream = StreamBetween(packed.subspan(kFrameBytes), content.mutable_view());
  if (inflateInit2(&stream, kRawDeflate) != Z_OK)
    return MakeStatus(absl::StatusCode::kResourceExhausted, "no memory to unpack content in");
  int done = inflateSetDictionary(&stream, DictionaryBytes(), kDictionary.size());
  if (done == Z_OK) done = inflate(&stream, Z_FINISH);
  const bool whole = done == Z_STREAM_END && stream.avail_in == 0 && stream.total_out == size;
  inflateEnd(&stream);
  if (!whole) return InvalidArgument("packed content is broken");
  return content;
}

}  // namespace enlace::room
