/** Proves that the table says what the results say: each figure in its column, each fact told. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderPublishedTables, tableFormat } from "../../../src/report/table.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { publishedRows } from "../../../src/saved/published.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  rangeResultFixture,
  resultFixture,
  serverFixture,
  thresholdFixture,
} from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";

const OPTIONS = { color: false, widthColumns: 120 };

function render(...results: RunResult[]): string {
  return tableFormat.render(results, OPTIONS);
}

/** The lines under a section's title, up to the empty line. */
function sectionOf(text: string, title: string): string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(title);
  assert.ok(start >= 0, `no section ${title} in\n${text}`);
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end < 0 ? undefined : end);
}

/** The cells of each line between the rule of a section and its remarks. */
function cellsOf(text: string, title: string): string[][] {
  const lines = sectionOf(text, title);
  const rule = lines.findIndex((line) => line.startsWith("─"));
  assert.ok(rule > 0, `no rule under ${title} in\n${text}`);
  return lines
    .slice(rule + 1)
    .map((line) => line.trim().split(/ {2,}/))
    .filter((cells) => cells.length > 1);
}

/** The seven runs of the quickstart, in an order of their own. */
function quickstart(): RunResult[] {
  const one = { load: { connections: 1, clients: 1 } };
  const leader = { target: { leaderOnly: true } };
  return [
    rangeResultFixture(["serializable"]),
    resultFixture(),
    rangeResultFixture(["linearizable"], { plan: one }),
    resultFixture({ plan: planFixture({ ...one, ...leader }) }),
    rangeResultFixture(["linearizable"]),
    rangeResultFixture(["serializable"], { plan: one }),
    resultFixture({ plan: planFixture(leader) }),
  ];
}

function paced(): RunResult {
  return resultFixture({
    plan: planFixture({ pacing: { ratePerSec: 1000 } }),
    operations: [
      operationFixture({
        responseTime: latencyFixture({ p99Ms: 1300, maxMs: 1390 }),
        littlesLaw: null,
      }),
    ],
  });
}

test("the published table has each figure in its column", () => {
  assert.equal(cellsOf(render(resultFixture()), "Puts"), [
    [
      ...["100,000", "8", "256", "100", "1,000", "all members"],
      ...["40,000", "25.1", "101", "24.2", "52.6", "71.8", "50,104", "0.80x"],
    ],
  ]);
  assert.equal(cellsOf(render(rangeResultFixture()), "Ranges"), [
    [
      ...["100,000", "8", "256", "100", "1,000", "linearizable"],
      ...["40,000", "25.1", "101", "24.2", "52.6", "71.8", "*141,578", "0.28x"],
    ],
  ]);
});

test("a load on a part of the members says so, and keeps its published row", () => {
  const { target } = resultFixture();
  const members = ["a", "b", "c"].map((name) => ({ ...target.members[0]!, name }));
  const targetOf = (...used: string[]) => {
    const connections = used.map((member) => ({ member, count: 1 }));
    const whole = { ...target, members, endpoints: ["h:1", "h:2", "h:3"], connections };
    return cellsOf(render({ ...resultFixture(), target: whole }), "Puts")[0]!;
  };
  assert.is(targetOf("a")[5], "1 of 3 members");
  assert.is(targetOf("a", "b", "c")[5], "all members");
  assert.equal(targetOf("a").at(-2), targetOf("a", "b", "c").at(-2));
});

test("server RSS is the mean over the members that could be read", () => {
  const result = resultFixture({
    server: [
      serverFixture({ rssMeanBytes: 100e6 }),
      serverFixture({ rssMeanBytes: null }),
      serverFixture({ rssMeanBytes: 200e6 }),
    ],
  });
  assert.is(cellsOf(render(result), "Puts")[0]![8], "150");
});

test("figures that could not be had are dashes, or columns that are left out, and never zeros", () => {
  const lacking = resultFixture({
    server: [],
    plan: planFixture({ load: { clients: 7 } }),
    operations: [
      operationFixture({
        throughputPerSec: null,
        serviceTime: latencyFixture({ meanMs: null, p50Ms: null, p99Ms: null, p999Ms: null }),
      }),
    ],
  });
  const [first, second] = cellsOf(render(lacking, resultFixture()), "Puts");
  assert.equal(second!.slice(7), Array(8).fill("-"), first!.join());
  assert.match(render(lacking), /^put: 0 errors, valid\n/);
  assert.not.match(render(lacking), /^put .*\b0 ms/m);
});

test("seven runs give two tables in published order, one line an operation", () => {
  const text = renderPublishedTables(quickstart(), OPTIONS);
  const puts = cellsOf(text, "Puts");
  assert.equal(
    puts.map((cells) => [cells[0], cells[4], cells[6], cells.at(-2)]),
    [
      ["[4]", "1", "leader", "583"],
      ["[7]", "100", "leader", "44,341"],
      ["[2]", "100", "all members", "50,104"],
    ],
  );
  const ranges = cellsOf(text, "Ranges");
  assert.equal(
    ranges.map((cells) => [cells[0], cells[4], cells[6], cells.at(-2)]),
    [
      ["[3]", "1", "linearizable", "1,353"],
      ["[6]", "1", "serializable", "2,909"],
      ["[5]", "100", "linearizable", "*141,578"],
      ["[1]", "100", "serializable", "*185,758"],
    ],
  );
  assert.ok(tableFormat.render(quickstart(), OPTIONS).includes(text));
});

test("both consistencies of one run stand in one table", () => {
  const text = render(rangeResultFixture(["linearizable", "serializable"]));
  assert.equal(
    cellsOf(text, "Ranges").map((cells) => cells[5]),
    ["linearizable", "serializable"],
  );
});

test("the tables of wide figures fit 120 columns, with the numbers right-aligned", () => {
  const results = quickstart();
  for (const { operations, server } of results) {
    for (const operation of operations) {
      operation.throughputPerSec = 185_758;
      operation.serviceTime.p50Ms = 0.053;
      operation.serviceTime.p99Ms = 1390;
    }
    for (const member of server) member.rssMeanBytes = 1.1e9;
  }
  const lines = tableFormat.render(results, OPTIONS).split("\n");
  const rules = lines.filter((line) => line.startsWith("─"));
  assert.ok(rules.length >= 5);
  for (const rule of rules) assert.ok(rule.length <= 120, `${rule.length} columns`);
  const rows = lines.filter((line) => line.includes("185,758  "));
  const ends = rows.map((line) => line.indexOf("185,758") + 7);
  assert.ok(rows.length >= 7);
  assert.ok(new Set(ends).size <= 2, "one column in each of the two tables");
});

test("in a narrow terminal the columns turn into rows", () => {
  const text = tableFormat.render([resultFixture()], { color: false, widthColumns: 60 });
  const lines = sectionOf(text, "Puts");
  for (const line of lines.filter((each) => !each.startsWith("Ratio:"))) {
    assert.ok(line.length <= 60, line);
  }
  assert.ok(lines.some((line) => /^Average write QPS +40,000$/.test(line)));
});

test("published figures print as rows of their own, without a ratio", () => {
  const results = publishedRows().map(({ result }) => result);
  const text = tableFormat.render(results, OPTIONS);
  const rows = [...cellsOf(text, "Puts"), ...cellsOf(text, "Ranges")];
  const rates = rows.map((cells) => cells[7]);
  for (const { operation } of publishedRows()) {
    assert.ok(rates.includes(operation.throughputPerSec!.toLocaleString("en-US")));
  }
  assert.not.match(text, /Pub-|Ratio/);
  assert.match(text, "breaks Little's law");
  assert.not.match(text, "Measured by");
});

test("it says what was run and against what", () => {
  const [answer, , load, target] = render(paced()).split("\n");
  assert.is(answer, "put: 40,000/s, p50 24.2 ms, p99 1.30 s (response time), 0 errors, valid");
  for (const fact of [
    "put, key 8 B, value 256 B",
    "100 connections, 1,000 clients",
    "1,000 requests/s (constant)",
    "100,000 requests",
    "wire transport",
  ]) {
    assert.match(load!, fact);
  }
  assert.match(target!, "etcd 3.5.30, 3 members, leader m2, through 127.0.0.1:12379");
  assert.match(render(rangeResultFixture()), /^range linearizable, .*closed loop/m);
});

test("TLS and the token of a user stand beside the load, for they cost the server", () => {
  const over = (target: Parameters<typeof planFixture>[0] & object) =>
    render(resultFixture({ plan: planFixture(target) }));
  const tls = { certFile: "c", keyFile: "k", caFile: null, serverName: null, skipVerify: false };
  assert.match(over({ target: { tls, user: "root" } }), /wire transport, TLS, as a user\n/);
  const local = {
    members: 1,
    tls: true,
    auth: "jwt",
    grpcProxy: false,
    proxied: false,
    serverArgs: [] as string[],
  } as const;
  assert.match(over({ target: { local } }), /wire transport, TLS, as a user \(jwt token\)\n/);
  const proxied = { ...local, tls: false, auth: null, grpcProxy: true };
  assert.match(over({ target: { local: proxied } }), /wire transport, etcd's grpc-proxy\n/);
  assert.match(over({}), /wire transport\n/);
});

test("a range over keys that were there is told by its keys, not by sizes", () => {
  const result = rangeResultFixture();
  if (result.plan.workload.kind === "range") {
    Object.assign(result.plan.workload, { key: "a", end: "b" });
  }
  const text = render(result);
  assert.match(text, 'of "a" to "b"');
  assert.not.match(text, /^Ranges$/m);
});

test("puts into fewer keys than puts are remarked on", () => {
  const plan = planFixture();
  workloadOf<PutWorkload>(plan, "put").keys.keySpaceSize = 1;
  assert.match(render(resultFixture({ plan })), "they went to 1 distinct key.");
  assert.not.match(render(resultFixture()), "distinct key");
});

test("requests are counted by what became of them", () => {
  const result = resultFixture({
    operations: [
      operationFixture({
        requests: {
          offered: 1010,
          started: 1005,
          succeeded: 1000,
          failed: 4,
          dropped: 6,
          resent: 2,
        },
      }),
    ],
  });
  assert.equal(cellsOf(render(result), "Requests"), [
    ["put", "2.50 s", "40,000", "1,010", "1,005", "1,000", "4", "6", "2"],
  ]);
});

test("of several runs only the requests that failed are told of one by one", () => {
  const bad = resultFixture({
    operations: [operationFixture({ requests: { succeeded: 99_999, failed: 1 } })],
  });
  assert.match(render(resultFixture(), resultFixture()), "All 200,000 offered were sent and succ");
  const rows = cellsOf(render(resultFixture(), bad), "Requests");
  assert.equal(
    rows.map((cells) => cells[0]),
    ["[2]"],
  );
});

test("a paced run shows both clocks and says what they mean", () => {
  const text = render(paced());
  assert.equal(cellsOf(text, "Latency"), [
    [
      ...["put", "service time", "1.25 ms", "25.1 ms", "6.40 ms"],
      ...["24.2 ms", "33.3 ms", "38.7 ms", "52.6 ms", "71.8 ms", "88.9 ms"],
    ],
    [
      ...["put", "response time", "1.25 ms", "25.1 ms", "6.40 ms"],
      ...["24.2 ms", "33.3 ms", "38.7 ms", "1.30 s", "71.8 ms", "1.39 s"],
    ],
  ]);
  assert.match(text, "response time at its place in the schedule");
  assert.not.match(render(resultFixture()), "place in the schedule");
});

test("errors stand by code, message and count, the most frequent first, and cannot steer", () => {
  const text = render(
    resultFixture({
      operations: [
        operationFixture({
          failedTime: latencyFixture({ count: 9, p999Ms: null, maxMs: 10_000 }),
          errors: [
            { code: "UNAVAILABLE", message: "connection\nreset \x1b[2J", count: 2 },
            { code: "DEADLINE_EXCEEDED", message: "m".repeat(300), count: 7 },
          ],
        }),
      ],
    }),
  );
  const rows = cellsOf(text, "Errors");
  assert.equal(
    rows.map((cells) => cells.slice(0, 3)),
    [
      ["put", "7", "DEADLINE_EXCEEDED"],
      ["put", "2", "UNAVAILABLE"],
    ],
  );
  assert.is(rows[0]![3]!.length, 80);
  assert.not.match(text, "\x1b");
  assert.equal(cellsOf(text, "Latency")[1]!.slice(-2), ["-", "10.0 s"]);
});

test("etcd's own metrics stand by member, and over the members for several runs", () => {
  const result = resultFixture({
    server: [
      serverFixture({ member: "m1", walFsyncP99Ms: 3.9, cpuPercent: 70 }),
      serverFixture({ member: "m2", walFsyncP99Ms: 7.8, cpuPercent: 50, slowApplies: 3 }),
      serverFixture({ member: "m3", walFsyncP99Ms: null, cpuPercent: null, slowApplies: null }),
    ],
  });
  const single = cellsOf(render(result), "etcd");
  assert.equal(
    single.map((cells) => [cells[0], cells[3], cells[4], cells[7]]),
    [
      ["m1", "70%", "3.90 ms", "0"],
      ["m2", "50%", "7.80 ms", "3"],
      ["m3", "-", "-", "-"],
    ],
  );
  const several = cellsOf(render(result, resultFixture()), "etcd");
  assert.equal(
    several.map((cells) => [cells[0], cells[1], cells[4], cells[5], cells[8]]),
    [
      ["[1]", "3 members", "120%", "7.80 ms", "3"],
      ["[2]", "3 members", "210%", "3.90 ms", "0"],
    ],
  );
});

test("the client's own cost has its line", () => {
  const text = render(
    resultFixture({ client: { dispatchLagP50Ms: 0.054, dispatchLagP99Ms: 0.2 } }),
  );
  assert.equal(cellsOf(text, "Client"), [
    ["1", "5.25 µs", "21%", "37%", "1.50 ms", "54.0 µs", "200 µs", "91.0 MB"],
  ]);
});

test("thresholds, the verdict with its reasons, and notes are told", () => {
  const threshold = (expression: string, metric: "p99" | "qps" | "errors", bound: number) => ({
    ...{ expression, metric, bound, series: null },
    comparison: "<" as const,
  });
  const text = render(
    resultFixture({
      status: "interrupted",
      verdict: { kind: "client-limited", reasons: ["A worker was 97% busy."] },
      notes: ["Only 3 connections carry clients."],
      thresholds: [
        thresholdFixture("p99<20ms", { actual: 52.6 }),
        thresholdFixture("qps<1M", { actual: 40_000, passed: true }),
        thresholdFixture("errors<1%", { actual: 0.002, passed: true }),
        // As results of before there were outcomes have it.
        thresholdFixture("p99<30ms", { tooFewSamples: [{ operation: "put", samples: 40 }] }),
        thresholdFixture("p99<40ms"),
        thresholdFixture("p99<50ms", { outcome: "held", passed: true, atMost: 47 }),
        thresholdFixture("p99<60ms", { outcome: "broken", atLeast: 77 }),
        thresholdFixture("p99<70ms", {
          ...{ outcome: "undecided", atLeast: 30, atMost: 90 },
          reason: "p99 needs 1000 samples, put has 40",
        }),
      ],
      plan: planFixture({
        judge: {
          thresholds: [
            threshold("p99<20ms", "p99", 20),
            threshold("qps<1M", "qps", 1e6),
            threshold("errors<1%", "errors", 0.01),
            threshold("p99<30ms", "p99", 30),
            threshold("p99<50ms", "p99", 50),
            threshold("p99<60ms", "p99", 60),
            threshold("p99<70ms", "p99", 70),
          ],
        },
      }),
    }),
  );
  const lines = text.split("\n");
  for (const line of [
    "Threshold p99<20ms: FAILED (52.6 ms)",
    "Threshold qps<1M: passed (40,000/s)",
    "Threshold errors<1%: passed (0.2%)",
    "Threshold p99<30ms: undecided (could not be measured: p99 needs 1,000 samples, put has 40)",
    "Threshold p99<40ms: undecided (could not be measured)",
    "Threshold p99<50ms: passed (at most 47.0 ms)",
    "Threshold p99<60ms: FAILED (at least 77.0 ms)",
    "Threshold p99<70ms: undecided (30.0 ms to 90.0 ms: p99 needs 1000 samples, put has 40)",
    "Verdict: client-limited (interrupted): A worker was 97% busy.",
    "Note: Only 3 connections carry clients.",
  ]) {
    assert.ok(lines.includes(line), `${line}\nis not in\n${text}`);
  }
});

test("Little's law is told of only where it is broken", () => {
  assert.not.match(render(resultFixture()), "Little's law");
  const broken = resultFixture({
    operations: [
      operationFixture({ littlesLaw: { expectedMeanMs: 5.4, measuredMeanMs: 2.2, ratio: 0.41 } }),
    ],
  });
  assert.match(render(broken), /Little's law does not hold for put: .*5\.40 ms.*2\.20 ms/);
});

test("what all runs share is told once, what some share with their labels", () => {
  const noted = resultFixture({ notes: ["Idle connections."] });
  const text = render(noted, resultFixture(), noted);
  assert.is(text.split("Measured by").length, 2);
  assert.is(text.split("Target:").length, 2);
  assert.ok(text.split("\n").includes("[1] [3] Note: Idle connections."), text);
  assert.ok(text.split("\n").includes("Verdict: valid"), text);
});

test("one line says on which machine and etcd it was", () => {
  const line = render(resultFixture()).trimEnd().split("\n").at(-1)!;
  for (const fact of [
    "2 x Testing CPU 3000",
    "8.00 GB memory",
    "Debian GNU/Linux 12 x64",
    "v20.19.0",
    "etcd 3.5.30",
    "ext4",
  ]) {
    assert.match(line, fact);
  }
});

test("colour comes only when asked for, and changes nothing but colour", () => {
  const plain = render(paced(), resultFixture());
  assert.not.match(plain, "\x1b");
  const colored = tableFormat.render([paced(), resultFixture()], { ...OPTIONS, color: true });
  assert.match(colored, "\x1b[");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is taken away
  assert.is(colored.replace(/\x1b\[\d+m/g, ""), plain);
});

test("no result is no text", () => {
  assert.is(render(), "");
  assert.is(renderPublishedTables([], OPTIONS), "");
});

test("a run that is too short has no ratio to what was published, and the table says why", () => {
  const short = resultFixture({
    operations: [operationFixture({ requests: { succeeded: 1_000 } })],
  });
  const brief = resultFixture({ operations: [operationFixture({ durationSeconds: 0.4 })] });
  for (const result of [short, brief]) {
    const text = renderPublishedTables([result], { color: false, widthColumns: null });
    assert.not.match(text, /\d+\.\d+x/);
    assert.match(text, /^No ratio for runs of less than 1 s or fewer than 10 requests a client/m);
  }
  const full = renderPublishedTables([resultFixture()], { color: false, widthColumns: null });
  assert.match(full, /\d+\.\d+x/);
});

test.run();
