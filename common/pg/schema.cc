#include "common/pg/schema.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace smederij::pg {

std::string FenceOf(const Schema& schema) {
  if (schema.service.empty()) return "";
  return absl::StrCat("SELECT version FROM ", schema.service, ".migration WHERE version > ",
                      schema.version, " ORDER BY version DESC LIMIT 1");
}

absl::Status SchemaNewer(const Schema& schema, int32_t database_version) {
  return Error(kUnavailable, "SCHEMA_NEWER",
               absl::StrCat("the database was migrated to version ", database_version,
                            ", this replica is of version ", schema.version,
                            ": it writes nothing any more; stop it, and call a newer one"))
      .With("database_version", database_version)
      .With("version", schema.version);
}

}  // namespace smederij::pg
