// The other half of the matrix: a role held elsewhere. A round is played; then everybody whose role
// would do in another municipality, or in another district of this one, tries every method that
// asks for a place, with a request that names what really is there.
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "tests/e2e/callers.h"
#include "tests/e2e/played.h"

namespace smederij::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Somebody of the village that was played.
constexpr char kResident[] = "resident:noordveld-3";

// A correction of the round that waits for somebody to decide on it.
std::string Proposed(const Town& town, const std::string& round) {
  const nlohmann::json result =
      nlohmann::json::parse(town.Smederij({"result", round, "--json"}).out);
  std::string loser;
  for (const nlohmann::json& plan : result.at("plans")) {
    if (plan.at("decision") == "DECISION_AWARDED") continue;
    loser = absl::StrCat(plan.at("number").get<int>(), "=100");
  }
  const Ended proposed =
      town.Smederij({"round", "correct", round, "--plan", loser, "--decision=A-6", "--json",
                     "--token-file=" + TokenFile(town, "official:area-director", "proposals")});
  EXPECT_EQ(proposed.code, 0) << proposed.err;
  return nlohmann::json::parse(proposed.out).at("correction_id");
}

// What a played town holds, by the name of the field that asks for it.
std::map<std::string, std::string> Held(Town& town) {
  const auto one = [&](const char* service, const std::string& sql) {
    const Ended ended = Run({"psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                             "--dbname", town.cluster().Conninfo("postgres", service), "--command",
                             absl::StrCat(sql, " LIMIT 1")});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return std::string(absl::StripAsciiWhitespace(ended.out));
  };
  const std::string round = one("proposals", "SELECT round_id FROM proposals.round");
  return {{"municipality_id", one("registry", "SELECT municipality_id FROM registry.district")},
          {"district_id", one("registry", "SELECT district_id FROM registry.district")},
          {"budget_id", one("ledger", "SELECT budget_id FROM ledger.commitment")},
          {"plan_id", one("ledger", "SELECT plan_id FROM ledger.commitment")},
          {"commitment_id", one("ledger", "SELECT commitment_id FROM ledger.commitment")},
          {"payment_id", one("ledger", "SELECT payment_id FROM ledger.payment")},
          {"payee_id", one("ledger", "SELECT payee_id FROM ledger.payee")},
          {"charter_id", one("registry", "SELECT charter_id FROM registry.charter")},
          {"grant_id",
           one("registry", absl::StrCat("SELECT grant_id FROM registry.role_grant WHERE role <> ",
                                        policy::v1::ROLE_ADMINISTRATOR))},
          {"round_id", round},
          {"correction_id", Proposed(town, round)},
          {"idea_id", one("proposals", "SELECT idea_id FROM proposals.idea")},
          {"group_id", one("proposals", "SELECT group_id FROM proposals.initiative_group")}};
}

// Pages begin at the beginning; of fields that exclude each other one is enough.
const std::set<std::string> kLeftOut = {"page_token", "condition",    "rest",
                                        "entry_type", "receipts_due", "overdue_on"};
const std::set<std::string> kLeftOutThere = {"FindOnRollRequest.name",
                                             "FindOnRollRequest.birth_date"};

// The instants of a round, in their order; hours from now.
const std::map<std::string, int> kInstants = {{"freeze_at", 1},  {"issue_from", 2},
                                              {"cast_from", 2},  {"issue_until", 3},
                                              {"cast_until", 3}, {"answer_until", 4}};

class Filler {
 public:
  explicit Filler(const std::map<std::string, std::string>& held) : held_(held) {}

  void Fill(Message& message) const {
    const auto* const type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* const field = type->field(i);
      const auto* const choice = field->real_containing_oneof();
      if (choice != nullptr && choice->field(0) != field) continue;
      if (kLeftOut.count(field->name()) > 0 || kLeftOutThere.count(Where(*field)) > 0) continue;
      Set(message, *field);
    }
  }

 private:
  static std::string Where(const FieldDescriptor& field) {
    return absl::StrCat(field.containing_type()->name(), ".", field.name());
  }

  void Set(Message& message, const FieldDescriptor& field) const {
    const auto& at = *message.GetReflection();
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (const auto instant = kInstants.find(field.name()); instant != kInstants.end()) {
          google::protobuf::Timestamp time;
          time.set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(instant->second)));
          at.MutableMessage(&message, &field)->ParseFromString(time.SerializeAsString());
          return;
        }
        Fill(many ? *at.AddMessage(&message, &field) : *at.MutableMessage(&message, &field));
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        if (many) {
          at.AddString(&message, &field, Text(field));
        } else {
          at.SetString(&message, &field, Text(field));
        }
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        if (!many) at.SetInt64(&message, &field, absl::StrContains(field.name(), "vat") ? 0 : 1);
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!many)
          at.SetInt32(&message, &field, absl::StrContains(field.name(), "year") ? 2026 : 1);
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (!many) at.SetUInt32(&message, &field, 1);
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        // A role that can be granted is not the first.
        if (!many) at.SetEnumValue(&message, &field, field.name() == "role" ? 3 : 1);
        return;
      default:
        return;
    }
  }

  std::string Text(const FieldDescriptor& field) const {
    const std::string& name = field.name();
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      return std::string(name == "blinded_message" ? 384 : 32, 'x');
    }
    if (const auto known = held_.find(name); known != held_.end()) return known->second;
    // Fields that name many: plan_ids.
    if (const auto known = held_.find(name.substr(0, name.size() - 1)); known != held_.end()) {
      return known->second;
    }
    if (name == "from_budget_id" || name == "to_budget_id") return held_.at("budget_id");
    if (absl::EndsWith(name, "_id")) return Uuid::Random().ToString();
    if (name == "subject") return kResident;
    if (Where(field) == "IssueCredentialWithTicketRequest.code") return "12345678";
    if (name == "iban") return "NL91ABNA0417164300";
    if (name == "currency") return "EUR";
    if (name == "postcodes") return "7901 AB";
    if (name == "taakveld" || name == "category") return "";
    for (const char* const day : {"date", "day", "payable_from"}) {
      if (absl::StrContains(name, day)) return "2026-11-26";
    }
    return "words";
  }

  const std::map<std::string, std::string>& held_;
};

const std::map<std::string, std::set<std::string>> kToldOtherwise = {
    // In the municipality of whoever calls, whichever it is: there is no other place to name, and
    // what is really there of another one is not found.
    {"BooksService.SetLedgerCodes", {"OK"}},
    {"PayeeService.RegisterPayee", {"OK"}},
    {"RegistryService.ImportResidents", {"OK"}},
    {"RegistryService.ListGrants", {"OK"}},
    {"RegistryService.CreateDistrict", {"MUNICIPALITY_NOT_FOUND"}},
    {"RegistryService.GrantRole", {"DISTRICT_NOT_FOUND"}},
    {"RegistryService.EraseResident", {"RESIDENT_NOT_FOUND"}},
    {"RegistryService.RevokeRole", {"GRANT_NOT_FOUND"}}};

// Of methods that refuse for much else, what the same requests are told from here: they name what
// is there, so the place alone stood in their way.
const std::map<std::string, std::string> kToldHere = {
    {"PollingService.FindOnRoll", "STATION_NOT_FOUND"},
    {"PollingService.IssueCredentialWithTicket", "STATION_NOT_FOUND"},
    {"ProposalsService.CreateRound", "OK"},
    {"ProposalsService.DecideCorrection", "OK"},
    {"ProposalsService.RescheduleRound", "WRONG_PHASE"},
    {"ProposalsService.WithdrawCorrection", "CORRECTION_DECIDED"},
    {"RegistryService.EraseResident", "OK"},
    {"RegistryService.RevokeRole", "OK"}};

TEST(Elsewhere, ARoleCountsWhereItIsHeld) {
  Town town;
  const Ended played = town.Play();
  ASSERT_EQ(played.code, 0) << played.err;
  const auto held = Held(town);
  for (const auto& [name, value] : held) ASSERT_TRUE(Uuid::Parse(value)) << name << " " << value;
  const MunicipalityId here(*Uuid::Parse(held.at("municipality_id")));
  Callers callers(town);
  google::protobuf::DynamicMessageFactory messages;
  std::map<std::string, std::set<std::string>> otherwise;
  std::map<std::string, std::function<std::string()>> from_here;
  for (const Method* method : AllMethods()) {
    const auto& access = AccessOf(*method);
    const bool district = access.scope() == policy::v1::SCOPE_DISTRICT;
    if (!district && access.scope() != policy::v1::SCOPE_MUNICIPALITY) continue;
    const std::unique_ptr<Message> request(messages.GetPrototype(method->input_type())->New());
    Filler(held).Fill(*request);
    std::vector<rpc::Grant> whole, elsewhere;
    for (const int role : access.roles()) {
      whole.push_back({.role = static_cast<rpc::Role>(role)});
      elsewhere.push_back({.role = static_cast<rpc::Role>(role), .district = DistrictId::Random()});
    }
    std::vector<std::string> tokens = {callers.Token(*method, MunicipalityId::Random(), whole)};
    if (district) tokens.push_back(callers.Token(*method, here, elsewhere));
    const auto told = [&callers, method, bytes = request->SerializeAsString()](
                          const std::string& token) -> std::string {
      const absl::Status status = callers.Call(*method, {.token = token}, bytes);
      return status.ok() ? "OK" : ReasonOf(status);
    };
    const std::string name = absl::StrCat(method->service()->name(), ".", method->name());
    for (const std::string& token : tokens) {
      const std::string reason = told(token);
      if (reason == "OTHER_MUNICIPALITY" || reason == "ROLE_NOT_HELD_THERE") continue;
      otherwise[name].insert(reason);
    }
    if (kToldHere.count(name) > 0) {
      from_here[name] = [told, token = callers.Token(*method, here, whole)] { return told(token); };
    }
  }
  // Of a new method that is not refused for its place it has to be said here why that is right.
  EXPECT_EQ(otherwise, kToldOtherwise);
  std::map<std::string, std::string> told_here;
  for (const auto& [name, ask] : from_here) told_here[name] = ask();
  EXPECT_EQ(told_here, kToldHere);
}

}  // namespace
}  // namespace smederij::e2e
