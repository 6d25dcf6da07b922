// new and update: templates to fill in.

#include "client/alerts/template.h"
#include "client/cli/commands.h"
#include "client/cli_common/text_file.h"
#include "client/texts/code_names.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using texts::CodeKind;

constexpr size_t kCodeColumns = 28;

// "MISSING_MIGRANT" as it is typed: missing-migrant.
std::string Typed(std::string_view code) {
  std::string typed(code);
  for (char& c : typed) c = c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return typed;
}

int ShowTypes(App& app) {
  nlohmann::json rows = nlohmann::json::array();
  Page page;
  for (const texts::CodeRow& row : texts::CodeTable(CodeKind::kAlertType)) {
    const std::string name =
        texts::CodeName(app.console().language(), CodeKind::kAlertType, row.number);
    page.lines.push_back("  " + texts::PadRight(Typed(row.code), kCodeColumns) + name);
    rows.push_back({{"type", Typed(row.code)}, {"code", row.code}, {"name", name}});
  }
  app.Show("new", page, {{"types", rows}});
  return 0;
}

// The template as the command's result: on stdout, or as a new file.
int Give(App& app, const TemplateOptions& options, const std::string& text) {
  const Console& console = app.console();
  if (options.out.empty()) {
    std::string_view rest = text;
    while (rest.ends_with('\n')) rest.remove_suffix(1);
    console.Line(rest);
    console.Json(options.name, {{"template", text}});
    return 0;
  }
  const absl::Status written = WriteWholeFile({options.out, /*replace=*/false}, AsBytes(text));
  if (!written.ok()) return app.Fail(written);
  console.Line(console.T(ENLACE_TEXT("{tick} saved as {path}"),
                         {{"tick", console.glyphs().tick}, {"path", options.out}}));
  console.Next(console.T(ENLACE_TEXT("Fill it in, then: enlace check {path} · enlace send --new "
                                     "{path}"),
                         {{"path", options.out}}));
  console.Json(options.name, {{"path", options.out}});
  return 0;
}

}  // namespace

absl::Status UnknownType(texts::Language language, const std::string& word,
                         std::string_view program) {
  const std::string what =
      word.empty()
          ? texts::Text(language, ENLACE_TEXT("a type is missing: enlace new --list"))
          : texts::Text(language, ENLACE_TEXT("\"{word}\" is none of the types: enlace new --list"),
                        {{"word", word}});
  return MakeError(Reason::kUsage, {{"what", what}, {"program", std::string(program)}});
}

int RunNew(App& app, const TemplateOptions& options) {
  if (options.list) return ShowTypes(app);
  const std::optional<int> type = texts::CodeNumber(CodeKind::kAlertType, options.subject);
  if (!type) return app.Fail(UnknownType(app.console().language(), options.subject, "enlace new"));
  return Give(app, options, alerts::AlertTemplate(*type, app.console().language()));
}

int RunUpdate(App& app, const TemplateOptions& options) {
  absl::StatusOr<OpenVault> open = app.Open();
  if (!open.ok()) return app.Fail(open.status());
  const absl::StatusOr<std::string> case_ref = open->reader->Resolve(options.subject, app.now_ms());
  if (!case_ref.ok()) return app.Fail(case_ref.status());
  const absl::StatusOr<std::string> text =
      open->reader->UpdateTemplate(*case_ref, app.console().language());
  if (!text.ok()) return app.Fail(text.status());
  return Give(app, options, *text);
}

}  // namespace enlace::client
