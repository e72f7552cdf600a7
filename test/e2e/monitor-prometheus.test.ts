/**
 * Runs a load with an event under a real Prometheus that `bench monitor` started: every dashboard
 * query has a series with the figures of the result. Skipped when no prometheus is on PATH.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freePorts } from "../../src/etcd/local-cluster/ports.ts";
import { allOnPath } from "../../src/executable.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { ClusterCommands } from "../etcd/cluster-commands.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench, checkedResult, onlyOperation } from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

interface Series {
  metric: Record<string, string>;
  values: [seconds: number, value: string][];
}

interface Context {
  clusters: ClusterCommands;
  monitor: BenchProcess;
  prometheus: string;
  result: RunResult;
  fromSeconds: number;
}

const hasPrometheus = allOnPath("prometheus", process.env).length > 0;
if (!hasPrometheus) {
  console.log("skipped: the dashboard in a real Prometheus: no prometheus is on the PATH");
}

const test = suite<Context>("bench monitor with Prometheus");
const ms = (time: number) => `${patient(time)}ms`;

if (hasPrometheus) {
  before(test, async (context) => {
    const clusters = new ClusterCommands();
    context.clusters = clusters;
    await clusters.run("start", "--size=3", `--etcd=${(await etcdForTests()).path}`);
    const [listen, metrics] = await freePorts(2);
    context.prometheus = `http://127.0.0.1:${listen}`;
    const options = { env: clusters.env, cwd: clusters.folder };
    context.monitor = new BenchProcess(
      [
        ...["monitor", "--cluster", `--listen=127.0.0.1:${listen}`],
        ...[`--bench=127.0.0.1:${metrics}`, "--scrape-interval=1s"],
      ],
      options,
    );
    await context.monitor.until("both members and Prometheus answer", async () => {
      const up = await query(context.prometheus, 'up{job="etcd"} == 1', 0).catch(() => []);
      return up.length === 3;
    });
    context.fromSeconds = Date.now() / 1000;
    const end = await bench(
      [
        ...["put", "--cluster", "--rate=100", "--clients=30", `--duration=${ms(12_000)}`],
        ...["--timeout=2s", "--max-error-rate=1", `--metrics-listen=127.0.0.1:${metrics}`],
        ...[`--output=prometheus-rw=${context.prometheus}`, "--output=json"],
        `--event=at=${ms(5_000)} for=${ms(3_000)} pause leader`,
      ],
      options,
    );
    assert.ok([0, 4].includes(end.code ?? -1), end.stderr);
    context.result = checkedResult(JSON.parse(end.stdout));
  });

  test.after(async ({ clusters, monitor }) => {
    monitor?.signal("SIGINT");
    await monitor?.ended;
    await clusters.end();
  });
}

async function query(prometheus: string, expr: string, fromSeconds: number): Promise<Series[]> {
  const now = Date.now() / 1000;
  const start = String(Math.max(fromSeconds, now - 3_000));
  const parameters = new URLSearchParams({ query: expr, start, end: String(now), step: "0.5" });
  const response = await fetch(`${prometheus}/api/v1/query_range?${parameters}`);
  const { status, error, data } = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: Series[] };
  };
  assert.is(status, "success", `${expr}: ${error}`);
  return data.result;
}

const whole = hasPrometheus ? test : test.skip;

whole("every query of the dashboard has a series during the run", async (context) => {
  const { clusters, prometheus, fromSeconds } = context;
  const file = join(clusters.folder, "monitor", "grafana", "dashboards", "etcd-bench.json");
  const dashboard = JSON.parse(readFileSync(file, "utf8")) as {
    panels: { title: string; targets?: { expr: string }[] }[];
    annotations: { list: { expr: string }[] };
  };
  const queries = [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...dashboard.annotations.list.map(({ expr }) => expr),
  ];
  assert.ok(queries.length > 20);
  for (const expr of queries) {
    const filled = expr.replaceAll("$run", ".*").replaceAll("$__rate_interval", "4s");
    const series = await query(prometheus, filled, fromSeconds);
    const values = series.flatMap((each) => each.values).filter(([, value]) => value !== "NaN");
    assert.ok(values.length > 0, expr);
  }
});

whole("the last scraped and remote-written figures are those of the result", async (context) => {
  const { result, prometheus, fromSeconds } = context;
  const { requests, serviceTime } = onlyOperation(result);
  // Scraped samples have the scraped instance, those of remote write the host name.
  // When the CPUs were too busy for the last remote write frame, a note reports it.
  const isWhole = !result.notes.some((note) => note.includes("frames did not reach"));
  const last = async (metric: string, labels = "") => {
    const of = `{run="${result.id}"${labels}${isWhole ? "" : ',instance=~"127.*"'}}`;
    const series = await query(prometheus, metric + of, fromSeconds);
    return series.map(({ values }) => Number(values.at(-1)![1]));
  };
  const all = (value: number) => (isWhole ? [value, value] : [value]);
  assert.equal(await last("bench_requests_total", ',code="OK"'), all(requests.succeeded));
  assert.equal(await last("bench_offered_total"), all(requests.offered));
  assert.equal(await last("bench_verdict", `,verdict="${result.verdict.kind}"`), all(1));
  const native = `histogram_count(bench_request_duration_seconds{run="${result.id}",clock="service"})`;
  if (!isWhole) return;
  const [counted] = await query(prometheus, native, fromSeconds);
  assert.is(Number(counted!.values.at(-1)![1]), serviceTime.count);
});

whole("the event is active for the time in the result", async (context) => {
  const { result, prometheus, fromSeconds } = context;
  const pause = result.moments.find(({ kind }) => kind === "pause")!;
  const expr = `bench_event_active{run="${result.id}",kind="pause",job="bench"} > 0`;
  const series = await until("the event is there", async () => {
    const found = await query(prometheus, expr, fromSeconds);
    return found.length > 0 && found;
  });
  const times = series[0]!.values.map(([seconds]) => seconds);
  const origin = Date.parse(result.measuredAt!) / 1000;
  const from = times[0]! - origin;
  const to = times.at(-1)! - origin;
  // At most one scrape and one query step later, also on busy CPUs.
  const slackSeconds = patient(3);
  assert.ok(
    from >= pause.startSeconds - 1 && from < pause.startSeconds + slackSeconds,
    `${from} s`,
  );
  const endSeconds = pause.startSeconds + pause.durationSeconds!;
  assert.ok(to > pause.startSeconds && to < endSeconds + slackSeconds, `${to} s`);
});

test.run();
