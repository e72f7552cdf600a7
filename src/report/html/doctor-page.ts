/** The page of a doctor's report: the verdict of each cause, and all figures that it is based on. */
import type { Verdict } from "../../doctor/finding.ts";
import type { DoctorReport } from "../../doctor/report-schema.ts";
import { paintFor } from "../../tables/paint.ts";
import { printable } from "../../text/visible.ts";
import { allFindings, doctorSections, titleOf, whatWasDone } from "../doctor/words.ts";
import { renderTableOf } from "./data-table.ts";
import { html, type Markup, NOTHING } from "./markup.ts";
import { renderPage, type Tone } from "./page.ts";

const TONES: Record<Verdict, Tone> = {
  fine: "good",
  "not known": "neutral",
  suspect: "warning",
  "too slow": "bad",
};

export function renderDoctorPage(report: DoctorReport): string {
  const { verdict, sentence, nextCommand } = report.principal;
  const paint = paintFor(false);
  const sections = [...doctorSections(report, paint), allFindings(report, paint)];
  return renderPage({
    over: `bench · ${report.startedAt.slice(0, 10)}`,
    headline: printable(titleOf(report)),
    lead: [
      ...whatWasDone(report).map(printable),
      ...(nextCommand === null ? [] : [printable(`To look further: ${nextCommand}`)]),
    ],
    verdict: { word: verdict, tone: TONES[verdict], reasons: [printable(sentence)] },
    body: [
      ...sections.filter(({ grid }) => grid !== null).map(renderTableOf),
      ...report.advice.map(adviceBlock),
      report.notes.length === 0
        ? NOTHING
        : html`<section class="block"><h3>Notes</h3>${report.notes.map((note) => html`<p class="remark">${printable(note)}</p>`)}</section>`,
    ],
  });
}

function adviceBlock({ what, lines }: DoctorReport["advice"][number]): Markup {
  return html`<section class="block"><h3>${printable(what)}</h3>${lines.map((line) => html`<p class="remark"><code>${printable(line)}</code></p>`)}</section>`;
}
