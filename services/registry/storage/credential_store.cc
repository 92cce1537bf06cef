#include "services/registry/storage/credential_store.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "common/crypto/hash.h"
#include "common/pg/now.h"
#include "common/pg/sqlstate.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/roll_store.h"

namespace smederij::registry {
namespace {

using Rounds = std::vector<RoundId>;
using People = std::vector<SubjectId>;
using ByteStrings = std::vector<pg::Bytes>;

struct CaseRow {
  Voter voter;
  IssueCase of_voter;
};

constexpr pg::Statement<CaseRow(Rounds, People)> kLookUp{"registry.look_up", R"sql(
  SELECT e.round_id, e.person_id, e.class_id, c.issuer_key_id, k.blinded_message, k.blind_signature,
         k.channel
    FROM unnest($1::uuid[], $2::uuid[]) AS asked (round_id, person_id)
    JOIN registry.entitlement e USING (round_id, person_id)
    JOIN registry.roll_class c USING (round_id, class_id)
    LEFT JOIN registry.credential k USING (round_id, person_id))sql"};
// Everything in one round trip: most calls of an evening are this.
constexpr pg::Statement<RollCase(RoundId, SubjectId)> kLookUpOne{"registry.look_up_one", R"sql(
  SELECT r.round_id, r.municipality_id, r.district_id, r.state, r.reference_date, r.issue_from,
         r.issue_until, r.k_min, r.manifest_hash, r.failure, clock_timestamp(),
         e.class_id, c.issuer_key_id, k.blinded_message, k.blind_signature, k.channel
    FROM registry.roll r
    LEFT JOIN registry.entitlement e ON e.round_id = r.round_id AND e.person_id = $2
    LEFT JOIN registry.roll_class c ON c.round_id = r.round_id AND c.class_id = e.class_id
    LEFT JOIN registry.credential k ON k.round_id = r.round_id AND k.person_id = $2
   WHERE r.round_id = $1)sql"};
constexpr pg::Statement<pg::Bytes(RoundId, Hash)> kSealedKey{"registry.sealed_key", R"sql(
  SELECT sealed_key FROM registry.roll_class
   WHERE round_id = $1 AND issuer_key_id = $2 AND sealed_key IS NOT NULL)sql"};
constexpr pg::Statement<RoundId(Rounds)> kShareRolls{"registry.share_rolls", R"sql(
  SELECT round_id FROM registry.roll WHERE round_id = ANY ($1) ORDER BY round_id FOR SHARE)sql"};
// Sorted, so that two replicas that meet wait for each other instead of deadlocking.
constexpr pg::Statement<SubjectId(Rounds, People, ByteStrings, ByteStrings)> kInsert{
    "registry.insert_credentials", R"sql(
  INSERT INTO registry.credential (round_id, person_id, blinded_message, blind_signature)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[])
    AS new (round_id, person_id, message, signature) ORDER BY round_id, person_id
  ON CONFLICT ON CONSTRAINT credential_pkey DO NOTHING
  RETURNING person_id)sql"};
constexpr pg::Statement<int64_t(Rounds, People, ByteStrings, ByteStrings)> kIssueAtKiosk{
    "registry.issue_at_kiosk", R"sql(
  SELECT registry.issue_at_kiosk($1, $2, $3, $4))sql"};
constexpr pg::Statement<pg::GuardRecord(int64_t, pg::Bytes)> kAdvance{"registry.advance_issuance",
                                                                      R"sql(
  UPDATE registry.issuance
     SET commit_no = commit_no + 1, size = size + $1, root = sha256(root || $2)
  RETURNING commit_no, size, root)sql"};
constexpr pg::Statement<pg::GuardRecord()> kIssuance{"registry.issuance", R"sql(
  SELECT commit_no, size, root FROM registry.issuance)sql"};

// The last five columns of a look-up.
IssueCase NextCase(pg::Columns& row) {
  IssueCase found;
  const auto class_id = row.Next<std::optional<int32_t>>();
  const auto key_id = row.Next<std::optional<Hash>>();
  auto message = row.Next<std::optional<pg::Bytes>>();
  auto signature = row.Next<std::optional<pg::Bytes>>();
  if (const auto channel = row.Next<std::optional<int16_t>>()) {
    found.channel = static_cast<Channel>(*channel);
  }
  const bool struck = found.channel == Channel::kPaper || found.channel == Channel::kKiosk;
  // Without a key the roll is not open, and nothing is compared with it.
  if (class_id) {
    found.entitlement = Entitlement{.class_id = static_cast<uint32_t>(*class_id),
                                    .issuer_key_id = key_id.value_or(Hash{}),
                                    .struck = struck && !message};
  }
  if (message && signature) {
    found.earlier = Issued{.blinded_message = std::move(message->value),
                           .blind_signature = std::move(signature->value)};
  }
  return found;
}

CaseRow Decode(pg::Columns& row, pg::As<CaseRow>) {
  CaseRow out;
  out.voter.round = row.Next<RoundId>();
  out.voter.person = row.Next<SubjectId>();
  out.of_voter = NextCase(row);
  return out;
}

// What was issued, in one order, as one digest for the running root.
pg::Bytes DigestOf(const std::vector<NewCredential>& issued) {
  std::vector<const NewCredential*> sorted;
  for (const NewCredential& one : issued) sorted.push_back(&one);
  const auto by_voter = [](const auto* a, const auto* b) { return a->voter < b->voter; };
  std::sort(sorted.begin(), sorted.end(), by_voter);
  crypto::ByteWriter bytes;
  for (const NewCredential* one : sorted) {
    bytes.Raw(one->voter.round.uuid().bytes()).Raw(one->voter.person.uuid().bytes());
    bytes.Raw(crypto::Sha256(one->blinded_message));
  }
  return pg::Bytes(crypto::ToBytes(crypto::Sha256(bytes.bytes())));
}

}  // namespace
}  // namespace smederij::registry

namespace smederij::pg {

// Beside its type, where argument-dependent lookup finds it.
static GuardRecord Decode(Columns& row, As<GuardRecord>) {
  return {.commit_no = row.Next<int64_t>(),
          .size = row.Next<int64_t>(),
          .root = row.Next<std::array<uint8_t, 32>>()};
}

}  // namespace smederij::pg

namespace smederij::registry {

// Beside its type, where argument-dependent lookup finds it.
static RollCase Decode(pg::Columns& row, pg::As<RollCase>) {
  RollCase out;
  out.roll = Decode(row, pg::As<Roll>{});
  out.now = row.Next<absl::Time>();
  out.of_voter = NextCase(row);
  return out;
}

absl::StatusOr<RollCase> LookUp(pg::Tx& tx, const Voter& voter) {
  ASSIGN_OR_RETURN(std::optional<RollCase> found, tx.Maybe(kLookUpOne, voter.round, voter.person));
  if (!found) return RollNotFound();
  return *std::move(found);
}

absl::StatusOr<std::optional<pg::Bytes>> SealedKey(pg::Tx& tx, RoundId round, const Hash& key_id) {
  return tx.Maybe(kSealedKey, round, key_id);
}

absl::StatusOr<std::vector<Roll>> ShareRolls(pg::Tx& tx, const std::vector<RoundId>& rounds) {
  ASSIGN_OR_RETURN(const std::vector<RoundId> shared, tx.All(kShareRolls, rounds));
  std::vector<Roll> rolls;
  for (const RoundId round : shared) {
    // A statement of its own, so that it sees what was committed while the lock was waited for.
    ASSIGN_OR_RETURN(Roll roll, GetRoll(tx, round));
    rolls.push_back(std::move(roll));
  }
  return rolls;
}

absl::StatusOr<std::vector<IssueCase>> LookUpAll(pg::Tx& tx, const std::vector<Voter>& voters) {
  Rounds rounds;
  People people;
  for (const Voter& voter : voters) {
    rounds.push_back(voter.round);
    people.push_back(voter.person);
  }
  ASSIGN_OR_RETURN(std::vector<CaseRow> rows, tx.All(kLookUp, rounds, people));
  std::map<Voter, IssueCase> found;
  for (CaseRow& row : rows) found.emplace(row.voter, std::move(row.of_voter));
  std::vector<IssueCase> cases;
  for (const Voter& voter : voters) cases.push_back(found[voter]);
  return cases;
}

absl::Status InsertCredentials(pg::Tx& tx, const std::vector<NewCredential>& credentials) {
  struct Columns {
    Rounds rounds;
    People people;
    ByteStrings messages, signatures;
  };
  Columns fresh, at_kiosks;
  for (const NewCredential& one : credentials) {
    Columns& to = one.at_kiosk ? at_kiosks : fresh;
    to.rounds.push_back(one.voter.round);
    to.people.push_back(one.voter.person);
    to.messages.emplace_back(one.blinded_message);
    to.signatures.emplace_back(one.blind_signature);
  }
  // Another replica, or a desk, was first for one of them; the rerun finds what it did.
  if (!fresh.people.empty()) {
    ASSIGN_OR_RETURN(const People stored,
                     tx.All(kInsert, fresh.rounds, fresh.people, fresh.messages, fresh.signatures));
    if (stored.size() < fresh.people.size()) return pg::Rerun("credential_raced");
  }
  if (!at_kiosks.people.empty()) {
    ASSIGN_OR_RETURN(const int64_t filled, tx.One(kIssueAtKiosk, at_kiosks.rounds, at_kiosks.people,
                                                  at_kiosks.messages, at_kiosks.signatures));
    if (filled < static_cast<int64_t>(at_kiosks.people.size())) {
      return pg::Rerun("credential_raced");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<pg::GuardRecord> AdvanceIssuance(pg::Tx& tx,
                                                const std::vector<NewCredential>& issued) {
  if (issued.empty()) return IssuanceRecord(tx);
  return tx.One(kAdvance, static_cast<int64_t>(issued.size()), DigestOf(issued));
}

absl::StatusOr<pg::GuardRecord> IssuanceRecord(pg::Tx& tx) { return tx.One(kIssuance); }

absl::Span<const pg::AnyStatement> CredentialStatements() {
  static const pg::AnyStatement kAll[] = {kLookUp, kLookUpOne,    kSealedKey, kShareRolls,
                                          kInsert, kIssueAtKiosk, kAdvance,   kIssuance};
  return kAll;
}

}  // namespace smederij::registry
