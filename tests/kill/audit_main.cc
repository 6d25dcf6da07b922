// kill_audit FOLDER: judges the journals of a kill test; exits 1 when there is a finding.
#include <cstdio>

#include "tests/kill/audit.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: kill_audit FOLDER\n");
    return 2;
  }
  const enlace::testing::AuditReport report = enlace::testing::Audit(argv[1]);
  for (const std::string& finding : report.findings) std::printf("%s\n", finding.c_str());
  std::printf("%llu acknowledged, %llu delivered, %llu rooms, %zu findings\n",
              static_cast<unsigned long long>(report.acknowledged),
              static_cast<unsigned long long>(report.delivered),
              static_cast<unsigned long long>(report.rooms), report.findings.size());
  return report.findings.empty() ? 0 : 1;
}
