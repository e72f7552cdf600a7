/** The run in a table: the load, the requests, the errors, and the members. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { requestsSection } from "../../../../src/report/table/latency-section.ts";
import type { PutWorkload } from "../../../../src/workloads/put/schema.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  rangeResultFixture,
  resultFixture,
  serverFixture,
} from "../../../fixtures/result-fixture.ts";
import { workloadOf } from "../../../fixtures/workload-of.ts";
import { cellsOf, paced, render } from "./rendered-table.ts";

test("the first lines have the load and the target", () => {
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

test("TLS and the token of a user are printed next to the load, since they cost the server", () => {
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

test("a range over existing keys is described by its keys, not by sizes", () => {
  const result = rangeResultFixture();
  if (result.plan.workload.kind === "range") {
    Object.assign(result.plan.workload, { key: "a", end: "b" });
  }
  const text = render(result);
  assert.match(text, 'of "a" to "b"');
  assert.not.match(text, /^Ranges$/m);
});

test("puts into fewer keys than puts are noted", () => {
  const plan = planFixture();
  workloadOf<PutWorkload>(plan, "put").keys.keySpaceSize = 1;
  assert.match(render(resultFixture({ plan })), "they went to 1 distinct key.");
  assert.not.match(render(resultFixture()), "distinct key");
});

test("requests are counted by outcome", () => {
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

test("of several runs only those with failed requests are listed one by one", () => {
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

test("of several runs each request is counted once, whatever kinds it is counted in", () => {
  const result = resultFixture({
    operations: ["mixed", "mixed-put", "mixed-range"].map((name) =>
      operationFixture({ name, requests: { offered: 400, started: 400, succeeded: 400 } }),
    ),
  });
  result.plan.workload = { ...result.plan.workload, kind: "mixed" } as typeof result.plan.workload;
  const section = requestsSection([
    { label: "[1]", result },
    { label: "[2]", result },
  ]);
  assert.equal(section.remarks, ["All 800 offered were sent and succeeded."]);
});

test("a paced run shows both clocks and explains them", () => {
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

test("errors have code, message and count, the most frequent first, and cannot control a terminal", () => {
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

test("etcd's own metrics are printed by member, and for several runs summed up over the members", () => {
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

test.run();
