/**
 * Draws what a command printed in a terminal as a PNG, with a Chromium that is installed.
 *
 *     FORCE_COLOR=1 npx bench quickstart | node scripts/terminal-picture.mjs docs/quickstart.png
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const COLUMNS = 122;
const PIXELS = { font: 14, line: 17, padding: 16, column: 8.43 };
const CHROMIUM = process.env.CHROMIUM ?? "chromium";
/** Of SGR: what bench uses. */
const STYLES = {
  1: "font-weight:bold",
  2: "color:#8b949e",
  31: "color:#ff7b72",
  32: "color:#7ee787",
};
STYLES[33] = "color:#e3b341";

/** A sequence of SGR. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`, "g");

const [file] = process.argv.slice(2);
if (file === undefined || process.stdin.isTTY) {
  console.error("usage: COMMAND | node scripts/terminal-picture.mjs FILE.png");
  process.exit(2);
}

/** Breaks a line at its blanks; sequences of colour have no width. */
function wrapped(line) {
  const lines = [];
  let width = 0;
  let current = "";
  for (const word of line.split(/(?<= )/)) {
    const length = withoutColour(word).trimEnd().length;
    if (width > 0 && width + length > COLUMNS) {
      lines.push(current);
      [current, width] = ["", 0];
    }
    current += word;
    width += withoutColour(word).length;
  }
  return [...lines, current];
}

function withoutColour(text) {
  return text.replace(COLOUR, "");
}

function html(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  let open = 0;
  const body = escaped.replace(COLOUR, (_, codes) => {
    const styles = codes.split(";").flatMap((code) => STYLES[code] ?? []);
    if (styles.length > 0) {
      open += 1;
      return `<span style="${styles.join(";")}">`;
    }
    const ends = "</span>".repeat(open);
    open = 0;
    return ends;
  });
  return `<meta charset="utf-8"><style>
    body { margin: 0; background: #0d1117; }
    pre { margin: ${PIXELS.padding}px; color: #c9d1d9;
      font: ${PIXELS.font}px/${PIXELS.line}px "DejaVu Sans Mono", monospace; }
  </style><pre>${body}</pre>`;
}

const lines = readFileSync(0, "utf8").trimEnd().split("\n").flatMap(wrapped);
const width = Math.ceil(COLUMNS * PIXELS.column) + 2 * PIXELS.padding;
const height = lines.length * PIXELS.line + 2 * PIXELS.padding;
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-picture-"));
try {
  const page = path.join(folder, "page.html");
  writeFileSync(page, html(lines.join("\n")));
  const { status, stderr, error } = spawnSync(
    CHROMIUM,
    [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
      ...["--force-device-scale-factor=1.5", `--window-size=${width},${height}`],
      ...[`--user-data-dir=${folder}`, `--screenshot=${path.resolve(file)}`, `file://${page}`],
    ],
    { encoding: "utf8" },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(stderr);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
