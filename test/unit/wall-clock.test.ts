/** Checks that files read the wall clock only for timestamps: it may be set during a run. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const SRC = fileURLToPath(new URL("../../../src", import.meta.url));

/** All other files measure durations and timeouts with performance.now(). */
const TIMESTAMPS: Record<string, string> = {
  "access/tls-files.ts": "a certificate's validity is a date",
  "calibrate/calibrate.ts": "startedAt",
  "cli/ab/arm-suite.ts": "startedAt",
  "cli/output/deliver-results.ts": "a file's name",
  "cli/doctor/run-doctor.ts": "startedAt",
  "cli/soak/run-soak.ts": "startedAt",
  "cli/suite/run-suite.ts": "startedAt",
  "memory/measure.ts": "startedAt",
  "soak/row-maker.ts": "startedAt of a row",
  "placement/up.ts": "when agents were started",
  "result/id.ts": "ids sort by time",
  "run/find-max.ts": "ids sort by time",
  "run/run-times.ts": "startedAt, measuredAt",
  "code-cache.ts": "a folder's time of change",
  "doctor/probes/disk.ts": "a folder's time of change",
  "etcd/control-calls.ts": "grpc-js takes the deadline of a call as a date, once",
  "etcd/etcd-binary/cache.ts": "a folder's time of change",
  "etcd/local-cluster/certificates.ts": "a certificate's validity is a date",
  "etcd/local-cluster/cluster-folder.ts": "a folder's time of change",
  "cli/failover/run-failover.ts": "when a session began",
  "cli/proxy/run-proxy.ts": "the time of a line of the log",
  "etcd/local-cluster/own-process.ts": "when a process was started",
  "etcd/named-cluster/cluster-status.ts":
    "when another command started a process, on systems that do not tell its age",
  "etcd/named-cluster/saved-cluster.ts": "when a cluster was made",
};

test("the wall clock is read only for timestamps", () => {
  const readers = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .filter((name) => /\bDate\.now\b|new Date\(\)/.test(readFileSync(join(SRC, name), "utf8")));
  assert.equal(readers.sort(), Object.keys(TIMESTAMPS).sort());
});

test.run();
