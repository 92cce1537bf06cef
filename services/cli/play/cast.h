#pragma once

// The people of a played round, besides its residents: the subjects under which the identity
// provider knows them. Each has one role, so that what needs two people really meets two.
namespace smederij::cli {

inline constexpr char kAdministrator[] = "official:administrator";
inline constexpr char kRegistrar[] = "official:registrar";
inline constexpr char kAreaDirector[] = "official:area-director";
inline constexpr char kTeamMember[] = "official:team-member";
inline constexpr char kTreasurer[] = "official:treasurer";
inline constexpr char kBudgetHolder[] = "official:budget-holder";
inline constexpr char kPaymentApprover[] = "official:payment-approver";
inline constexpr char kFirstOfficial[] = "official:first-election-official";
inline constexpr char kSecondOfficial[] = "official:second-election-official";

}  // namespace smederij::cli
