// Removal of metadata from JPEG files: ITU-T T.81 annex B (segments), CIPA DC-008 (EXIF).
#include <algorithm>

#include "client/alerts/attachments_check.h"
#include "client/texts/texts.h"

namespace enlace::alerts {
namespace {

using std::string_view_literals::operator""sv;

constexpr uint8_t kStartOfImage = 0xd8;
constexpr uint8_t kEndOfImage = 0xd9;
constexpr uint8_t kStartOfScan = 0xda;
constexpr uint8_t kApp0 = 0xe0;
constexpr uint8_t kApp1 = 0xe1;
constexpr uint8_t kApp2 = 0xe2;
constexpr uint8_t kApp13 = 0xed;
constexpr uint8_t kApp14 = 0xee;
constexpr uint8_t kApp15 = 0xef;
constexpr uint8_t kComment = 0xfe;
constexpr uint8_t kRestartFirst = 0xd0;
constexpr uint8_t kRestartLast = 0xd7;
constexpr std::string_view kExifHeader = "Exif\0\0"sv;
constexpr uint16_t kTagOrientation = 0x0112;
constexpr uint16_t kTagGps = 0x8825;
constexpr uint16_t kUsualOrientation = 1;

// What an EXIF block says that matters here.
struct Exif {
  uint16_t orientation = kUsualOrientation;
  bool has_coordinates = false;
};

// Numbers of a TIFF structure, in its own byte order; zero past the end.
class TiffReader {
 public:
  explicit TiffReader(BytesView tiff) : tiff_(tiff), little_(AsText(tiff).starts_with("II")) {}

  uint32_t Number(size_t offset, size_t width) const {
    if (offset > tiff_.size() || width > tiff_.size() - offset) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const size_t place = little_ ? width - 1 - i : i;
      value = value << 8 | tiff_[offset + place];
    }
    return value;
  }

 private:
  BytesView tiff_;
  bool little_;
};

Exif ReadExif(BytesView payload) {
  Exif exif;
  const BytesView tiff = payload.subspan(kExifHeader.size());
  const TiffReader reader(tiff);
  const size_t directory = reader.Number(4, 4);
  const size_t entries = std::min<size_t>(reader.Number(directory, 2), tiff.size() / 12);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * 12;
    const uint32_t tag = reader.Number(entry, 2);
    if (tag == kTagGps) exif.has_coordinates = true;
    if (tag == kTagOrientation)
      exif.orientation = static_cast<uint16_t>(reader.Number(entry + 8, 2));
  }
  return exif;
}

// An EXIF segment with the orientation and nothing else.
Bytes OrientationSegment(uint16_t orientation) {
  Bytes segment = {0xff, kApp1, 0, 34};
  Append(segment, AsBytes(kExifHeader));
  Append(segment, AsBytes("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"sv));
  segment.push_back(static_cast<uint8_t>(orientation));
  Append(segment, AsBytes("\0\0\0\0\0\0"sv));
  return segment;
}

class Stripper {
 public:
  explicit Stripper(BytesView jpeg) : rest_(jpeg) {}

  std::optional<StrippedJpeg> Run() {
    if (rest_.size() < 4 || rest_[0] != 0xff || rest_[1] != kStartOfImage) return std::nullopt;
    Keep(2);
    while (true) {
      if (rest_.size() < 2 || rest_[0] != 0xff) return std::nullopt;
      const uint8_t marker = rest_[1];
      if (marker == 0xff) {
        rest_ = rest_.subspan(1);  // fill byte (B.1.1.2)
        continue;
      }
      if (marker == kEndOfImage) return Finish();
      if (!Segment(marker)) return std::nullopt;
      if (marker == kStartOfScan) KeepScan();
    }
  }

 private:
  void Keep(size_t count) {
    Append(out_.bytes, rest_.first(count));
    rest_ = rest_.subspan(count);
  }

  void Told(std::string_view what) {
    if (std::ranges::find(out_.removed, what) == out_.removed.end())
      out_.removed.emplace_back(what);
  }

  // Keeps or drops one segment; false when it reaches past the end.
  bool Segment(uint8_t marker) {
    if (rest_.size() < 4) return false;
    const size_t length = static_cast<size_t>(rest_[2]) << 8 | rest_[3];
    if (length < 2 || length > rest_.size() - 2) return false;
    const BytesView payload = rest_.subspan(4, length - 2);
    if (IsPartOfThePicture(marker, payload)) {
      Keep(2 + length);
      return true;
    }
    Drop(marker, payload);
    rest_ = rest_.subspan(2 + length);
    return true;
  }

  static bool IsPartOfThePicture(uint8_t marker, BytesView payload) {
    const std::string_view text = AsText(payload);
    if (marker == kComment) return false;
    if (marker < kApp0 || marker > kApp15) return true;
    // JFIF's header, colour profiles and Adobe's colour transform change how the picture looks.
    return (marker == kApp0 && text.starts_with("JFIF\0"sv)) ||
           (marker == kApp2 && text.starts_with("ICC_PROFILE\0"sv)) ||
           (marker == kApp14 && text.starts_with("Adobe"sv));
  }

  void Drop(uint8_t marker, BytesView payload) {
    const std::string_view text = AsText(payload);
    if (marker == kComment) {
      Told(ENLACE_TEXT("comment"));
    } else if (marker == kApp1 && text.starts_with(kExifHeader)) {
      DropExif(payload);
    } else if (marker == kApp1) {
      Told(ENLACE_TEXT("XMP"));
    } else if (marker == kApp13) {
      Told(ENLACE_TEXT("IPTC"));
    } else {
      Told(ENLACE_TEXT("data of the camera"));
    }
  }

  void DropExif(BytesView payload) {
    const Exif exif = ReadExif(payload);
    const bool turned = exif.orientation > kUsualOrientation && exif.orientation <= 8;
    // A block of nothing but the orientation is what this function itself leaves.
    const Bytes bare = OrientationSegment(exif.orientation);
    if (turned && EqualBytes(payload, BytesView(bare).subspan(4))) {
      Append(out_.bytes, bare);
      return;
    }
    Told(exif.has_coordinates ? std::string_view(ENLACE_TEXT("EXIF with coordinates"))
                              : std::string_view(ENLACE_TEXT("EXIF")));
    if (turned) Append(out_.bytes, bare);
  }

  // Entropy-coded data up to the next marker that is neither a stuffed byte nor a restart.
  void KeepScan() {
    size_t end = 0;
    while (end + 1 < rest_.size()) {
      const uint8_t next = rest_[end + 1];
      const bool inside = next == 0 || (next >= kRestartFirst && next <= kRestartLast);
      if (rest_[end] == 0xff && !inside && next != 0xff) break;
      ++end;
    }
    if (end + 1 >= rest_.size()) end = rest_.size();
    Keep(end);
  }

  StrippedJpeg Finish() {
    Keep(2);
    if (!rest_.empty()) Told(ENLACE_TEXT("data after the picture"));
    return std::move(out_);
  }

  BytesView rest_;
  StrippedJpeg out_;
};

}  // namespace

std::optional<StrippedJpeg> StripJpegMetadata(BytesView jpeg) { return Stripper(jpeg).Run(); }

}  // namespace enlace::alerts
