#include <iostream>

#include "crypto/primitives/system_rng.h"
#include "server/app/commands.h"
#include "server/app/identity_files.h"
#include "server/app/server.h"
#include "server/app/talk.h"
#include "server/config/config.h"

namespace enlace::server {

int InitCommand(const CommandOptions& options) {
  const absl::StatusOr<Config> config = ReadConfig(options.config);
  if (!config.ok()) return Complain(config.status());
  const DataFolder folder(config->data_folder);
  crypto::SystemRng rng;
  const absl::Status made =
      CreateIdentity(folder, {config->public_name, config->further_names}, SystemNowMs(), rng);
  if (!made.ok()) return Complain(made);
  const absl::StatusOr<ServerIdentityFiles> identity = LoadIdentity(folder);
  if (!identity.ok()) return Complain(identity.status());
  std::cout << folder.identity().string() << '\n';
  Say(std::string(Text("Server ", "Servidor ")) + config->public_name +
      std::string(Text(", certificate ", ", certificado ")) +
      identity::ShortFingerprint(identity->certificate.fingerprint()));
  Say(Text("Take the file above to the charter: enlace-admin charter set --server FILE",
           "Lleve ese archivo al acta: enlace-admin charter set --server ARCHIVO"));
  Say(Text("Then write the charter's root into the configuration as charter_root.",
           "Después escriba la raíz del acta en la configuración, como charter_root."));
  return kExitDone;
}

}  // namespace enlace::server
