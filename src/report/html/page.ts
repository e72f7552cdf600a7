/** Renders the frame of every page: one file that needs nothing else and fetches nothing. */
import { HOVER_SCRIPT } from "./hover-script.ts";
import { html, Markup } from "./markup.ts";
import { STYLE } from "./theme.ts";

export type Tone = "good" | "warning" | "bad" | "neutral";

export interface Page {
  /** Above the headline, in a line. */
  over: string;
  headline: string;
  lead: readonly string[];
  verdict: { word: string; tone: Tone; reasons: readonly string[] };
  body: readonly Markup[];
}

/** What a page that changes while it is open needs in addition. */
export interface PageUpdates {
  /** Of its own, after that of every page. */
  script: string;
  /** A source of the content security policy from which it may fetch. */
  connectSource: string;
}

/** @param updates absent: the page stays as it is */
export function renderPage(page: Page, updates?: PageUpdates): string {
  const connect = updates === undefined ? "" : `; connect-src ${updates.connectSource}`;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:${new Markup(connect)}">
<meta name="color-scheme" content="light dark">
<title>${page.headline}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>${renderMain(page)}</main>
<script>${new Markup(HOVER_SCRIPT + (updates?.script ?? ""))}</script>
</body>
</html>`;
  return `${document.text}\n`;
}

/** All that a reader sees of it. */
export function renderMain({ over, headline, lead, verdict, body }: Page): Markup {
  return html`
<header>
<p class="over">${over}</p>
<h1>${headline}</h1>
${lead.map((line) => html`<p class="lead">${line}</p>`)}
<div class="verdict ${verdict.tone}"><b>${verdict.word}</b><p>${verdict.reasons.join("; ")}</p></div>
</header>
${body}
`;
}
