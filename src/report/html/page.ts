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

export function renderPage({ over, headline, lead, verdict, body }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${headline}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="over">${over}</p>
<h1>${headline}</h1>
${lead.map((line) => html`<p class="lead">${line}</p>`)}
<div class="verdict ${verdict.tone}"><b>${verdict.word}</b><p>${verdict.reasons.join("; ")}</p></div>
</header>
${body}
</main>
<script>${new Markup(HOVER_SCRIPT)}</script>
</body>
</html>`;
  return `${page.text}\n`;
}
