#include "services/cli/document/html_style.h"

namespace smederij::cli {

absl::string_view HtmlStyle() {
  return R"css(
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c1d1f; --soft: #55585d; --line: #d9d6cf;
  --won: #17653a; --part: #7d4f00; --lost: #55585d; --track: #e9e6df; --fill: #2f5d8c;
  --note: #eef3f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1e2125; --ink: #eceae6; --soft: #b3b5b8; --line: #3a3e44;
    --won: #7ed6a1; --part: #ecc06a; --lost: #b3b5b8; --track: #343840; --fill: #8ab8e8;
    --note: #1f2a36;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
header.page, main, footer.page { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header.page { padding-top: 1.5rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.25rem 0 .75rem; }
h3 { font-size: 1.1rem; margin: 1.75rem 0 .6rem; }
h4 { font-size: 1.05rem; line-height: 1.35; margin: .15rem 0 0; }
p { margin: .5rem 0; }
ul { padding-left: 1.4rem; }
ol { padding-left: 2.2rem; }
.kicker { margin: 0 0 .25rem; color: var(--soft); font-weight: 600; }
.where, .soft, small { color: var(--soft); }
.where { margin: .35rem 0 0; }
.lead { font-size: 1.15rem; font-weight: 600; }
.number { font-variant-numeric: tabular-nums; }
.bar {
  display: block; height: .6rem; margin-top: .3rem; border-radius: .3rem; overflow: hidden;
  background: var(--track);
}
.bar > span { display: block; height: 100%; background: var(--fill); border-radius: .3rem; }
.bar.big { height: 1.1rem; border-radius: .55rem; }
.bar.big > span { background: var(--won); border-radius: .55rem; }
dl { margin: 0; }
dt { color: var(--soft); font-size: .9rem; }
dd { margin: 0; font-weight: 600; }
dd .soft, dd small { font-weight: 400; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; }
dl.facts > div { min-width: 0; }
dl.facts.money { margin: .75rem 0; }
.note {
  background: var(--note); border-left: .25rem solid var(--fill); border-radius: .25rem;
  padding: .75rem 1rem; margin: 1rem 0;
}
.note dd { font-size: 1.35rem; }
ol.plans { list-style: none; margin: 0; padding: 0; }
ol.plans > li { margin: 0 0 .75rem; }
.plan {
  background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--lost);
  border-radius: .4rem; padding: .8rem 1rem;
}
.plan.funded { border-left-color: var(--won); }
.plan.partial { border-left-color: var(--part); }
.plan .state { margin: 0; font-size: .9rem; font-weight: 600; color: var(--lost); }
.plan.funded .state { color: var(--won); }
.plan.partial .state { color: var(--part); }
.plan .state .soft { font-weight: 400; }
.plan dl { margin: .6rem 0; }
.plan .why { margin: .4rem 0 0; }
.plan.funded .bar > span { background: var(--won); }
.plan.partial .bar > span { background: var(--part); }
.plan.not_funded .bar > span { background: var(--lost); }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 1.5rem; font-size: .95rem; }
caption { text-align: left; font-weight: 600; font-size: 1.1rem; padding-bottom: .4rem; }
th, td { padding: .45rem .4rem; text-align: left; vertical-align: top; font-weight: 400; }
th[scope="row"] { font-weight: 600; }
thead th { color: var(--soft); font-size: .85rem; vertical-align: bottom; line-height: 1.25; }
tbody tr, tfoot tr { border-top: 1px solid var(--line); }
td small, dd small { display: block; }
details { margin: .5rem 0 1rem; }
summary { cursor: pointer; font-weight: 600; padding: .4rem 0; }
details li { margin: .35rem 0; }
footer.page {
  margin-top: 3rem; padding-top: 1rem; padding-bottom: 3rem; border-top: 1px solid var(--line);
}
footer.page h2 { margin-top: 1.25rem; font-size: 1.1rem; }
footer.page dt { float: left; clear: left; min-width: 5rem; padding-right: .75rem; font-size: 1rem; }
footer.page dd { font-weight: 400; overflow: hidden; }
pre {
  background: var(--note); border-radius: .25rem; padding: .75rem 1rem; margin: .5rem 0;
  white-space: pre-wrap; font: .9rem/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace;
}
@media screen and (max-width: 34rem) {
  table.groups thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap; }
  table.groups, table.groups tbody, table.groups caption { display: block; }
  table.groups tr { display: grid; grid-template-columns: 1fr 1fr; gap: .1rem .9rem;
    padding: .5rem 0; }
  table.groups th[scope="row"] { grid-column: 1 / -1; padding: 0; }
  table.groups td { padding: .15rem 0; }
  table.groups td::before { content: attr(data-label); display: block; color: var(--soft);
    font-size: .85rem; }
}
@media print {
  @page { size: A4; margin: 15mm 15mm 17mm; @bottom-right { content: counter(page); } }
  :root {
    color-scheme: light;
    --paper: #ffffff; --card: #ffffff; --ink: #000000; --soft: #333333; --line: #999999;
    --won: #000000; --part: #000000; --lost: #000000; --track: #e4e4e4; --fill: #333333;
    --note: #ffffff;
  }
  html { font-size: 10pt; }
  body { line-height: 1.4; }
  /* A border on the very edge of the page would be cut off. */
  header.page, main, footer.page { max-width: none; padding-left: 1px; padding-right: 1px; }
  header.page { padding-top: 0; }
  .bar { -webkit-print-color-adjust: exact; print-color-adjust: exact; border: 1px solid #999999;
    height: 2.6mm; }
  .bar.big { height: 4mm; }
  .note, pre { border: 1px solid #999999; }
  .plan { border-left: 1.2mm solid #000000; padding: 2mm 4mm; }
  .plan.not_funded { border-left-color: #999999; }
  .plan dl.facts { grid-template-columns: 1fr 1fr; margin: 1.5mm 0; }
  .plan dl.facts > div { display: flex; gap: 2mm; }
  .plan dl.facts dd { flex: 1; }
  .plan dl.facts small { display: inline; margin-left: 1.5mm; }
  ol.plans > li { margin-bottom: 2mm; }
  .plan, .note, tr, li, dl, pre { break-inside: avoid; }
  h1, h2, h3, h4, caption, details > p { break-after: avoid; }
  p { orphans: 3; widows: 3; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  summary { display: none; }
}
)css";
}

}  // namespace smederij::cli
