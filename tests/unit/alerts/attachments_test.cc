#include <gtest/gtest.h>

#include "client/alerts/attachments_check.h"

namespace enlace::alerts {
namespace {

using std::string_view_literals::operator""sv;

std::string Sniff(std::string_view bytes) { return SniffMediaType(AsBytes(bytes)); }

TEST(Attachments, Kind_IsFoundInTheBytes) {
  EXPECT_EQ(Sniff("\x7f"
                  "ELF\x02"sv),
            "application/x-elf");
  EXPECT_EQ(Sniff("MZ\x90\0"sv), "application/x-msdownload");
  EXPECT_EQ(Sniff("#!/bin/sh\n"), "text/x-script");
  EXPECT_EQ(Sniff("\xff\xd8\xff\xe0"sv), "image/jpeg");
  EXPECT_EQ(Sniff("\x89PNG\r\n\x1a\n"sv), "image/png");
  EXPECT_EQ(Sniff("RIFF\x01\x01\x01\x01WEBPVP8 "sv), "image/webp");
  EXPECT_EQ(Sniff("\0\0\0\x18"
                  "ftypmp42"sv),
            "video/mp4");
  EXPECT_EQ(Sniff("OggS\0"sv), "audio/ogg");
  EXPECT_EQ(Sniff("%PDF-1.7"), "application/pdf");
  EXPECT_EQ(Sniff("PK\x03\x04"sv), "application/zip");
  EXPECT_EQ(Sniff("Declaración de la señora\r\n"), "text/plain");
  EXPECT_EQ(Sniff("<!DOCTYPE html><script>"), "text/html");
  EXPECT_EQ(Sniff(" <svg xmlns="), "text/html");
  EXPECT_EQ(Sniff("\x01\x02\x03"sv), "application/octet-stream");
  EXPECT_EQ(Sniff(""), "application/octet-stream");
  // A character cut at the end of what was read is still text.
  EXPECT_EQ(Sniff("se\xc3"sv), "text/plain");
}

TEST(Attachments, OfficeFiles_AreToldFromArchives) {
  const std::string head = std::string("PK\x03\x04") + std::string(26, 'x');
  EXPECT_EQ(Sniff(head + "[Content_Types].xml ... word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  EXPECT_EQ(Sniff(head + "mimetypeapplication/vnd.oasis.opendocument.textPK\x03\x04"),
            "application/vnd.oasis.opendocument.text");
  EXPECT_FALSE(IsAllowedMediaType("application/zip"));
  EXPECT_FALSE(IsAllowedMediaType("text/html"));
  EXPECT_FALSE(IsAllowedMediaType("application/x-elf"));
  EXPECT_TRUE(IsAllowedMediaType("audio/ogg"));
}

AttachmentEntry Entry() { return {"att-1", "foto.jpg", "image/jpeg", 4, std::string(64, 'a')}; }
AttachmentFacts Facts() { return {4, std::string(64, 'a'), "image/jpeg"}; }

TEST(Attachments, SoundEntry_HasNoViolation) {
  const AttachmentFacts facts = Facts();
  EXPECT_FALSE(CheckAttachment(Entry(), &facts, "attachments[0]"));
  EXPECT_FALSE(CheckAttachment(Entry(), nullptr, "attachments[0]"));
}

TEST(Attachments, SizeTypeAndHash_AreJudgedTogether) {
  AttachmentFacts facts = Facts();
  facts.size_bytes = 5;
  EXPECT_EQ(CheckAttachment(Entry(), &facts, "a")->message_en, "Content has 5 bytes, not 4.");
  AttachmentEntry entry = Entry();
  entry.sha256 = "abc";
  entry.media_type = "application/zip";
  const auto violation = CheckAttachment(entry, nullptr, "a");
  ASSERT_TRUE(violation);
  EXPECT_NE(violation->message_es.find("64 dígitos"), std::string::npos);
  EXPECT_NE(violation->message_es.find("application/zip"), std::string::npos);
  entry = Entry();
  entry.size_bytes = kAttachmentSizeBytesMax + 1;
  EXPECT_TRUE(CheckAttachment(entry, nullptr, "a"));
}

TEST(Attachments, PathTricks_AreNoFileNames) {
  for (const std::string_view name :
       {"../x.jpg"sv, "a/b.jpg"sv, "a\\b.jpg"sv, "C:x.jpg"sv, ".."sv, "."sv, ""sv, "-rf"sv,
        ".hidden"sv, "x."sv, "x "sv, "con"sv, "NUL.txt"sv, "lpt1.jpg"sv, "a\0b"sv, "a\nb.jpg"sv,
        "photo\u202egpj.exe"sv, "a|b"sv, "\xff.jpg"sv}) {
    EXPECT_FALSE(IsSafeFileName(name)) << name;
  }
  for (const char* name :
       {"foto_rostro.jpg", "último audio.ogg", "console.txt", "a.b.c", "日本.png"}) {
    EXPECT_TRUE(IsSafeFileName(name)) << name;
  }
  EXPECT_FALSE(IsSafeFileName(std::string(256, 'a')));
}

TEST(Attachments, SaveName_IsNeverTheSenders) {
  EXPECT_EQ(SafeSaveName("att-0feeb5f5", "image/jpeg"), "att-0feeb5f5.jpg");
  EXPECT_EQ(SafeSaveName("../../etc/x", "application/x-elf"), "______etc_x.bin");
  EXPECT_EQ(SafeSaveName("", "audio/ogg"), "att_.ogg");
  EXPECT_TRUE(IsSafeFileName(SafeSaveName("-rf", "text/plain")));
}

// A segment of a JPEG file.
std::string Segment(char marker, std::string_view payload) {
  std::string out = {'\xff', marker};
  const size_t length = payload.size() + 2;
  out += static_cast<char>(length >> 8);
  out += static_cast<char>(length & 0xff);
  return out.append(payload);
}

// EXIF in the given byte order with an orientation and, if wanted, a block of coordinates.
std::string Exif(bool little, char orientation, bool coordinates) {
  const auto number = [little](uint32_t value, int width) {
    std::string out;
    for (int i = 0; i < width; ++i)
      out += static_cast<char>(value >> (8 * (little ? i : width - 1 - i)));
    return out;
  };
  std::string tiff =
      (little ? "II" : "MM") + number(42, 2) + number(8, 4) + number(coordinates ? 2 : 1, 2);
  tiff += number(0x0112, 2) + number(3, 2) + number(1, 4) +
          number(static_cast<uint32_t>(orientation), 2) + number(0, 2);
  if (coordinates) tiff += number(0x8825, 2) + number(4, 2) + number(1, 4) + number(99, 4);
  return Segment('\xe1', std::string("Exif\0\0"sv) + tiff + number(0, 4));
}

const std::string kJfif = Segment('\xe0', "JFIF\0\x01\x02\0\0\x01\0\x01\0\0"sv);
const std::string kPicture = Segment('\xdb', "quantisation") + Segment('\xc0', "frame") +
                             Segment('\xda', "scan") + std::string("\x12\xff\0\x34\xff\xd0\x56"sv) +
                             Segment('\xda', "second") + "\x78\xff\xd9";
const std::string kStart = "\xff\xd8";

StrippedJpeg Strip(const std::string& jpeg) {
  const auto stripped = StripJpegMetadata(AsBytes(jpeg));
  EXPECT_TRUE(stripped);
  return stripped.value_or(StrippedJpeg());
}

TEST(Jpeg, PictureWithoutMetadata_IsUntouched) {
  const std::string jpeg = kStart + kJfif + kPicture;
  const StrippedJpeg stripped = Strip(jpeg);
  EXPECT_EQ(ToText(stripped.bytes), jpeg);
  EXPECT_TRUE(stripped.removed.empty());
}

TEST(Jpeg, CoordinatesCommentsAndEditorsBlocks_AreRemovedAndTold) {
  const std::string jpeg = kStart + kJfif + Exif(true, 1, true) +
                           Segment('\xe1', "http://ns.adobe.com/xap/1.0/\0<x/>"sv) +
                           Segment('\xed', "Photoshop 3.0") + Segment('\xfe', "by hand") +
                           Segment('\xe5', "maker") + kPicture + "hidden after the end";
  const StrippedJpeg stripped = Strip(jpeg);
  EXPECT_EQ(ToText(stripped.bytes), kStart + kJfif + kPicture);
  EXPECT_EQ(stripped.removed,
            (std::vector<std::string>{"EXIF with coordinates", "XMP", "IPTC", "comment",
                                      "data of the camera", "data after the picture"}));
}

TEST(Jpeg, ColourProfileAndTransform_Stay) {
  const std::string jpeg =
      kStart + Segment('\xe2', "ICC_PROFILE\0data"sv) + Segment('\xee', "Adobe\0d"sv) + kPicture;
  EXPECT_EQ(ToText(Strip(jpeg).bytes), jpeg);
}

TEST(Jpeg, Orientation_SurvivesAlone_InBothByteOrders) {
  for (const bool little : {true, false}) {
    const StrippedJpeg once = Strip(kStart + Exif(little, 6, true) + kPicture);
    EXPECT_EQ(once.removed, std::vector<std::string>{"EXIF with coordinates"});
    EXPECT_EQ(ToText(once.bytes), kStart + Exif(false, 6, false) + kPicture);
    // What is left is not removed, and not told, a second time.
    const StrippedJpeg twice = Strip(ToText(once.bytes));
    EXPECT_EQ(twice.bytes, once.bytes);
    EXPECT_TRUE(twice.removed.empty());
  }
}

TEST(Jpeg, EveryPrefix_IsRefusedWithoutReadingPastTheEnd) {
  const std::string jpeg = kStart + kJfif + Exif(true, 6, true) + kPicture;
  for (size_t size = 0; size < jpeg.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read past it.
    const Bytes prefix = ToBytes(AsBytes(std::string_view(jpeg).substr(0, size)));
    EXPECT_FALSE(StripJpegMetadata(prefix)) << size;
  }
  EXPECT_FALSE(StripJpegMetadata(AsBytes("\x89PNG\r\n\x1a\n"sv)));
}

}  // namespace
}  // namespace enlace::alerts
