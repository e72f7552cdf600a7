/** The steps of a search as a table, and the sentences below it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOf, worstExitCode } from "../../../src/cli/exit-code.ts";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { describeStep } from "../../../src/report/table/search-section.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { shownInFull } from "../../../src/result/search.ts";
import { checkThresholds } from "../../../src/run/thresholds.ts";
import { parseResults } from "../../../src/saved/parse.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { toLatency } from "../../../src/stats/latency.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";

interface Step {
  rate: number;
  p99Ms: number | null;
  isVerification?: boolean;
  kind?: RunResult["verdict"]["kind"];
  status?: RunResult["status"];
  failed?: number;
  count?: number;
}

function walked(...steps: Step[]): RunResult[] {
  return steps.map((step, index) => {
    const { rate, p99Ms, isVerification = false, kind, status, failed = 0, count } = step;
    const limits = [parseThreshold("--find-max", "p99<20ms")];
    const plan = planFixture({
      pacing: { ratePerSec: rate },
      judge: { thresholds: limits },
      search: { limits, startRatePerSec: 1_000, precision: 0.05, stepDurationMs: 5_000 },
    });
    const operations = [
      operationFixture({
        throughputPerSec: rate,
        requests: { failed },
        responseTime: latencyFixture({
          count: count ?? 100_000,
          p50Ms: 1.5,
          p90Ms: 1.8,
          p95Ms: 1.9,
          p99Ms,
          p999Ms: null,
        }),
      }),
    ];
    return resultFixture({
      id: `run${index}`,
      durationSeconds: 30,
      plan,
      operations,
      status: status ?? "complete",
      verdict: { kind: kind ?? "valid", reasons: [] },
      thresholds: checkThresholds(limits, operations),
      search: { id: "s1", step: index + 1, isVerification },
    });
  });
}

const FOUND: Step[] = [
  { rate: 1_000, p99Ms: 2 },
  { rate: 2_000, p99Ms: 30 },
  { rate: 1_500, p99Ms: 12 },
  { rate: 1_500, p99Ms: 13, isVerification: true },
];

const render = (results: RunResult[], format = "table") =>
  formatNamed(format).render(results, { color: false, widthColumns: null });

test("the remark on the clock leaves out operations without a schedule", () => {
  const steps = walked(...FOUND);
  assert.match(render(steps), /which a request was due\.$/m);
  for (const { operations } of steps) {
    operations.push(operationFixture({ name: "watch-create", responseTime: null }));
  }
  assert.match(
    render(steps),
    /which a request was due\. Those of watch-create are service times: they have no schedule\.$/m,
  );
});

test("a step with errors says which, where no request need have failed", () => {
  const results = walked(...FOUND);
  const reasons = ["the load did not go to the leader from 1.0 s on"];
  results[1]!.verdict = { kind: "errors", reasons };
  assert.match(
    describeStep(results[1]!),
    /errors \(the load did not go to the leader from 1\.0 s on\)/,
  );
  assert.match(
    render(results),
    /At 2,000\/s there were errors \(the load did not go to the leader/,
  );
});

test("what became of the cluster is said with the steps in which it did, in tables and markdown", () => {
  const results = walked(...FOUND);
  const text = "the learner b joined the cluster, which has 2 members since";
  results[1]!.target.changes = [{ kind: "member", atSeconds: 1, isFault: false, text }];
  results[2]!.target.changes = [{ kind: "member", atSeconds: 2, isFault: false, text }];
  for (const format of ["table", "summary", "html", "markdown"]) {
    assert.match(render(results, format), /During step 2, step 3: the learner b joined/, format);
  }
});

test("steps that were measured on a busy machine are counted, in tables and markdown", () => {
  const results = walked(...FOUND);
  for (const run of results.slice(1, 3)) {
    run.machine = { ...run.machine!, otherCpuPercent: 80, idleCpuPercent: 0 };
  }
  for (const format of ["table", "summary", "html", "markdown"]) {
    const text = render(results, format);
    assert.match(
      text,
      /Other processes took 80%.* during 2 of \d+ steps: their figures are/,
      format,
    );
  }
});

test("steps in which the client may have been late are counted", () => {
  const results = walked(...FOUND);
  const [late] = results;
  assert.not.match(render(results), /may have been late/);
  // Of 2 ms, as many may be the client's: too few to limit the step.
  late!.client = { ...late!.client, dispatchLagP99Ms: 2 };
  assert.match(
    render(results),
    /This client may have been late in 1 of \d+ steps: of the response/,
  );
});

test("what became of the cluster between two steps is said of the later one", () => {
  const results = walked(...FOUND);
  const text = "b joined the cluster, which has 2 members since";
  results[1]!.target.changes = [{ kind: "member", atSeconds: -1, isFault: false, text }];
  assert.match(render(results), /Before step 2: b joined the cluster/);
});

test("every step has its line, and the verification is shown in full below", () => {
  const text = render(walked(...FOUND));
  assert.match(text, /^Highest rate with p99<20ms\n/);
  assert.match(text, /^ +1 +1,000 +1,000 +1\.50 ms +2\.00 ms +0 +valid +held$/m);
  assert.match(text, /^ +2 +2,000 +2,000 +1\.50 ms +30\.0 ms +0 +valid +broken$/m);
  assert.match(text, /^verify 4 +1,500 /m);
  assert.match(text, /^Found: 1,500\/s, verified over 30\.0 s: p99 was 13\.0 ms\.$/m);
  assert.match(text, /^At 2,000\/s p99 was 30\.0 ms\.$/m);
  assert.is(text.split(/^Latency$/m).length, 2);
  assert.match(text, /^put, .*1,500 requests\/s/m);
});

test("the limit of the search is reported where it was not etcd", () => {
  const bounded = (kind: RunResult["verdict"]["kind"], p99Ms: number) =>
    render(walked(FOUND[0]!, { rate: 2_000, p99Ms, kind }, ...FOUND.slice(2)));
  assert.match(bounded("client-limited", 2), /At 2,000\/s this client was the limit.*--workers/);
  assert.match(bounded("rate-unmet", 2), /At 2,000\/s all 1,000 clients were .*--clients/);
  assert.match(bounded("rate-unmet", 50), /At 2,000\/s p99 was 50\.0 ms, and all 1,000 clients/);
  assert.match(bounded("errors", 2), /At 2,000\/s there were errors\./);
});

test("a search that the client bounds ends with 4 under --strict, as a run that it limits", () => {
  const codeOf = (strict: boolean, kind: RunResult["verdict"]["kind"], p99Ms: number) => {
    const results = walked(FOUND[0]!, { rate: 2_000, p99Ms, kind }, ...FOUND.slice(2));
    for (const { plan } of results) plan.judge.strict = strict;
    return worstExitCode(results);
  };
  assert.is(codeOf(true, "client-limited", 2), 4);
  assert.is(codeOf(true, "rate-unmet", 2), 4);
  assert.is(codeOf(true, "rate-unmet", 50), 4);
  assert.is(codeOf(true, "valid", 50), 0);
  assert.is(codeOf(true, "errors", 2), 0);
  assert.is(codeOf(false, "client-limited", 2), 0);
});

test("what the target failed by at a rate is reported where the client was too slow at it once", () => {
  const text = render(
    walked(
      FOUND[0]!,
      { rate: 2_000, p99Ms: 2, kind: "client-limited" },
      FOUND[1]!,
      FOUND[1]!,
      ...FOUND.slice(2),
    ),
  );
  assert.match(text, /^At 2,000\/s p99 was 30\.0 ms\.$/m);
  assert.not.match(text, /this client was the limit/);
});

test("contradictory steps are reported, and do not bound the found rate", () => {
  const text = render(
    walked(
      { rate: 800, p99Ms: 97.1 },
      { rate: 800, p99Ms: 3 },
      { rate: 1_600, p99Ms: 4 },
      { rate: 3_200, p99Ms: 80 },
      { rate: 3_200, p99Ms: 90 },
      { rate: 1_600, p99Ms: 70, isVerification: true },
      { rate: 1_440, p99Ms: 5, isVerification: true },
    ),
  );
  assert.match(text, /^Found: 1,440\/s/m);
  assert.match(text, /^At 3,200\/s p99 was 80\.0 ms\.$/m);
  assert.match(
    text,
    /^800\/s did not hold in step 1 \(p99 was 97\.1 ms\), and did in step 3 at 1,600\/s: something other than the rate made the difference\.$/m,
  );
  assert.match(
    text,
    /^1,600\/s did not hold in verification 6 \(p99 was 70\.0 ms\), and did in step 3: /m,
  );
  assert.not.match(render(walked(...FOUND)), /did not hold/);
});

test("a search without a rate reports the reason", () => {
  const why = (...steps: Step[]) => /No rate was found.*/.exec(render(walked(...steps)))![0];
  assert.match(why({ rate: 1, p99Ms: 99 }), /At 1\.00\/s p99 was 99\.0 ms/);
  assert.match(
    why({ rate: 10, p99Ms: null, count: 40 }),
    /too few requests.* \(p99 needs 1,000 samples, put has 40\).*--duration/,
  );
  assert.match(why(FOUND[0]!, { ...FOUND[1]!, status: "interrupted" }), /interrupted/);
  assert.match(why(FOUND[0]!, { ...FOUND[1]!, status: "failed" }), /broke off/);
  assert.match(why(FOUND[0]!, { rate: 1_000, p99Ms: 30, isVerification: true }), /full duration/);
});

test("a step that failed requests leave undecided says so, however few samples it has", async () => {
  await initHistograms();
  const [answered, missing] = [new LatencyHistogram(), new LatencyHistogram()];
  for (let i = 0; i < 600; i++) (i < 5 ? missing : answered).recordNs(1e6);
  const operations = [operationFixture({ responseTime: toLatency(answered, missing) })];
  const results = walked({ rate: 300, p99Ms: null }).map((result): RunResult => {
    const { limits } = result.plan.search!;
    return { ...result, operations, thresholds: checkThresholds(limits, operations, limits) };
  });
  const reason = "5 put requests have no latency, which could be on either side of the limit";
  assert.ok(describeStep(results[0]!).endsWith(`undecided (${reason})`), describeStep(results[0]!));
  assert.match(
    render(results),
    new RegExp(`At 300/s requests without a latency left the limit undecided: ${reason}\\.`),
  );
  assert.not.match(render(results), /too few/);
});

test("a series with too few samples is reported in its line of the step, with the number it needs", () => {
  const results = walked(...FOUND).map((result): RunResult => {
    const rare = operationFixture({
      name: "rare",
      responseTime: latencyFixture({
        count: 120,
        minMs: 1,
        p50Ms: 2,
        p90Ms: 3,
        p95Ms: 4,
        p99Ms: null,
      }),
    });
    const operations = [...result.operations, rare];
    const { limits } = result.plan.search!;
    return { ...result, operations, thresholds: checkThresholds(limits, operations, limits) };
  });
  const text = render(results);
  assert.match(text, /^ +2 +put +2,000 .* broken$/m);
  assert.match(
    text,
    /^ +1 +rare +1,000 .*valid +not judged: 120 of the 1,000 samples that p99 needs$/m,
  );
  assert.match(text, /^Found: 1,500\/s/m);
  assert.match(
    text,
    /passed \(13\.0 ms response time; not judged: p99 needs 1,000 samples, rare has 120\)/,
  );
});

test("a limit of one series does not apply to the lines of the others", () => {
  const results = walked(...FOUND).map((result): RunResult => {
    const limits = result.plan.search!.limits.map((limit) => ({ ...limit, series: "put" }));
    const operations = [...result.operations, operationFixture({ name: "other" })];
    const thresholds = checkThresholds(limits, operations, limits);
    const search = { ...result.plan.search!, limits };
    return { ...result, operations, thresholds, plan: { ...result.plan, search } };
  });
  const text = render(results);
  assert.match(text, /^ +2 +put +2,000 .* broken$/m);
  assert.match(text, /^ +2 +other +2,000 .*not judged: no limit is of it$/m);
});

test("the exit code is that of the verification, or 1 where no rate was found", () => {
  const found = walked(...FOUND);
  assert.is(exitCodeOf(found[1]!), 1);
  assert.is(worstExitCode(found), 0);
  assert.is(worstExitCode(walked(...FOUND.slice(0, 3))), 1);
  assert.is(worstExitCode(walked(FOUND[0]!, { ...FOUND[1]!, status: "interrupted" })), 130);
  assert.is(worstExitCode([...found, resultFixture({ status: "failed" })]), 1);
});

test("junit shows a search as its exit code does: a rate that no step held is an error", () => {
  const casesOf = (results: RunResult[]) => {
    const text = render(results, "junit");
    assert.is(/failures="0" errors="0"/.test(text), worstExitCode(results) === 0, text);
    return text;
  };
  assert.match(casesOf(walked(...FOUND)), /name="verdict"\/>/);
  const none = casesOf(walked({ rate: 1_000, p99Ms: 19 }, { rate: 500, p99Ms: 19 }));
  assert.match(none, /name="verdict"><error message="no rate was found for p99&#60;20ms; /);
  casesOf(walked(FOUND[0]!, { ...FOUND[1]!, status: "interrupted" }));
  const bounded = walked(
    FOUND[0]!,
    { rate: 2_000, p99Ms: 2, kind: "client-limited" },
    ...FOUND.slice(2),
  );
  casesOf(bounded);
  for (const { plan } of bounded) plan.judge.strict = true;
  assert.match(casesOf(bounded), /1,500\/s held p99&#60;20ms; at 2,000\/s: client-limited"/);
});

test("saved steps in any order, next to other results, are read as the same search", () => {
  const results = walked(...FOUND);
  const other = resultFixture({ id: "other" });
  const json = render([...results.toReversed(), other], "json");
  const again = parseResults(json, "x");
  const head = (text: string) => text.slice(0, text.indexOf("\n\n"));
  assert.is(head(render(again)), head(render(results)));
  assert.equal(
    shownInFull(again).map(({ id }) => id),
    ["run3", "other"],
  );
});

test.run();
