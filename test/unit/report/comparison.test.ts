/** A comparison in every format that shows one, and its exit code. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOfComparison } from "../../../src/cli/exit-code.ts";
import type { Comparison, MetricComparison } from "../../../src/compare/schema.ts";
import { fractionText, verdictSentence } from "../../../src/report/comparison/words.ts";
import { findFormat, REPORT_FORMATS } from "../../../src/report/formats.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { resultFixture, thresholdFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };

function metric(overrides: Partial<MetricComparison> = {}): MetricComparison {
  return {
    operation: "put",
    metric: "throughput",
    unit: "per-second",
    better: "higher",
    clock: null,
    standsForLoad: true,
    isGate: true,
    base: 10_000,
    head: 9_000,
    baseBounds: null,
    headBounds: null,
    notKnown: null,
    ratio: 0.9,
    interval90: { low: 0.89, high: 0.91 },
    interval95: { low: 0.88, high: 0.92 },
    pValue: 0.001,
    adjustedPValue: 0.003,
    leastEffect: 0.03,
    detectableEffect: 0.025,
    noise: 0.02,
    verdict: "slower",
    reason: null,
    pairs: [{ base: 10_000, head: 9_000 }],
    ...overrides,
  };
}

function comparison(metrics: MetricComparison[], overrides: Partial<Comparison> = {}): Comparison {
  return {
    kind: "comparison",
    schemaVersion: 1,
    id: "x",
    startedAt: "2026-08-01T10:11:12.345Z",
    status: "complete",
    isCanary: false,
    labels: {},
    base: { label: "old <b>", etcdVersions: ["3.4.23"], resultIds: ["1"], labels: {} },
    head: { label: "new|x", etcdVersions: ["3.5.30"], resultIds: ["2"], labels: {} },
    hosts: ["2 x CPU"],
    isMachineBusy: false,
    around: [],
    cells: [{ name: "put", kind: "put", design: "pairs", pairs: 12, invalid: [], metrics }],
    verdict: { kind: "slower", reasons: ["put throughput"] },
    notes: ["a note"],
    ...overrides,
  };
}

const render = (format: string, of: Comparison) =>
  formatNamed(format).renderComparison!(of, OPTIONS);

test("shares have two or three digits, and a very small share has no exponent", () => {
  const texts = [null, 0, 0.004_2, 0.03, 1.234, 1e-9, 11].map(fractionText);
  assert.equal(texts, ["-", "0%", "0.42%", "3%", "123%", "<0.0001%", ">1000%"]);
});

test("the table shows ratio, interval, p and verdict of each metric, and the overall verdict below", () => {
  const text = render("table", comparison([metric(), metric({ metric: "p50", isGate: false })]));
  assert.match(
    text,
    /^put +requests\/s \* +10,000 +9,000 +0\.900 +higher +0\.880 to 0\.920 +0\.0030 +3% +slower$/m,
  );
  assert.match(text, /^base: old <b>, etcd 3\.4\.23\nhead: new\|x, etcd 3\.5\.30$/m);
  assert.match(text, /^Verdict: slower: put requests\/s 0\.900 \(0\.880 to 0\.920\)$/m);
  assert.match(text, /^Note: a note$/m);
});

test("an undecided metric shows its detectable effect, and a comparison with itself shows the noise", () => {
  const undecided = metric({ verdict: "undecided", interval95: { low: 0.95, high: 1.04 } });
  const open = comparison([undecided], {
    verdict: { kind: "undecided", reasons: ["put throughput"] },
  });
  assert.match(
    render("table", open),
    /put requests\/s: 1 pair with this noise see an effect of 2\.5% in four of five/,
  );
  const none = comparison([metric({ verdict: "undecided", detectableEffect: null })]);
  assert.match(render("table", none), /so few pairs can prove no effect/);
  const canary = render("markdown", { ...open, isCanary: true });
  assert.match(canary, /The same against itself/);
  assert.match(canary, /differ by up to 5\.3%, above .* --least-effect=throughput=6%/);
});

test("markdown has a table in GitHub's syntax, and no text in it becomes markup", () => {
  const text = render("markdown", comparison([metric()]));
  assert.match(text, /^\| operation \| metric \| base /m);
  assert.match(text, /^\| --- \| --- \| --: \|/m);
  assert.match(text, /\| \*\*slower\*\* \|$/m);
  assert.match(text, /old \\<b\\>/);
  assert.match(text, /new\\\|x/);
});

test("junit: slower fails, invalid is an error, undecided is skipped, and text is quoted", () => {
  const text = render(
    "junit",
    comparison([
      metric(),
      metric({ metric: "p50", verdict: "undecided" }),
      metric({ metric: "p99", verdict: "invalid" }),
      metric({ metric: "mean", verdict: "no-change" }),
      metric({ metric: "p90", isGate: false }),
    ]),
  );
  assert.match(text, /tests="5" failures="2" errors="1" skipped="1"/);
  assert.match(text, /name="put requests\/s"><failure message="slower: ratio 0\.900/);
  assert.match(text, /name="put p50"><skipped /);
  assert.match(text, /name="put mean"\/>/);
  const quoted = render(
    "junit",
    comparison([], { verdict: { kind: "invalid", reasons: ['a<"&'] } }),
  );
  assert.match(quoted, /message="invalid: a&#60;&#34;&#38;"/);
});

test("junit and markdown show results as well", () => {
  const result = resultFixture({
    thresholds: [thresholdFixture("p99<20ms", { actual: 52.6 })],
  });
  assert.match(
    formatNamed("junit").render([result], OPTIONS),
    /name="p99&#60;20ms"><failure message="threshold p99&#60;20ms FAILED \(52\.6\)"/,
  );
  assert.match(
    formatNamed("markdown").render([result], OPTIONS),
    /^\| put \| 40,000 \| 25\.1 ms \| 24\.2 ms \|/m,
  );
});

test("a format that cannot show a comparison is refused, and the error names those that can", () => {
  const able = REPORT_FORMATS.filter(({ shows }) => shows.includes("comparison"));
  assert.equal(
    able.map(({ name }) => name),
    [
      "table",
      "markdown",
      "html",
      "json",
      "junit",
      "benchstat",
      "github-smaller",
      "github-bigger",
      "bencher",
      "openmetrics",
    ],
  );
  assert.throws(
    () => findFormat("perfdash", "comparison"),
    /perfdash cannot show a comparison; take one of table, markdown, html, json, junit/,
  );
});

test("exit codes: slower 1, invalid 4, undecided 3 where strict, else 0", () => {
  const code = (kind: Comparison["verdict"]["kind"], isStrict: boolean, gate = metric()) =>
    exitCodeOfComparison(comparison([gate], { verdict: { kind, reasons: [] } }), isStrict);
  assert.equal([code("slower", false), code("slower", true)], [1, 1]);
  assert.equal(
    [code("invalid", false), code("undecided", false), code("undecided", true)],
    [4, 0, 3],
  );
  const open = metric({ verdict: "undecided" });
  assert.equal([code("faster", false, open), code("faster", true, open)], [0, 3]);
  assert.equal([code("no-change", true), code("faster", true)], [0, 0]);
});

function chartedVerdicts(shown: Comparison): string[] {
  const page = formatNamed("html").renderComparison!(shown, OPTIONS);
  return [...page.matchAll(/<div class="word [a-z]+">([^<]*)</g)].map(([, word]) => word!);
}

test("costs of etcd are more or less, and never slower or faster", () => {
  const cpu = { operation: "etcd", metric: "etcd-cpu", isGate: false } as const;
  const unit = { unit: "microseconds-per-request", better: "lower" } as const;
  const shown = comparison([
    metric(),
    metric({ ...cpu, ...unit, verdict: "slower" }),
    metric({ ...cpu, ...unit, metric: "etcd-rss", unit: "bytes", verdict: "faster" }),
  ]);
  for (const format of ["table", "markdown"]) {
    const text = formatNamed(format).renderComparison!(shown, OPTIONS);
    assert.match(text, /CPU per request.* more/, format);
    assert.match(text, /resident memory.* less/, format);
    assert.match(text, /requests\/s.*slower/, format);
  }
  assert.equal(chartedVerdicts(shown), ["slower", "more", "less"]);
});

test("the verdict of the whole is more where costs alone make it, and both words where speeds do too", () => {
  const rss = { operation: "etcd", metric: "etcd-rss", unit: "bytes", better: "lower" } as const;
  const whole = (metrics: MetricComparison[]) => {
    const verdict = { kind: "slower" as const, reasons: [] };
    return verdictSentence({ ...comparison(metrics), verdict });
  };
  assert.match(whole([metric({ ...rss, verdict: "slower" })]), /^more: etcd resident memory/);
  assert.match(
    whole([metric(), metric({ ...rss, verdict: "slower" })]),
    /^slower and more: put requests/,
  );
});

test("the chart of a comparison says longer or shorter of outages, as the table does", () => {
  const outage = { metric: "unavailable", unit: "ms", better: "lower" } as const;
  const shown = comparison([
    metric({ ...outage, verdict: "slower" }),
    metric({ ...outage, verdict: "faster" }),
    metric({ ...outage, verdict: "no-change" }),
  ]);
  assert.equal(chartedVerdicts(shown), ["longer", "shorter", "no change"]);
});

test("the headers of medians and of the ratio of pairs tell them apart", () => {
  const text = formatNamed("markdown").renderComparison!(
    comparison([metric({ base: 4_517, head: 4_311, ratio: 1.046 })]),
    OPTIONS,
  );
  assert.match(text, /\| base \(median\) \| head \(median\) \| ratio of pairs \|/);
});

test.run();
