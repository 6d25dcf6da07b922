// Events, links, attachments, groups, the typed block, and what is recommended.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "client/alerts/attachments_check.h"
#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/countries.h"
#include "client/texts/durations.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {
namespace {

using alert::v1::AlertType;
using alert::v1::CaseAlert;
using alert::v1::Event;
using alert::v1::Group;
using alert::v1::Link;

constexpr double kLatitudeMax = 90;
constexpr double kLongitudeMax = 180;

std::string NumberText(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : "?";
}

void CheckCoordinates(const Event& event, const std::string& path, const Checked& checked) {
  const bool latitude_out = !(std::fabs(event.latitude()) <= kLatitudeMax);
  const bool longitude_out = !(std::fabs(event.longitude()) <= kLongitudeMax);
  const bool swapped = latitude_out && std::fabs(event.latitude()) <= kLongitudeMax &&
                       std::fabs(event.longitude()) <= kLatitudeMax;
  const Phrase swapped_text =
      swapped ? Phrase{" Latitude and longitude look swapped.", " Parecen invertidas."} : Phrase{};
  if (latitude_out) {
    checked.report.Error(Reason::kCoordinateRange, Under(path, "latitude"),
                         {Both("axis", "Latitude", "latitud"),
                          Same("value", NumberText(event.latitude())),
                          Same("range", "-90..90"),
                          {"swapped", swapped_text}});
  }
  if (longitude_out) {
    checked.report.Error(
        Reason::kCoordinateRange, Under(path, "longitude"),
        {Both("axis", "Longitude", "longitud"), Same("value", NumberText(event.longitude())),
         Same("range", "-180..180"), Same("swapped", "")});
  }
}

// An event cannot have happened after the alert; a forecast hazard can lie ahead.
void CheckEventTime(const Event& event, const std::string& path, const Checked& checked) {
  if (!event.has_at() || event.type() == alert::v1::EVENT_TYPE_HAZARD) return;
  const auto& server_ms = checked.context.server_time_ms;
  const bool by_server = server_ms.has_value();
  if (!by_server && !checked.alert.has_created_at()) return;
  const int64_t ahead_ms = ToMs(event.at()) - (by_server ? *server_ms : CreatedMs(checked.alert));
  if (ahead_ms <= kClockSkewMsMax) return;
  if (by_server) {
    const std::string span = std::to_string((ahead_ms + kHourMs / 2) / kHourMs) + " h";
    return checked.report.Warn(
        Reason::kClockSkew, Under(path, "at"),
        {Both("what",
              "Your clock differs from the server by " + span + "; the server's time governs.",
              "Su reloj difiere " + span + " del servidor; rige la hora del servidor.")});
  }
  checked.report.Warn(Reason::kDateInFuture, Under(path, "at"),
                      {Both("what", "The event is after the date of the alert.",
                            "El hecho es posterior a la alerta.")});
}

void CheckEventPlace(const Event& event, const std::string& path, const Checked& checked) {
  Report& report = checked.report;
  if (!event.country().empty()) CheckCountry(event.country(), Under(path, "country"), report);
  if (!event.subdivision().empty()) {
    const texts::Country* country = texts::FindCountry(event.country());
    const bool fits = IsSubdivision(event.subdivision()) &&
                      (country == nullptr || event.subdivision().starts_with(country->alpha2));
    if (!fits) {
      report.Error(Reason::kSubdivisionUnknown, Under(path, "subdivision"),
                   {Same("value", event.subdivision()),
                    Same("country", event.country().empty() ? "?" : event.country())});
    }
  }
  CheckCoordinates(event, path, checked);
}

void CheckEvent(const Event& event, const std::string& path, const Checked& checked) {
  Require(event.type() != 0, Under(path, "type"), checked.report);
  if (!event.time_zone().empty() && !texts::IsIanaZone(event.time_zone())) {
    checked.report.Error(Reason::kTimeZoneUnknown, Under(path, "time_zone"),
                         {Same("value", event.time_zone())});
  }
  if (event.has_at() && event.time_zone().empty()) {
    checked.report.Warn(
        Reason::kFieldRecommended, Under(path, "time_zone"),
        {Both("what", "Recommended: the time zone of the place, to read the time as local.",
              "Se recomienda la zona horaria del lugar, para leer la hora local.")});
  }
  if (CheckPartialDate(event.on(), Under(path, "on"), checked.report) &&
      checked.alert.has_created_at() && event.type() != alert::v1::EVENT_TYPE_HAZARD &&
      IsAfter(event.on(), CreatedMs(checked.alert) + kDayMs)) {
    checked.report.Warn(Reason::kDateInFuture, Under(path, "on"),
                        {Both("what", "The event is after the date of the alert.",
                              "El hecho es posterior a la alerta.")});
  }
  CheckEventTime(event, path, checked);
  CheckEventPlace(event, path, checked);
}

void CheckLink(const Link& link, const std::string& path, const Checked& checked) {
  Report& report = checked.report;
  Require(link.type() != 0, Under(path, "type"), report);
  if (!link.alert_id().empty()) CheckUuid(link.alert_id(), Under(path, "alert_id"), report);
  if (!link.case_ref().empty()) CheckCaseRef(link.case_ref(), Under(path, "case_ref"), report);
  if (link.type() == alert::v1::LINK_TYPE_EXTERNAL) {
    Require(!link.external_ref().empty(), Under(path, "external_ref"), report);
  } else {
    Require(!link.alert_id().empty() || !link.case_ref().empty(), Under(path, "alert_id"), report);
  }
  const bool same_case =
      link.type() == alert::v1::LINK_TYPE_UPDATES || link.type() == alert::v1::LINK_TYPE_CANCELS;
  if (same_case && !link.case_ref().empty() && link.case_ref() != checked.alert.case_ref()) {
    report.Error(
        Reason::kLinkInvalid, Under(path, "case_ref"),
        {Both("what", "An update belongs to its own case; link another one as RELATED.",
              "Una actualización pertenece a su propio caso; vincule otro como RELATED.")});
  }
}

void RequireLink(const Checked& checked) {
  const int type = checked.alert.message_type();
  if (type != alert::v1::MESSAGE_TYPE_UPDATE && type != alert::v1::MESSAGE_TYPE_CANCEL) return;
  const int wanted = type == alert::v1::MESSAGE_TYPE_UPDATE ? alert::v1::LINK_TYPE_UPDATES
                                                            : alert::v1::LINK_TYPE_CANCELS;
  const bool has = std::ranges::any_of(checked.alert.links(), [wanted](const Link& link) {
    return link.type() == wanted && !link.alert_id().empty();
  });
  if (!has) checked.report.Error(Reason::kLinkRequired, "links");
}

void CheckOneAttachment(const alert::v1::Attachment& attachment, const std::string& path,
                        const Checked& checked) {
  const AttachmentEntry entry{attachment.attachment_id(), attachment.file_name(),
                              attachment.media_type(), attachment.size_bytes(),
                              attachment.sha256()};
  const AttachmentFacts* facts = nullptr;
  if (checked.context.files != nullptr) {
    const auto found = checked.context.files->find(attachment.file_name());
    if (found == checked.context.files->end()) {
      checked.report.Error(Reason::kAttachmentFileMissing, path,
                           {Same("name", attachment.file_name())});
    } else {
      facts = &found->second;
    }
  }
  if (auto violation = CheckAttachment(entry, facts, path))
    checked.report.Add(std::move(*violation));
}

std::string_view BlockIn(const CaseAlert& alert) {
  const auto* oneof = CaseAlert::descriptor()->FindOneofByName("detail");
  const auto* field = alert.GetReflection()->GetOneofFieldDescriptor(alert, oneof);
  return field == nullptr ? std::string_view() : std::string_view(field->name());
}

// Types of which a place or a time is what others can act on.
bool NeedsEvents(AlertType type) {
  switch (type) {
    case alert::v1::ALERT_TYPE_MISSING_MIGRANT:
    case alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD:
    case alert::v1::ALERT_TYPE_SEPARATED_CHILD:
    case alert::v1::ALERT_TYPE_DETAINED_NATIONAL:
    case alert::v1::ALERT_TYPE_DEATH_OR_REMAINS:
    case alert::v1::ALERT_TYPE_STRANDED_MIGRANTS:
    case alert::v1::ALERT_TYPE_LIFE_AT_RISK:
    case alert::v1::ALERT_TYPE_MASS_EVENT:
      return true;
    default:
      return false;
  }
}

bool HasTextIn(const CaseAlert& alert, std::string_view language) {
  const auto matches = [language](const std::string& tag) {
    return tag.substr(0, tag.find('-')) == language;
  };
  return matches(alert.language()) ||
         std::ranges::any_of(alert.translations(), [&](const auto& translation) {
           return matches(translation.language());
         });
}

void Recommend(bool present, std::string_view field, std::string_view en, std::string_view es,
               Report& report) {
  if (present) return;
  report.Warn(
      Reason::kFieldRecommended, field,
      {Both("what", "Recommended: " + std::string(en), "Se recomienda " + std::string(es))});
}

}  // namespace

std::string_view BlockOf(AlertType type) {
  switch (type) {
    case alert::v1::ALERT_TYPE_MISSING_MIGRANT:
      return "missing";
    case alert::v1::ALERT_TYPE_UNACCOMPANIED_CHILD:
    case alert::v1::ALERT_TYPE_SEPARATED_CHILD:
      return "child";
    case alert::v1::ALERT_TYPE_DETAINED_NATIONAL:
      return "detention";
    case alert::v1::ALERT_TYPE_DEATH_OR_REMAINS:
      return "death";
    case alert::v1::ALERT_TYPE_TRAFFICKING_VICTIM:
    case alert::v1::ALERT_TYPE_LABOUR_EXPLOITATION:
      return "trafficking";
    case alert::v1::ALERT_TYPE_SMUGGLING_INTELLIGENCE:
      return "smuggling";
    case alert::v1::ALERT_TYPE_ASSISTED_RETURN:
    case alert::v1::ALERT_TYPE_RETURN_NOTIFICATION:
      return "return_request";
    case alert::v1::ALERT_TYPE_MASS_EVENT:
      return "mass_event";
    default:
      return "";
  }
}

void CheckEvents(const Checked& checked) {
  for (int i = 0; i < checked.alert.events_size(); ++i) {
    CheckEvent(checked.alert.events(i), Indexed("events", i), checked);
  }
}

void CheckLinks(const Checked& checked) {
  RequireLink(checked);
  for (int i = 0; i < checked.alert.links_size(); ++i) {
    CheckLink(checked.alert.links(i), Indexed("links", i), checked);
  }
}

void CheckAttachments(const Checked& checked) {
  const auto& attachments = checked.alert.attachments();
  if (attachments.size() > kAttachmentsMax) {
    checked.report.Error(Reason::kListTooLong, "attachments",
                         {Same("count", std::to_string(attachments.size())),
                          Same("limit", std::to_string(kAttachmentsMax))});
  }
  std::set<std::string> ids;
  std::set<std::string> names;
  for (int i = 0; i < attachments.size(); ++i) {
    const std::string path = Indexed("attachments", i);
    CheckOneAttachment(attachments.Get(i), path, checked);
    const bool new_id = ids.insert(attachments.Get(i).attachment_id()).second;
    const bool new_name = names.insert(attachments.Get(i).file_name()).second;
    if (new_id && new_name) continue;
    checked.report.Error(Reason::kAttachmentDuplicate, path,
                         {Both("what", "Another attachment has the same id or file name.",
                               "Otro adjunto tiene el mismo identificador o nombre de archivo.")});
  }
}

void CheckGroup(const Checked& checked) {
  if (!checked.alert.has_group()) return;
  const Group& group = checked.alert.group();
  const uint64_t by_sex = uint64_t{group.women()} + group.men() + group.girls() + group.boys();
  uint64_t by_nationality = 0;
  for (int i = 0; i < group.by_nationality_size(); ++i) {
    const auto& share = group.by_nationality(i);
    by_nationality += share.count();
    if (texts::IsIcaoPersonCode(share.country())) continue;
    CheckCountry(share.country(), Under(Indexed("group.by_nationality", i), "country"),
                 checked.report);
  }
  const auto exceed = [&](uint64_t sum, std::string_view field) {
    if (sum <= group.total()) return;
    const std::string text = std::to_string(sum);
    const std::string total = std::to_string(group.total());
    checked.report.Error(
        Reason::kGroupCount, field,
        {Both("what", "The parts add up to " + text + ", more than the total of " + total + ".",
              "Las partes suman " + text + ", más que el total de " + total + ".")});
  };
  exceed(by_sex, "group.total");
  exceed(by_nationality, "group.by_nationality");
  exceed(group.unaccompanied_children(), "group.unaccompanied_children");
}

void CheckDetail(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  const std::string_view wanted = BlockOf(alert.alert_type());
  const std::string_view block = BlockIn(alert);
  if (!wanted.empty() && !block.empty() && wanted != block) {
    checked.report.Warn(Reason::kDetailMismatch, block, {Same("block", block)});
  }
  const alert::v1::Evaluation& evaluation = alert.evaluation();
  if (alert.alert_type() == alert::v1::ALERT_TYPE_SMUGGLING_INTELLIGENCE &&
      (evaluation.source() == 0 || evaluation.information() == 0)) {
    checked.report.Error(Reason::kEvaluationRequired, "evaluation");
  }
}

void CheckRecommended(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  // In an update or a cancellation what is absent is unchanged.
  if (alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT ||
      checked.context.side == Side::kReceiver)
    return;
  Report& report = checked.report;
  Recommend(alert.has_response_due_at(), "response_due_at", "by when the answer is needed.",
            "indicar para cuándo se necesita la respuesta.", report);
  Recommend(HasTextIn(alert, "es") && HasTextIn(alert, "en"), "translations",
            "the text in Spanish and in English.", "el texto en español y en inglés.", report);
  if (alert.alert_type() != alert::v1::ALERT_TYPE_SMUGGLING_INTELLIGENCE) {
    Recommend(alert.evaluation().source() != 0, "evaluation",
              "the evaluation of source and information (4x4).",
              "evaluar la fuente y la información (4x4).", report);
  }
  Recommend(alert.persons_size() > 0 || alert.has_group() ||
                alert.alert_type() == alert::v1::ALERT_TYPE_GENERAL_REQUEST,
            "persons", "the persons, or a group in numbers.",
            "indicar las personas, o un grupo en números.", report);
  Recommend(alert.events_size() > 0 || !NeedsEvents(alert.alert_type()), "events",
            "what happened where and when.", "indicar qué ocurrió, dónde y cuándo.", report);
  const std::string_view block = BlockOf(alert.alert_type());
  Recommend(block.empty() || !BlockIn(alert).empty(), block, "the block of this type of alert.",
            "el bloque de este tipo de alerta.", report);
}

}  // namespace enlace::alerts
