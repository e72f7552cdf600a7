/**
 * Shows a run with an event in a real browser and in a real terminal: the page updates itself, only
 * requests its updates, and has the figures of the saved page at the end.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess } from "../harness/bench-process.ts";
import { builtBench } from "../harness/built-bench.ts";
import { type BrowserPage, Chromium, findChromium } from "../harness/chromium.ts";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";

const DESK = { widthPx: 1440, heightPx: 900, theme: "light" } as const;
/** Plan time, longer on a slow machine, which needs longer between two actions. */
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
      ...["put", "--local", "--rate=200", "--clients=20", `--duration=${ms(9_000)}`],
      ...["--live=127.0.0.1:0", `--output=html=${saved}`, "--keep-slowest=3"],
      `--event=at=${ms(2_000)} for=${ms(1_000)} pause leader`,
    ]);
    const [, url] = await running.said(/^the live page is at (http:\S+)$/m);
    const page = await browser.visit(url!, DESK);
    const verdict = () => textOf(page, ".verdict b");
    await until("the page shows a run", async () => (await verdict()) !== "waiting");
    const isOver = () => page.evaluate<boolean>('document.documentElement.dataset.live === "over"');
    await until("the event is on the page, or the run is over", async () => {
      return (await textOf(page, "main")).includes("pause leader (etcd1)") || (await isOver());
    });
    assert.is(await verdict(), "running");
    const ended = await running.ended;
    assert.is(ended.code, 0, ended.stderr);
    await until("the page knows that the run is over", isOver);
    const ofSaved = await browser.open(saved, DESK);
    const html = (of: BrowserPage) =>
      of.evaluate<string>('document.querySelector("main").innerHTML');
    assert.is(await html(page), await html(ofSaved));
    assert.is(
      await page.evaluate<string>("document.title"),
      await ofSaved.evaluate<string>("document.title"),
    );
    assert.match(await textOf(page, "main"), /Slowest requests/);
    // The pointer shows values of a chart that came with an update.
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

/** A program of util-linux that runs a command in a new terminal. */
const script = existsSync("/usr/bin/script") ? "/usr/bin/script" : null;
const testInTerminal = script === null ? test.skip : test;

testInTerminal(
  "a tall terminal shows charts, events and members, and at the end the table",
  async () => {
    const { path: etcd } = await etcdForTests();
    const words = [
      ...[
        "put",
        "--local",
        "--etcd",
        etcd,
        "--rate=200",
        "--clients=20",
        `--duration=${ms(4_000)}`,
      ],
      `--event=at=${ms(1_000)} for=${ms(500)} pause leader`,
    ];
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const command = `stty rows 40 cols 100; exec '${process.execPath}' '${builtBench()}' ${quoted}`;
    const { NO_COLOR: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(script!, ["-qec", command, "/dev/null"], {
      env: { ...env, TERM: "xterm", SHELL: "/bin/sh" },
      timeout: patient(120_000),
      maxBuffer: 10 * 1024 * 1024,
    });
    const CLEARED = "\u001b[J";
    const end = stdout.lastIndexOf(CLEARED);
    const [shown, table] = [stdout.slice(0, end), stdout.slice(end + CLEARED.length)];
    assert.match(shown, /rate +[▁▂▃▄▅▆▇█ ]+█/);
    assert.ok(shown.includes("\u001b[33mevent pause leader (etcd1) at "));
    assert.match(shown, /event pause leader \(etcd1\) at [\d.]+ s: under way/);
    assert.match(shown, /event pause leader \(etcd1\) at [\d.]+ s: took/);
    assert.match(shown, /etcd1 +[\d.]+ MB/);
    assert.match(shown, /Successful requests so far, response time/);
    // The redrawn part is gone, and the table replaces it.
    assert.match(table.slice(0, 40), /put: \d/);
    assert.not.match(table, /requests so far/);
    assert.match(table, /Verdict: /);
  },
);

test.run();
