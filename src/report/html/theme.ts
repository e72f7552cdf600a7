/** Defines the look of the page: colours of both themes, type and layout, as one style sheet. */

export interface Theme {
  page: string;
  surface: string;
  rule: string;
  ink: string;
  muted: string;
  good: string;
  warning: string;
  bad: string;
  /** Of what happened in etcd. */
  event: string;
  /** Lines, told apart by lightness as well where hue fails, in the order of their slots. */
  slots: readonly string[];
  /** Of a heatmap, from the least to the most, and the ink upon each. */
  steps: readonly { fill: string; ink: string }[];
}

export const LIGHT: Theme = {
  page: "#ffffff",
  surface: "#f5f7f9",
  rule: "#dfe4ea",
  ink: "#161b22",
  muted: "#57606c",
  good: "#17703a",
  warning: "#8a5a00",
  bad: "#b3261e",
  event: "#8e4585",
  slots: ["#1f5fbf", "#b9500a", "#0b7a6c", "#a0307f", "#6b6400", "#4d5763"],
  steps: [
    { fill: "#eef4fb", ink: "#161b22" },
    { fill: "#d3e3f5", ink: "#161b22" },
    { fill: "#adcbec", ink: "#161b22" },
    { fill: "#7fabdd", ink: "#161b22" },
    { fill: "#3f78bd", ink: "#ffffff" },
    { fill: "#2a5f9f", ink: "#ffffff" },
    { fill: "#15396b", ink: "#ffffff" },
  ],
};

export const DARK: Theme = {
  page: "#0f1318",
  surface: "#181e25",
  rule: "#2d3640",
  ink: "#e7ebf0",
  muted: "#9ba6b2",
  good: "#56c27c",
  warning: "#dba53a",
  bad: "#ff8077",
  event: "#d59acd",
  slots: ["#79adff", "#f0a05a", "#4fc9b3", "#e78fcd", "#d3c64e", "#a9b4c0"],
  steps: [
    { fill: "#17212d", ink: "#e7ebf0" },
    { fill: "#1c2f45", ink: "#e7ebf0" },
    { fill: "#224366", ink: "#e7ebf0" },
    { fill: "#2b5b8f", ink: "#ffffff" },
    { fill: "#6c9fdc", ink: "#0f1318" },
    { fill: "#98bfed", ink: "#0f1318" },
    { fill: "#d0e3f9", ink: "#0f1318" },
  ],
};

/** Lines of one chart that can be told apart. */
export const MOST_SLOTS = LIGHT.slots.length;
export const HEAT_STEPS = LIGHT.steps.length;

function variables(theme: Theme): string {
  const { slots, steps, ...named } = theme;
  return [
    ...Object.entries(named).map(([name, color]) => `--${name}:${color}`),
    ...slots.map((color, at) => `--s${at + 1}:${color}`),
    ...steps.map(({ fill, ink }, at) => `--h${at}:${fill};--hi${at}:${ink}`),
  ].join(";");
}

const SLOT_RULES = LIGHT.slots
  .map((_, at) => {
    const name = `s${at + 1}`;
    return `.${name}{--c:var(--${name})}[data-slot="${at + 1}"]{--c:var(--${name})}`;
  })
  .join("\n");

const HEAT_RULES = LIGHT.steps
  .map((_, at) => `.h${at}{background:var(--h${at});color:var(--hi${at})}`)
  .join("\n");

export const STYLE = `
:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 24px 64px}
h1,h2,h3,h4,p,figure,dl,dd{margin:0}
h1{font-size:clamp(22px,4.2vw,34px);line-height:1.2;letter-spacing:-.015em;font-weight:650;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:20px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:48px 0 4px;padding-top:20px;border-top:1px solid var(--rule);overflow-wrap:anywhere}
h3{font-size:16px;line-height:1.35;font-weight:650;margin-bottom:8px}
h4{font-size:12.5px;line-height:1.3;font-weight:600;color:var(--muted);margin-bottom:6px}
p{overflow-wrap:anywhere}
.over{color:var(--muted);font-size:13px;margin-bottom:10px}
.lead{color:var(--muted);margin-top:10px;max-width:76ch}
.verdict{display:flex;gap:10px;align-items:baseline;margin-top:18px;padding:12px 16px;border-radius:8px;background:var(--surface);border-left:4px solid var(--tone)}
.verdict b{color:var(--tone);white-space:nowrap}
.verdict p{min-width:0}
.good{--tone:var(--good)}.warning{--tone:var(--warning)}.bad{--tone:var(--bad)}.neutral{--tone:var(--muted)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:1px;margin-top:24px;background:var(--rule);border:1px solid var(--rule);border-radius:8px;overflow:hidden}
.tiles div{background:var(--page);padding:12px 16px}
.tiles dt{font-size:12.5px;color:var(--muted)}
.tiles dd{font-size:22px;font-weight:600;line-height:1.35;letter-spacing:-.01em;font-variant-numeric:tabular-nums;white-space:nowrap}
.tiles dd small{font-size:13px;font-weight:400;color:var(--muted);letter-spacing:0}
.block{margin-top:36px}
.alarm h3{color:var(--bad)}
.remark{color:var(--muted);font-size:13.5px;margin-top:8px;max-width:84ch}
.scroll{overflow-x:auto;position:relative;border-radius:6px}
.scroll:focus-visible,.panels:focus-visible,summary:focus-visible{outline:2px solid var(--s1);outline-offset:3px}
.tall{max-height:360px;overflow-y:auto}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;min-width:min(100%,420px)}
th,td{padding:6px 14px 6px 0;text-align:right;white-space:nowrap;vertical-align:bottom}
th:last-child,td:last-child{padding-right:2px}
thead th{color:var(--muted);font-weight:600;font-size:12.5px;line-height:1.25;border-bottom:1px solid var(--rule);white-space:normal}
tbody tr+tr>*{border-top:1px solid color-mix(in srgb,var(--rule) 55%,transparent)}
tbody th{font-weight:400;text-align:left}
.left{text-align:left}
td.long{white-space:normal;min-width:24ch;max-width:52ch;overflow-wrap:anywhere}
.tall thead th{position:sticky;top:0;background:var(--page);z-index:1}
.data{margin-top:10px}
summary{cursor:pointer;color:var(--muted);font-size:13.5px;width:fit-content;border-radius:4px}
summary:hover{color:var(--ink)}
.data[open] summary,.fold[open]>summary{margin-bottom:8px}
.panels{position:relative;border-radius:6px;touch-action:pan-y}
.panel+.panel{margin-top:14px}
.frame{padding:18px 132px 30px 58px}
.frame.bare{padding-bottom:6px}
svg.plot{display:block;width:100%;overflow:visible}
.grid{stroke:var(--rule);stroke-width:1}
.axis,.stub{stroke:var(--muted);stroke-width:1}
.stub{stroke-width:4;stroke-dasharray:1 3}
.tick{fill:var(--muted);font-size:11.5px;font-variant-numeric:tabular-nums}
.line{fill:none;stroke:var(--c);stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.dashed{stroke-dasharray:5 4}
.dot{fill:var(--c);stroke:var(--page);stroke-width:1.5}
.end-label{fill:var(--c);font-size:12px;font-weight:600}
.band.event{fill:var(--event);fill-opacity:.16;stroke:var(--event);stroke-width:1;stroke-opacity:.55}
.band.pause{fill:var(--bad);fill-opacity:.16;stroke:var(--bad);stroke-width:1;stroke-opacity:.55}
.band.phase{fill:var(--muted);fill-opacity:.09}
.band.bare{fill:none}
.band-label{fill:var(--event);font-size:11px;font-weight:650}
.level{stroke:var(--bad);stroke-width:1;stroke-dasharray:4 3}
.level-label{fill:var(--bad);font-size:11.5px}
.x-title{color:var(--muted);font-size:12px;text-align:center;padding:0 132px 0 58px;margin-top:-4px}
.legend{display:none;flex-wrap:wrap;gap:2px 14px;font-size:12.5px;margin:-2px 0 2px}
.legend i,.tip i{display:inline-block;width:14px;height:0;border-top:2.5px solid var(--c);margin-right:6px;vertical-align:middle}
.legend i.dashed{border-top-style:dashed}
${SLOT_RULES}
.cursor{position:absolute;top:0;bottom:0;width:1px;background:var(--ink);opacity:.45;pointer-events:none}
.tip{position:absolute;top:0;left:0;z-index:2;max-width:min(300px,80vw);padding:8px 10px;border-radius:6px;background:var(--surface);border:1px solid var(--rule);box-shadow:0 4px 16px rgb(0 0 0/.16);font-size:12.5px;line-height:1.5;pointer-events:none;font-variant-numeric:tabular-nums}
.tip b{display:block}
.tip span{display:flex;gap:12px;justify-content:space-between;white-space:nowrap}
.tip span>:first-child{overflow:hidden;text-overflow:ellipsis}
[hidden]{display:none!important}
.forest{font-size:13.5px;font-variant-numeric:tabular-nums}
.forest .row{display:grid;grid-template-columns:minmax(0,240px) minmax(0,1fr) 190px;gap:0 20px;align-items:center;padding:4px 0}
.forest .row+.row:not(:last-child){border-top:1px solid color-mix(in srgb,var(--rule) 55%,transparent)}
.forest svg{display:block;width:100%;height:34px;overflow:visible}
.forest .name{overflow-wrap:anywhere}
.forest small{color:var(--muted);font-size:12px;white-space:nowrap}
.forest .figures{text-align:right}
.forest .word{color:var(--tone);font-weight:600;white-space:nowrap}
.zone{fill:var(--muted);fill-opacity:.13}
.one{stroke:var(--muted);stroke-width:1}
.whisker{stroke:var(--tone);stroke-width:2}
.estimate{fill:var(--tone);stroke:var(--page);stroke-width:1.5}
.map{margin-top:20px}
.heat td{text-align:center;padding:10px 12px;min-width:64px;border:2px solid var(--page);border-radius:6px}
.heat th{padding-right:12px;vertical-align:middle;border:0!important}
.heat thead th{text-align:center;padding:6px 12px}
.heat thead .corner{text-align:left;padding-left:0}
.ramp{display:flex;align-items:center;gap:8px;margin-top:10px;color:var(--muted);font-size:12.5px;flex-wrap:wrap}
.ramp span{display:flex}
.ramp i{width:26px;height:12px}
${HEAT_RULES}
.fold{margin-top:16px;border-top:1px solid var(--rule);padding-top:12px}
.fold>summary{color:var(--ink);font-size:15px;font-weight:600}
dl.facts{display:grid;grid-template-columns:minmax(110px,auto) 1fr;gap:4px 20px;font-size:14px}
dl.runs{grid-template-columns:auto 1fr;gap:2px 14px;margin-top:8px}
dl.facts dt{color:var(--muted)}
dl.facts dd{overflow-wrap:anywhere}
pre{margin:8px 0 0;padding:12px 14px;background:var(--surface);border-radius:8px;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--rule);color:var(--muted);font-size:13px}
@media (max-width:700px){
main{padding:20px 16px 48px}
.frame{padding:16px 10px 28px 52px}
.x-title{padding:0 10px 0 52px}
.end-label,.minor .tick{display:none}
.legend{display:flex}
.tiles{grid-template-columns:repeat(2,1fr)}
.tiles dd{font-size:19px}
.tiles div:last-child:nth-child(odd){grid-column:1/-1}
.verdict{flex-direction:column;gap:2px}
.forest .row{grid-template-columns:minmax(0,1fr) auto;gap:0 12px}
.forest .track{grid-column:1/-1;order:1;padding:0 12px}
dl.facts{grid-template-columns:1fr;gap:0}
dl.facts dd{margin-bottom:8px}
dl.runs{grid-template-columns:auto 1fr;gap:2px 12px}
}
@media print{
:root{${variables(LIGHT)}}
main{max-width:none;padding:0}
.block,.tiles,.verdict{break-inside:avoid}
.scroll{overflow:visible}
.tall{max-height:none}
.data:not([open]){display:none}
table{font-size:9.8px}
th,td{padding-right:5px}
}
`;
