#include "services/cli/bank/pain001.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/cli/document/xml_writer.h"

namespace smederij::cli {
namespace {

constexpr absl::string_view kNamespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
constexpr absl::string_view kCurrency = "EUR";
constexpr size_t kNameMax = 70, kRemittanceMax = 140;  // Of the European Payments Council.

int64_t SumOf(const TransferOrder& order) {
  int64_t sum = 0;
  for (const Transfer& transfer : order.transfers) sum += transfer.cents;
  return sum;
}

void PutTotals(const TransferOrder& order, XmlWriter& xml) {
  xml.Put("NbOfTxs", static_cast<int64_t>(order.transfers.size()));
  xml.PutAmount("CtrlSum", SumOf(order));
}

void PutParty(absl::string_view role, absl::string_view name, XmlWriter& xml) {
  xml.Open(role);
  xml.Put("Nm", Fitting(name, kNameMax));
  xml.Close(role);
}

void PutAccount(absl::string_view role, absl::string_view iban, XmlWriter& xml) {
  xml.Open(role);
  xml.Open("Id");
  xml.Put("IBAN", iban);
  xml.Close("Id");
  xml.Close(role);
}

void PutTransfer(const Transfer& transfer, XmlWriter& xml) {
  xml.Open("CdtTrfTxInf");
  xml.Open("PmtId");
  xml.Put("EndToEndId", transfer.end_to_end_id);
  xml.Close("PmtId");
  xml.Open("Amt");
  xml.PutAmount("InstdAmt", kCurrency, transfer.cents);
  xml.Close("Amt");
  PutParty("Cdtr", transfer.name, xml);
  PutAccount("CdtrAcct", transfer.iban, xml);
  xml.Open("RmtInf");
  xml.Put("Ustrd", Fitting(transfer.invoice, kRemittanceMax));
  xml.Close("RmtInf");
  xml.Close("CdtTrfTxInf");
}

}  // namespace

bool IbanHolds(absl::string_view iban) {
  constexpr size_t kMin = 15, kMax = 34;
  if (iban.size() < kMin || iban.size() > kMax) return false;
  int remainder = 0;
  for (const char c : absl::StrCat(iban.substr(4), iban.substr(0, 4))) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      remainder = (remainder * 10 + (c - '0')) % 97;
    } else if (absl::ascii_isupper(static_cast<unsigned char>(c))) {
      remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
    } else {
      return false;
    }
  }
  return remainder == 1;
}

void WritePain001(const TransferOrder& order, std::ostream& out) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"" << kNamespace << "\">\n";
  XmlWriter xml(out);
  xml.Open("CstmrCdtTrfInitn");
  xml.Open("GrpHdr");
  xml.Put("MsgId", order.message_id);
  xml.Put("CreDtTm", order.made_at);
  PutTotals(order, xml);
  PutParty("InitgPty", order.debtor_name, xml);
  xml.Close("GrpHdr");
  xml.Open("PmtInf");
  xml.Put("PmtInfId", order.message_id);
  xml.Put("PmtMtd", "TRF");
  xml.Put("BtchBookg", "false");
  PutTotals(order, xml);
  xml.Open("PmtTpInf");
  xml.Open("SvcLvl");
  xml.Put("Cd", "SEPA");
  xml.Close("SvcLvl");
  xml.Close("PmtTpInf");
  xml.Open("ReqdExctnDt");
  xml.Put("Dt", order.execution_day);
  xml.Close("ReqdExctnDt");
  PutParty("Dbtr", order.debtor_name, xml);
  PutAccount("DbtrAcct", order.debtor_iban, xml);
  xml.Open("DbtrAgt");
  xml.Open("FinInstnId");
  xml.Open("Othr");
  xml.Put("Id", "NOTPROVIDED");
  xml.Close("Othr");
  xml.Close("FinInstnId");
  xml.Close("DbtrAgt");
  xml.Put("ChrgBr", "SLEV");
  for (const Transfer& transfer : order.transfers) PutTransfer(transfer, xml);
  xml.Close("PmtInf");
  xml.Close("CstmrCdtTrfInitn");
  xml.Close("Document");
}

}  // namespace smederij::cli
