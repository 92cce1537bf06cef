#include "services/registry/api/bootstrap.h"

#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/registry/domain/errors.h"
#include "services/registry/domain/mistakes.h"
#include "services/registry/domain/resident.h"
#include "services/registry/domain/text.h"
#include "services/registry/storage/person_store.h"
#include "services/registry/storage/place_store.h"
#include "smederij/policy/v1/access.pb.h"

namespace smederij::registry {

absl::StatusOr<Bootstrapped> Bootstrap(pg::Pool& pool, const Pseudonyms& pseudonyms,
                                       const std::string& name, const std::string& subject,
                                       bool additional, absl::Time deadline) {
  Mistakes mistakes;
  mistakes.AddIf(!IsPlainText(name, 200), "--municipality", "must be 1 to 200 bytes of plain text");
  mistakes.AddIf(!IsSubject(subject), "--subject",
                 "must be 1 to 128 printable characters without blanks");
  RETURN_IF_ERROR(mistakes.status("BAD_REQUEST", "the municipality cannot be made"));
  const Municipality municipality{.id = MunicipalityId::Random(), .name = name};
  const auto make = [&](pg::Tx& tx) -> absl::StatusOr<Bootstrapped> {
    ASSIGN_OR_RETURN(const bool empty, LockIfEmpty(tx));
    if (!empty && !additional) return NotEmpty();
    RETURN_IF_ERROR(InsertMunicipality(tx, municipality));
    ASSIGN_OR_RETURN(const Person person,
                     EnsurePerson(tx, pseudonyms.PersonKey(subject), municipality.id));
    RETURN_IF_ERROR(InsertGrant(tx, municipality.id, person.id, policy::v1::ROLE_ADMINISTRATOR,
                                std::nullopt, 0, std::nullopt)
                        .status());
    return Bootstrapped{.municipality = municipality.id, .administrator = person.id};
  };
  return pg::Transact(pool, {.deadline = deadline}, make);
}

}  // namespace smederij::registry
