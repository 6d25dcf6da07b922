// verify: who vouches for an office or an officer. Needs neither vault nor network.

#include "client/cli/commands.h"
#include "client/cli/registry_copy.h"
#include "client/cli/verify_view.h"

namespace enlace::client {

int RunVerify(App& app, const std::string& subject) {
  absl::StatusOr<std::unique_ptr<RegistryReplica>> replica = OpenReplicaOf(app.profile());
  if (!replica.ok()) return app.Fail(replica.status());
  const absl::StatusOr<VerifyView> view = Verify((*replica)->registry(), subject, app.now_ms());
  if (!view.ok()) return app.Fail(view.status());
  app.Show("verify", RenderVerify(*view, app.MakeScreen()), JsonOf(*view));
  return 0;
}

}  // namespace enlace::client
