/**
 * The page of a run in a real browser while the run goes on and has an event: it follows by itself,
 * fetches nothing but its updates, and has the figures of the saved page when the run is over.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchProcess } from "../harness/bench-process.ts";
import { type BrowserPage, Chromium, findChromium } from "../harness/chromium.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

const DESK = { widthPx: 1440, heightPx: 900, theme: "light" } as const;
/** A time of the plan, which a slow machine needs longer for what happens until the next. */
const ms = (time: number) => `${patient(time)}ms`;

const binary = findChromium();
if (binary === null) {
  console.log("skipped: the live page: no Chromium is installed ($BENCH_TEST_CHROMIUM names one)");
}
const testInBrowser = binary === null ? test.skip : test;

const textOf = (page: BrowserPage, selector: string) =>
  page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`);

testInBrowser("the page follows a run with an event to its saved page", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-live-"));
  const browser = await Chromium.launch(binary!);
  try {
    const saved = path.join(folder, "run.html");
    const running = new BenchProcess([
      ...["put", "--local", "--rate=200", "--clients=20", `--duration=${ms(6_000)}`],
      ...["--live=127.0.0.1:0", `--output=html=${saved}`, "--keep-slowest=3"],
      `--event=at=${ms(2_000)} for=${ms(1_000)} pause leader`,
    ]);
    const [, url] = await running.said(/^the live page is at (http:\S+)$/m);
    const page = await browser.visit(url!, DESK);
    await until("the page shows the run", async () => {
      return (await textOf(page, ".verdict b")) === "running";
    });
    await until("the event is on the page", async () => {
      return (await textOf(page, "main")).includes("pause leader (etcd1)");
    });
    assert.is(await textOf(page, ".verdict b"), "running");
    const ended = await running.ended;
    assert.is(ended.code, 0, ended.stderr);
    await until("the page knows that the run is over", () =>
      page.evaluate<boolean>('document.documentElement.dataset.live === "over"'),
    );
    const ofSaved = await browser.open(saved, DESK);
    const html = (of: BrowserPage) =>
      of.evaluate<string>('document.querySelector("main").innerHTML');
    assert.is(await html(page), await html(ofSaved));
    assert.is(
      await page.evaluate<string>("document.title"),
      await ofSaved.evaluate<string>("document.title"),
    );
    assert.match(await textOf(page, "main"), /Slowest requests/);
    // The pointer reads values from a chart that has come with an update.
    assert.ok(await page.evaluate<number>('document.querySelectorAll("figure.chart").length'));
    assert.equal(page.complaints, []);
    assert.equal(
      page.requests.filter((each) => !each.startsWith(url!)),
      [],
    );
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
