#include "client/cli/doctor_view.h"

#include <cstdlib>
#include <vector>

#include "client/cli/sheet.h"
#include "client/texts/display.h"
#include "client/texts/durations.h"
#include "client/texts/time_format.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kLabelColumns = 16;

bool DiskIsFull(const DoctorView& view) { return view.disk_free_bytes < kDiskBytesMin; }

bool ClockIsOff(const DoctorView& view) {
  return view.clock_offset_ms && std::abs(*view.clock_offset_ms) > kDoctorClockMsMax;
}

bool CertificateEnds(const DoctorView& view) {
  return view.certificate_until_ms != 0 &&
         view.certificate_until_ms - view.now_ms < kDoctorCertificateMsMin;
}

std::string ProblemText(const absl::Status& status, const Sheet& sheet) {
  const bool spanish = sheet.screen().language() == texts::Language::kSpanish;
  return sheet.Safe(ErrorText(status, spanish ? ErrorLanguage::kSpanish : ErrorLanguage::kEnglish));
}

class Drawer {
 public:
  Drawer(const DoctorView& view, Sheet& sheet) : view_(view), sheet_(sheet) {}

  void Draw() {
    Item(view_.vault.ok(), sheet_.T("Vault"),
         view_.vault.ok() ? sheet_.T("opens") : ProblemText(view_.vault, sheet_));
    Item(!DiskIsFull(view_), sheet_.T("Disk"),
         sheet_.T("{size} free", {{"size", texts::ByteSize(language(), view_.disk_free_bytes)}}));
    if (!view_.vault.ok()) return;
    Item(view_.network.ok(), sheet_.T("Network"),
         view_.network.ok() ? sheet_.T("{server} answers", {{"server", view_.server}})
                            : ProblemText(view_.network, sheet_));
    Item(view_.session.ok(), sheet_.T("Server"),
         view_.session.ok()
             ? sheet_.T("online, {ms} ms", {{"ms", std::to_string(view_.round_trip_ms)}})
             : ProblemText(view_.session, sheet_));
    Clock();
    Item(!CertificateEnds(view_), sheet_.T("Certificate"),
         sheet_.T("valid until {day} ({days} days)",
                  {{"day", texts::IsoDay(view_.certificate_until_ms)},
                   {"days", std::to_string(std::max<int64_t>(
                                0, (view_.certificate_until_ms - view_.now_ms) / kDayMs))}}));
    Item(view_.registry.ok(), sheet_.T("Identity"),
         view_.registry.ok()
             ? sheet_.T(
                   "{entries} entries, seen {time}",
                   {{"entries", texts::Count(language(), view_.registry_entries)},
                    {"time", texts::Relative(language(), view_.registry_seen_at_ms, view_.now_ms)}})
             : ProblemText(view_.registry, sheet_));
    Item(true, sheet_.T("Queue"),
         view_.queued == 0
             ? sheet_.T("nothing queued")
             : sheet_.T("{count} queued", {{"count", texts::Count(language(), view_.queued)}}));
  }

 private:
  texts::Language language() const { return sheet_.screen().language(); }

  void Clock() {
    if (!view_.clock_offset_ms) {
      Item(true, sheet_.T("Clock"), sheet_.T("not compared yet: the server was never reached"));
      return;
    }
    Item(!ClockIsOff(view_), sheet_.T("Clock"),
         ClockIsOff(view_) ? sheet_.T("differs by {span} from the server's; set it",
                                      {{"span", texts::Span(language(), *view_.clock_offset_ms)}})
                           : sheet_.T("right"));
  }

  void Item(bool sound, const std::string& label, const std::string& text) {
    const texts::Glyphs& glyphs = sheet_.screen().glyphs();
    const std::string mark(sound ? glyphs.tick : glyphs.cross);
    sheet_.Field(texts::PadRight(mark, 3) + texts::PadRight(label, kLabelColumns - 3), text);
  }

  const DoctorView& view_;
  Sheet& sheet_;
};

nlohmann::json ItemJson(const absl::Status& status) {
  return {{"ok", status.ok()},
          {"reason", InfoOf(status).name},
          {"message", status.ok() ? "" : ErrorText(status, ErrorLanguage::kEnglish)}};
}

}  // namespace

absl::Status DoctorVerdict(const DoctorView& view) {
  ENLACE_RETURN_IF_ERROR(view.vault);
  if (DiskIsFull(view)) return MakeError(Reason::kDiskFull, {{"path", "vault.db"}});
  ENLACE_RETURN_IF_ERROR(view.network);
  ENLACE_RETURN_IF_ERROR(view.session);
  ENLACE_RETURN_IF_ERROR(view.registry);
  if (ClockIsOff(view))
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "the clock is not right");
  if (CertificateEnds(view))
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "the certificate ends soon");
  return absl::OkStatus();
}

Page RenderDoctor(const DoctorView& view, const Screen& screen) {
  Sheet sheet(screen);
  Drawer(view, sheet).Draw();
  sheet.Line();
  const absl::Status verdict = DoctorVerdict(view);
  const bool spanish = screen.language() == texts::Language::kSpanish;
  const std::string hint =
      ErrorHint(verdict, spanish ? ErrorLanguage::kSpanish : ErrorLanguage::kEnglish);
  sheet.Text(verdict.ok()   ? sheet.T("All is well.")
             : hint.empty() ? sheet.T("Tell your administrator what stands at the cross.")
                            : sheet.Safe(hint));
  return sheet.Take();
}

nlohmann::json JsonOf(const DoctorView& view) {
  nlohmann::json clock = nullptr;
  if (view.clock_offset_ms) clock = *view.clock_offset_ms;
  return {{"ok", DoctorVerdict(view).ok()},
          {"vault", ItemJson(view.vault)},
          {"disk_free_bytes", view.disk_free_bytes},
          {"server", view.server},
          {"network", ItemJson(view.network)},
          {"session", ItemJson(view.session)},
          {"clock_offset_ms", clock},
          {"round_trip_ms", view.round_trip_ms},
          {"certificate_until", view.certificate_until_ms == 0
                                    ? nlohmann::json()
                                    : nlohmann::json(texts::Rfc3339(view.certificate_until_ms))},
          {"registry", ItemJson(view.registry)},
          {"registry_entries", view.registry_entries},
          {"queued", view.queued}};
}

}  // namespace enlace::client
