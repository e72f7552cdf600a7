/**
 * Opens the page of a real run in a real browser: no requests, no errors, no content wider than the
 * screen, and the same figures as the result.
 */

import { statSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { eventsWithin } from "../../src/report/events-within.ts";
import { renderComparisonPage } from "../../src/report/html/comparison-page.ts";
import { renderResultsPage } from "../../src/report/html/results-page.ts";
import { renderTrendPage } from "../../src/report/html/trend-page.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { latencyText } from "../../src/tables/latency-text.ts";
import { formatCount, formatRate } from "../../src/tables/number-format.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import {
  comparisonFixture,
  gridRun,
  searchFixture,
  seriesFixture,
  trendFixture,
} from "../fixtures/page-fixtures.ts";
import { bench, measure, onlyOperation } from "../harness/bench-process.ts";
import { type BrowserPage, Chromium, findChromium } from "../harness/chromium.ts";
import { before } from "../harness/hooks.ts";

const PHONE = { widthPx: 360, heightPx: 740 };
const DESK = { widthPx: 1440, heightPx: 900 };
const MOST_BYTES = 1_000_000;

const binary = findChromium();
if (binary === null) {
  console.log(
    "skipped: pages in a browser: no Chromium is installed ($BENCH_TEST_CHROMIUM names one)",
  );
}
const testInBrowser = binary === null ? test.skip : test;

let folder = "";
let file = "";
let result: RunResult;
let browser: Chromium;

before(test, async () => {
  folder = await mkdtemp(path.join(tmpdir(), "bench-page-"));
  if (binary !== null) browser = await Chromium.launch(binary);
  file = path.join(folder, "run.html");
  const { path: etcd } = await etcdForTests();
  const load = [
    "--rate=200",
    "--clients=20",
    "-z",
    "2500ms",
    "--compact-interval=1s",
    "--compact-index-delta=10",
  ];
  const saved = path.join(folder, "run.json");
  const args = ["put", "--local", "--etcd", etcd, ...load, "--key-space-size=50"];
  const measured = await measure([...args, `--output=html=${file}`, `--save=${folder}/saved`]);
  result = measured.result;
  await writeFile(saved, JSON.stringify(result));
});

test.after(async () => {
  if (binary !== null) await browser.close();
  await rm(folder, { recursive: true, force: true });
});

interface Widths {
  /** Width of the page's content. */
  width: number;
  /** Elements outside the screen without a scroll box of their own. */
  wide: string[];
  /** The background colour. */
  paper: string;
}

const WIDTHS = `(() => {
      const width = document.documentElement.clientWidth;
      const isScrolled = (each) => each.closest(".scroll") !== null;
      const wide = [...document.querySelectorAll("body *")].filter((each) =>
        !isScrolled(each) && each.getBoundingClientRect().right > width + 0.5);
      return {
        width: document.documentElement.scrollWidth,
        wide: wide.map((each) => each.outerHTML.slice(0, 200)),
        paper: getComputedStyle(document.body).backgroundColor,
      };
    })()`;

/** Rows of the table under a heading, cell by cell. */
function tableBelow(page: BrowserPage, heading: string): Promise<string[][]> {
  return page.evaluate(`(() => {
    const block = [...document.querySelectorAll(".block")].find(
      (each) => each.querySelector("h3").textContent === ${JSON.stringify(heading)});
    return [...block.querySelectorAll("table tr")].map((row) =>
      [...row.cells].map((cell) => cell.textContent));
  })()`);
}

test("a run writes one page of less than a megabyte, without external resources", async () => {
  const text = await readFile(file, "utf8");
  assert.ok(statSync(file).size < MOST_BYTES);
  assert.match(text, /^<!doctype html>/);
  assert.not.match(text.replace(/<pre>.*?<\/pre>/gs, ""), /(src|href)="(?!data:)|@import|url\(/);
});

test("bench report prints the same page of the saved result to standard output with --html", async () => {
  const saved = path.join(folder, "run.json");
  const { stdout, code, stderr } = await bench(["report", saved, "--html"]);
  assert.is(code, 0, stderr);
  assert.is(stdout, await readFile(file, "utf8"));
});

testInBrowser("the page has the figures of the result, and no chart is empty", async () => {
  const page = await browser.open(file, { ...DESK, theme: "light" });
  const operation = onlyOperation(result);
  const { requests, responseTime, serviceTime } = operation;

  const latency = await tableBelow(page, "Latency");
  for (const [row, clock] of [serviceTime, responseTime!].entries()) {
    const fields = [
      ...(["minMs", "meanMs", "stddevMs", "p50Ms", "p90Ms", "p95Ms"] as const),
      ...(["p99Ms", "p999Ms", "maxMs"] as const),
    ];
    const figures = fields.map((field) => latencyText(clock, field));
    assert.equal(latency[row + 1]!.slice(2), figures);
  }
  const tiles = await page.evaluate<string[]>(
    `[...document.querySelectorAll(".tiles dd")].map((each) => each.textContent)`,
  );
  assert.is(tiles[0], `${formatRate(operation.throughputPerSec)}/s`);
  assert.is(tiles[2], latencyText(responseTime!, "p99Ms"));
  const lost = requests.failed + requests.dropped;
  assert.equal(tiles.slice(4), [formatCount(requests.succeeded), formatCount(lost)]);

  const [header, ...seconds] = await tableBelow(page, "Over time");
  const column = (name: RegExp) => {
    const at = header!.findIndex((text) => name.test(text));
    assert.ok(at >= 0, `${name}: ${header}`);
    return seconds.map((row) => row[at]!);
  };
  assert.equal(
    seconds.map((row) => row[1]),
    operation.intervals.map((each) => formatRate(each.succeeded / each.durationSeconds)),
  );
  assert.ok(result.moments.length > 0);
  assert.equal(
    column(/^events$/),
    operation.intervals.map(({ startSeconds, durationSeconds }) =>
      eventsWithin(result.moments, startSeconds, startSeconds + durationSeconds).join("; "),
    ),
  );
  const readings = column(/CPU$/);
  assert.ok(
    readings.some((text) => /%$/.test(text)),
    `etcd's CPU: ${readings}`,
  );

  const lines = await page.evaluate<[length: number, path: string][]>(
    `[...document.querySelectorAll("path.line")].map((line) => [line.getTotalLength(), line.getAttribute("d")])`,
  );
  assert.ok(lines.length >= 6, `${lines}`);
  // On a slow machine with one reading, the line is a point.
  for (const [length, path] of lines) assert.ok(length > 0 || /^M[^A-Za-z]+$/.test(path), path);
  assert.equal([page.complaints, page.requests.length], [[], 1]);
});

testInBrowser(
  "neither a screen in any theme nor a printed page needs horizontal scrolling",
  async () => {
    const browser = await Chromium.launch(binary!);
    try {
      for (const theme of ["light", "dark"] as const) {
        const page = await browser.open(file, { ...PHONE, theme });
        for (const view of [PHONE, DESK, { ...DESK, widthPx: 794, media: "print" as const }]) {
          await page.show({ ...view, theme });
          const { width, wide, paper } = await page.evaluate<Widths>(WIDTHS);
          const where = `${theme}, ${view.widthPx} px`;
          assert.is(width, view.widthPx, where);
          assert.equal(wide, [], where);
          const isDark = theme === "dark" && !("media" in view);
          assert.is(paper, isDark ? "rgb(15, 19, 24)" : "rgb(255, 255, 255)", where);
        }
        assert.equal(page.complaints, [], theme);
      }
    } finally {
      await browser.close();
    }
  },
);

testInBrowser(
  "pages of a suite, a search, a comparison and a trend also fit every screen",
  async () => {
    const cells = [10, 100, 1000].flatMap((clients) =>
      [16, 256, 65_536].map((bytes) => gridRun(clients, bytes, clients * 9_999)),
    );
    const steps = [1_000, 2_000, 1_500, 1_500].map((rate) => ({ rate, p99Ms: rate / 80 }));
    const series = [seriesFixture(), seriesFixture({ metric: "p50", isGate: false })];
    const pages = {
      suite: renderResultsPage([...cells, result]),
      search: renderResultsPage(searchFixture(steps)),
      comparison: renderComparisonPage(comparisonFixture(12, 1.2, `results/${"long".repeat(30)}`)),
      trend: renderTrendPage(trendFixture(series)),
    };
    for (const [name, text] of Object.entries(pages)) {
      const of = path.join(folder, `${name}.html`);
      await writeFile(of, text);
      const page = await browser.open(of, { ...PHONE, theme: "dark" });
      await page.evaluate(
        `for (const each of document.querySelectorAll("details")) each.open = true`,
      );
      for (const view of [PHONE, DESK]) {
        await page.show({ ...view, theme: "dark" });
        const { width, wide } = await page.evaluate<Widths>(WIDTHS);
        assert.equal([width, wide], [view.widthPx, []], `${name}, ${view.widthPx} px`);
      }
      assert.equal([page.complaints, page.requests.length], [[], 1], name);
      await page.close();
    }
  },
);

testInBrowser("the pointer and the arrow keys show the values of a chart", async () => {
  const page = await browser.open(file, { ...DESK, theme: "light" });
  const rows = (await tableBelow(page, "Over time")).slice(1);
  const place = await page.evaluate<{ x: number; y: number }>(`(() => {
    const figure = [...document.querySelectorAll("figure")].at(-1);
    figure.scrollIntoView();
    figure.querySelector(".panels").focus({ preventScroll: true });
    const { left, top, height } = figure.querySelector("svg.plot").getBoundingClientRect();
    return { x: left + 2, y: top + height / 2 };
  })()`);
  const shown = () =>
    page.evaluate<string>(
      `document.querySelectorAll("figure .tip:not([hidden])")[0]?.innerText ?? ""`,
    );
  await page.movePointer(place.x, place.y);
  assert.ok((await shown()).startsWith(rows[0]![0]!), await shown());
  assert.ok((await shown()).includes(rows[0]![1]!), await shown());
  await page.pressKey("ArrowRight");
  assert.ok((await shown()).startsWith(rows[1]![0]!), await shown());
  await page.pressKey("Escape");
  assert.is(await shown(), "");
  assert.equal(page.complaints, []);
});

test.run();
