/** The page's one style sheet: no attribute styles anything, so that the page can forbid all other styles. Colours and letters are the lab's. */
export const STYLE = `
:root { color-scheme: light dark;
  --serif: "Source Serif 4", "Iowan Old Style", Palatino, Georgia, serif;
  --sans: Inter, system-ui, -apple-system, "Segoe UI", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
  --paper: #f6f4ee; --card: #fffefb; --ink: #16262f; --ink-soft: #50616b; --rule: #e3dfd4; --edge: #cfc9ba;
  --water: #0b6ea6; --still: #bd4b00; --lane: #ece8dd; --veil: rgb(11 110 166 / 10%); --heat: rgb(189 75 0 / 11%);
  --shadow: 0 1px 2px rgb(40 34 20 / 6%), 0 8px 24px rgb(40 34 20 / 5%); }
@media (prefers-color-scheme: dark) { :root {
  --paper: #0d151a; --card: #141f26; --ink: #e9f0f3; --ink-soft: #9db0ba; --rule: #243540; --edge: #3a4d59;
  --water: #58b7ea; --still: #f58b3d; --lane: #1d2b34; --veil: rgb(88 183 234 / 14%); --heat: rgb(245 139 61 / 15%);
  --shadow: 0 1px 2px rgb(0 0 0 / 30%), 0 8px 24px rgb(0 0 0 / 25%); } }
*, *::before, *::after { box-sizing: border-box; }
html { font: 16px / 1.5 var(--sans); font-feature-settings: "tnum"; color: var(--ink); background: var(--paper); -webkit-text-size-adjust: 100%; }
body, h1, h2, h3, p, dl, dd, figure, ul { margin: 0; padding: 0; }
:focus-visible { outline: 3px solid var(--water); outline-offset: 2px; }
main, .top { max-width: 1680px; margin: 0 auto; padding: 0 clamp(16px, 3vw, 48px); }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; padding-block: 16px; }
.brand { display: flex; align-items: center; gap: 9px; font: 600 1.25rem / 1 var(--serif); letter-spacing: -0.01em; }
.brand em { font-weight: 400; color: var(--ink-soft); }
.brand svg { width: 22px; height: 22px; fill: var(--ink); }
.brand .drop { fill: var(--water); }
.subject { color: var(--ink-soft); font-size: 0.9375rem; overflow-wrap: anywhere; }
main { display: grid; gap: 16px; grid-template-columns: repeat(12, minmax(0, 1fr)); padding-bottom: 40px; }
.lead { grid-column: 1 / -1; min-width: 0; overflow-wrap: anywhere; padding: 4px 0 6px; }
h1 { max-width: 32em; font: 500 clamp(1.375rem, 1rem + 1.35vw, 2.125rem) / 1.22 var(--serif); letter-spacing: -0.012em; text-wrap: balance; }
.how { margin-top: 8px; font-size: 0.9375rem; color: var(--ink-soft); }
.answer { max-width: 62em; margin-top: 8px; font: 400 clamp(1.0625rem, 0.95rem + 0.45vw, 1.3125rem) / 1.5 var(--serif); text-wrap: pretty; }
.notice { margin-top: 12px; padding: 10px 16px; border-left: 4px solid var(--still); border-radius: 0 8px 8px 0; background: var(--heat); max-width: 62em; }
section { grid-column: 1 / -1; padding: 18px clamp(14px, 1.6vw, 24px) 20px; border: 1px solid var(--rule); border-radius: 14px; background: var(--card); box-shadow: var(--shadow); }
@media (min-width: 700px) { .quarter { grid-column: span 6; } }
@media (min-width: 1080px) { .half { grid-column: span 6; } }
@media (min-width: 1400px) { .quarter { grid-column: span 3; } }
.heading { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 18px; margin-bottom: 8px; }
h2 { font: 600 1.25rem / 1.3 var(--serif); letter-spacing: -0.005em; }
.hint { font-size: 0.875rem; color: var(--ink-soft); max-width: 72em; text-wrap: pretty; }
.hint + * , .chart + .hint { margin-top: 8px; }
.legend { display: flex; gap: 2px 16px; font-size: 0.875rem; color: var(--ink-soft); }
.key { display: inline-block; width: 20px; height: 11px; margin-right: 6px; vertical-align: baseline; }
bdi { unicode-bidi: isolate; }
.scroll { overflow-x: auto; margin-inline: calc(-1 * clamp(14px, 1.6vw, 24px)); padding-inline: clamp(14px, 1.6vw, 24px); }
.tall { max-height: 620px; overflow-y: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: 0.875rem; color: var(--ink-soft); padding-bottom: 6px; }
th, td { padding: 6px 12px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
tr:last-child > * { border-bottom: 0; }
tr > :last-child { padding-right: 0; }
thead th { font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); border-bottom: 1px solid var(--edge); vertical-align: bottom; }
.tall thead th { position: sticky; top: 0; background: var(--card); }
tbody th { font-weight: 600; }
.n { text-align: right; white-space: nowrap; }
.n:not(:last-child) { padding-right: 16px; }
.zero { color: var(--edge); }
td.hot { background: var(--heat); }
.host { max-width: 26em; overflow-wrap: break-word; min-width: 9em; }
@media (min-width: 700px) { .host { min-width: 13em; } }
thead .n { white-space: normal; min-width: 5.5em; }
.quarter thead .n { min-width: 0; }
.bar-cell { width: 26%; min-width: 70px; padding-top: 11px; }
.example { max-width: 40em; overflow-wrap: anywhere; font-size: 0.875rem; color: var(--ink-soft); min-width: 22em; }
.code { white-space: nowrap; }
th button { all: unset; cursor: pointer; text-align: inherit; }
th button::after { content: "\\a0\\2195"; opacity: 0.45; }
th[aria-sort="descending"] button::after { content: "\\a0\\2193"; opacity: 1; }
th[aria-sort="ascending"] button::after { content: "\\a0\\2191"; opacity: 1; }
th button:focus-visible { outline: 3px solid var(--water); outline-offset: 2px; }
svg { display: block; }
.chart { overflow: visible; }
.chart text { font: 0.75rem var(--sans); fill: var(--ink-soft); font-variant-numeric: tabular-nums; }
.chart .y { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.grid { stroke: var(--rule); stroke-width: 1; }
.base { stroke: var(--edge); stroke-width: 2; }
.reach { fill: transparent; }
.column:hover .reach { fill: var(--veil); }
.column rect:not(.reach) { stroke: var(--card); stroke-width: 1; }
.lane { fill: var(--lane); }
.part-all, .part-successes { fill: var(--water); }
.part-failed { fill: var(--still); }
.part-failures { fill: url(#rate-hatch); }
.hatch-ground { fill: var(--still); }
.hatch-line { fill: var(--card); opacity: 0.45; }
details { margin-top: 10px; font-size: 0.875rem; }
summary { cursor: pointer; color: var(--ink-soft); width: fit-content; }
details .tall { max-height: 300px; margin-top: 6px; }
.sheet { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 12px; }
.sheet li, .tile { min-width: 0; }
.frame { display: grid; place-items: center; aspect-ratio: 1; border-radius: 8px; background: var(--lane); overflow: hidden; }
.frame img { max-width: 100%; max-height: 100%; width: auto; height: auto; display: block; }
.frame p { padding: 8px; font-size: 0.8125rem; color: var(--ink-soft); text-align: center; overflow-wrap: anywhere; }
.sheet figcaption { margin-top: 4px; font-size: 0.75rem; line-height: 1.35; color: var(--ink-soft); overflow-wrap: anywhere; }
.clamped { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.sheet b { font-weight: 600; color: var(--ink); }
.small { width: 72px; }
.small .frame { border-radius: 6px; }
.small .frame p { font-size: 0.6875rem; padding: 4px; }
.mono { font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(134px, 1fr)); gap: 12px 20px; margin: 4px 0 14px; }
.facts dt { font-size: 0.8125rem; color: var(--ink-soft); }
.facts dd { font-size: 1.0625rem; font-weight: 600; overflow-wrap: anywhere; }
.foot { grid-column: 1 / -1; font-size: 0.8125rem; color: var(--ink-soft); }
@media print { section { break-inside: avoid; box-shadow: none; } .tall { max-height: none; } }
`;
