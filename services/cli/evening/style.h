#pragma once

#include "absl/strings/string_view.h"

namespace smederij::cli {

// The style sheet of what is printed for a polling evening.
inline constexpr absl::string_view kEveningStyle = R"css(
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 190mm; padding: 6mm 4mm; color: #000000; background: #ffffff;
  font: 14pt/1.35 "Noto Sans", "DejaVu Sans", Arial, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 22pt; line-height: 1.15; margin: 0 0 2mm; }
h2 { font-size: 16pt; margin: 6mm 0 2mm; }
p { margin: 1.5mm 0; }
.colour {
  border: .6mm solid #000000; padding: 3mm 4mm; margin: 0 0 4mm; font-weight: 700;
  -webkit-print-color-adjust: exact; print-color-adjust: exact;
}
.c0 { background: #fff2a8; } .c1 { background: #cfeccf; } .c2 { background: #cfe3f8; }
.c3 { background: #f8d3e0; } .c4 { background: #fbd9b5; } .c5 { background: #e2d6f5; }
.c6 { background: #ffffff; }
.swatch {
  display: inline-block; border: .3mm solid #000000; padding: 0 2mm;
  -webkit-print-color-adjust: exact; print-color-adjust: exact;
}
table { border-collapse: collapse; width: 100%; }
th, td { border-top: .3mm solid #777777; padding: 2mm 1.5mm; text-align: left; vertical-align: middle; }
thead th { border-top: 0; border-bottom: .6mm solid #000000; font-size: 11pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.number { font-size: 18pt; font-weight: 700; white-space: nowrap; font-variant-numeric: tabular-nums; }
.money { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.box { display: inline-block; width: 9mm; height: 9mm; border: .7mm solid #000000; }
.wide { width: 18mm; }
tr.gone td { text-decoration: line-through; color: #444444; }
tr.gone td.why { text-decoration: none; font-weight: 700; }
.note { border-left: 1.5mm solid #000000; padding-left: 3mm; }
@page { size: A4; margin: 12mm; @bottom-right { content: counter(page) " / " counter(pages); } }
@media print { body { padding: 0; max-width: none; } }
)css";

}  // namespace smederij::cli
