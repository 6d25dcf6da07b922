// enlace-server: the delivery service. See commands.h.
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "proto/errors/guarded_main.h"
#include "server/app/commands.h"
#include "server/app/talk.h"
#include "server/config/config.h"

namespace enlace::server {
namespace {

struct Verb {
  const char* name;
  const char* english;
  const char* spanish;
  int (*run)(const CommandOptions&);
};

constexpr Verb kVerbs[] = {
    {"init", "make the server's key; print what the charter needs",
     "crea la clave del servidor; muestra lo que el acta necesita", &InitCommand},
    {"run", "serve (systemd does this)", "sirve (lo hace systemd)", &RunCommand},
    {"check", "config, key, charter, ports, disk; no side effects",
     "configuración, clave, acta, puertos, disco; no cambia nada", &CheckCommand},
    {"status", "from the running server: health, lag, disk, log head",
     "del servidor en marcha: salud, retraso, disco, registro", &StatusCommand},
    {"backup", "consistent copy while serving; prints the log head in it",
     "copia coherente mientras sirve; muestra hasta dónde llega", &BackupCommand},
    {"restore", "into an empty folder; starts in recovery (see docs)",
     "en una carpeta vacía; arranca en recuperación (vea la guía)", &RestoreCommand},
    {"verify", "every chain, count and checksum of a data folder",
     "todas las cadenas, cuentas y sumas de una carpeta", &VerifyCommand},
    {"compact", "free the space of what was deleted, and say how much",
     "libera el espacio de lo borrado y dice cuánto", &CompactCommand},
};

void AddOptions(CLI::App& command, const std::string& name, CommandOptions& options) {
  command.add_option("--config", options.config, "/etc/enlace/server.toml");
  if (name == "run") {
    command.add_option("--ports-file", options.ports_file);
    command.add_flag("--declare-loss", options.declare_loss);
  }
  if (name == "backup" || name == "restore") {
    command.add_option("DIR", options.folder)->required();
  }
  if (name == "verify") command.add_option("DIR", options.folder);
  if (name == "status" || name == "verify" || name == "backup" || name == "compact") {
    command.add_flag("--json", options.json);
  }
}

int Main(int argc, char** argv) {
  CLI::App app(std::string(Text("The delivery service of Enlace.",
                                "El servicio de entrega de "
                                "Enlace.")),
               "enlace-server");
  app.require_subcommand(1);
  CommandOptions options;
  options.config = kConfigPathDefault;
  for (const Verb& verb : kVerbs) {
    CLI::App* command =
        app.add_subcommand(verb.name, std::string(Text(verb.english, verb.spanish)));
    AddOptions(*command, verb.name, options);
  }
  // The parser reports by exception what our functions report by status.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  for (const Verb& verb : kVerbs) {
    if (app.got_subcommand(verb.name)) return verb.run(options);
  }
  return kExitUsage;
}

}  // namespace
}  // namespace enlace::server

int main(int argc, char** argv) { return enlace::GuardedMain(enlace::server::Main, argc, argv); }
