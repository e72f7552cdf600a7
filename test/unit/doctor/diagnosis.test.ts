/** Each cause, simulated in a healthy cluster, is the principal one; a healthy cluster has none. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { diagnose } from "../../../src/doctor/diagnosis.ts";
import type { EtcdSettings, Evidence } from "../../../src/doctor/evidence.ts";
import { CAUSES, type Cause } from "../../../src/doctor/finding.ts";
import type { MachineState } from "../../../src/machine/machine-schema.ts";
import {
  canaryOf,
  cluster,
  evidence,
  memberEvidence,
  NO_PAUSES,
  processEvidence,
  times,
} from "../../fixtures/doctor-evidence.ts";

const FSYNC = "etcd_disk_wal_fsync_duration_seconds";
const COMMIT = "etcd_disk_backend_commit_duration_seconds";
const PEER = Buffer.from("etcd2").toString("hex");
const ROUND_TRIP = `etcd_network_peer_round_trip_time_seconds{To="${PEER}"}`;

const SETTINGS: EtcdSettings = {
  ...{ heartbeatMs: 100, electionMs: 1_000, quotaBytes: 2 ** 31, snapshotCount: null },
  ...{ autoCompactionRetention: "0", autoCompactionMode: "periodic", dataDir: null, walDir: null },
  ...{ listenClientUrls: [], listenPeerUrls: [], isFsyncOff: false },
};

const CALM: MachineState = {
  ...{ loadAverage1m: 1, otherCpuPercent: 5, idleCpuPercent: 80, stealPercent: 0 },
  ...{ cpuPressurePercent: 5, ioPressurePercent: 0, memoryPressurePercent: 0 },
  ...{ throttledSeconds: 0, suspendedSeconds: 0 },
};

function principal(found: Evidence) {
  return diagnose(found).principal;
}

function verdictOf(cause: Cause, found: Evidence) {
  return diagnose(found).causes.find((each) => each.cause === cause)!;
}

test("a healthy cluster is fine, wherever it runs", () => {
  for (const where of [
    {},
    { isLocal: true, process: processEvidence(), settings: SETTINGS },
    { times: { [ROUND_TRIP]: [0.001, 0.002] } },
  ]) {
    const { causes, principal: none } = diagnose(cluster(where, where));
    assert.is(none.verdict, "fine", none.sentence);
    assert.is(none.cause, null);
    assert.is(none.nextCommand, null);
    assert.equal(
      causes.map(({ cause }) => cause),
      [...CAUSES],
    );
  }
});

test("a few slow syncs on a busy machine make no member slow", () => {
  const busy = processEvidence({ runQueueSeconds: 4, timeSlices: 9_000 });
  const noisy = {
    times: { [FSYNC]: times(0.002, 300, 3, 0.03), [COMMIT]: times(0.004, 100, 1, 0.2) },
    ...{ isLocal: true, process: busy },
  };
  const found = principal(cluster(noisy, noisy));
  assert.is(found.verdict, "fine", found.sentence);
  // More of them are suspect, with low confidence: waits for a CPU may explain them.
  const worse = { ...noisy, times: { [FSYNC]: times(0.003, 300, 30, 0.03) } };
  const disk = verdictOf("disk", cluster(worse, worse));
  assert.equal([disk.verdict, disk.confidence], ["suspect", "low"]);
});

test("findings that may be noise do not make the cluster suspect, but are named", () => {
  const noisy = {
    times: { [FSYNC]: times(0.003, 300, 30, 0.03) },
    ...{ isLocal: true, process: processEvidence({ runQueueSeconds: 4, timeSlices: 9_000 }) },
  };
  const found = cluster(noisy);
  assert.equal([verdictOf("disk", found).verdict, principal(found).verdict], ["suspect", "fine"]);
  assert.is(principal(found).cause, null);
  assert.match(
    principal(found).sentence,
    /^Nothing stands out; with low confidence, fsync of the log: p99 .* \(bound: p99 < 10 ms\)\.$/,
  );
});

test("a slow disk is the principal cause of all its consequences", () => {
  const found = principal(
    cluster({
      times: { [FSYNC]: times(0.022), [COMMIT]: times(0.03, 200) },
      rises: {
        etcd_server_heartbeat_send_failures_total: 12,
        etcd_server_leader_changes_seen_total: 2,
        etcd_server_slow_apply_total: 100,
      },
      seen: { etcd_server_proposals_pending: [80, 300] },
      ...{ isLocal: true, process: processEvidence() },
    }),
  );
  assert.equal([found.cause, found.member, found.verdict], ["disk", "etcd1", "too slow"]);
  assert.match(
    found.sentence,
    /^The principal cause is the disk of etcd1: fsync of the log: p99 between 16 and 32 ms, mean 22 ms, 1,000 in 30 s \(bound: p99 < 10 ms\)\./,
  );
  // Without its process it is unknown whether the member waited for a CPU.
  const remote = diagnose(cluster({ times: { [FSYNC]: times(0.022) } }));
  assert.is(remote.findings.find(({ verdict }) => verdict === "too slow")!.confidence, "medium");
});

test("a member that does not get a CPU is distinguished from one with a slow disk", () => {
  const found = principal(
    cluster({
      times: { [FSYNC]: times(0.015), [COMMIT]: times(0.04, 200), [ROUND_TRIP]: [0.06, 0.06] },
      ...{ isLocal: true, process: processEvidence({ runQueueSeconds: 60, timeSlices: 10_000 }) },
    }),
  );
  assert.equal([found.cause, found.member, found.verdict], ["cpu", "etcd1", "too slow"]);
  assert.match(found.nextCommand!, /^top -H .*-p 4711$/);
  const throttled = processEvidence({ throttledSeconds: 9 });
  assert.is(principal(cluster({ isLocal: true, process: throttled })).cause, "cpu");
});

test("CPUs that other processes use are named where etcd waits for them", () => {
  const busy = processEvidence({ runQueueSeconds: 4, timeSlices: 20_000 });
  const others = { ...CALM, idleCpuPercent: 1, otherCpuPercent: 95 };
  const of = (machine: MachineState) =>
    evidence(cluster({ isLocal: true, process: busy }).members, {
      client: { process: processEvidence({ pid: 1 }), pauses: NO_PAUSES, machine },
    });
  const found = principal(of(others));
  assert.equal([found.cause, found.verdict], ["cpu", "suspect"]);
  assert.match(found.sentence, /mean 0\.2 ms, .* other processes took 95% of the CPUs/);
  assert.is(principal(of(CALM)).verdict, "fine", "the same waits, and CPUs that are free");
});

test("a delayed peer is a cause in the network, with the timeouts that it needs", () => {
  const found = principal(cluster({ times: { [ROUND_TRIP]: [0.12, 0.12] } }));
  assert.equal([found.cause, found.member], ["network", "etcd1"]);
  assert.match(found.sentence, /round trip to etcd2: p99 between 64 and 128 ms, mean 120 ms/);
  const none = verdictOf("network", cluster({ times: { [ROUND_TRIP]: [] } }));
  assert.is(none.verdict, "fine", "nothing else of it is wrong");
});

test("reads of the canary distinguish a slow network from slow members", () => {
  const at = (wayMs: number, found: Evidence): Evidence => {
    return { ...found, probes: { ...found.probes, canary: canaryOf(30, wayMs) } };
  };
  const slow = principal(at(80, cluster()));
  assert.equal([slow.cause, slow.verdict], ["network", "too slow"]);
  assert.match(slow.sentence, /way to the leader and its quorum: .* at least 80 ms longer/);
  // etcd smooths its round trips, so that a single slow one shows for long.
  const observed = cluster({ times: { [ROUND_TRIP]: [0.12, 0.12] } });
  assert.is(principal(at(2, observed)).cause, null);
  // Reads wait for a leader that syncs its log.
  const syncing = at(80, cluster({ times: { [FSYNC]: times(0.06) } }));
  assert.is(principal(syncing).cause, "disk");
});

test("own requests that a gateway refuses are a suspect, and those that etcd denies to the user are not", () => {
  const found = cluster();
  const refusedBy = (isOfGateway: boolean): Evidence => {
    const canary = { members: [], isCleanedUp: true, fault: "Put is refused", isOfGateway };
    return { ...found, probes: { ...found.probes, canary } };
  };
  const { cause, verdict, sentence } = principal(refusedBy(true));
  assert.equal([cause, verdict], ["requests", "suspect"]);
  assert.match(sentence, /own requests: Put is refused/);
  assert.is(principal(refusedBy(false)).verdict, "fine");
});

test("the small answers to the canary do not hide large answers", () => {
  const found = cluster({
    rises: {
      etcd_network_client_grpc_sent_bytes_total: 900e6,
      grpc_server_msg_sent_total: 1_600,
    },
  });
  const probes = { ...found.probes, canary: canaryOf(300, 1) };
  assert.is(principal(found).verdict, "suspect");
  assert.is(principal({ ...found, probes }).verdict, "too slow");
});

test("large answers are a cause of requests, and not of the CPU that they use", () => {
  const found = principal(
    cluster({
      rises: {
        etcd_network_client_grpc_sent_bytes_total: 3e9,
        grpc_server_msg_sent_total: 600,
        process_cpu_seconds_total: 55,
      },
      ...{ isLocal: true, process: processEvidence({ cpuSeconds: 55 }) },
    }),
  );
  assert.equal([found.cause, found.member, found.verdict], ["requests", "etcd1", "too slow"]);
  assert.match(
    found.sentence,
    /size of answers: 5\.00 MB on average, 600 of them, 100 MB a second/,
  );
});

test("a watcher that does not read is distinguished from one that lags for a short time", () => {
  const slow = "etcd_debugging_mvcc_slow_watcher_total";
  const stuck = cluster({ numbers: { [slow]: 1 }, seen: { [slow]: [1, 1] } });
  assert.equal([principal(stuck).cause, principal(stuck).member], ["watches", "etcd1"]);
  const brief = cluster({ numbers: { [slow]: 3 }, seen: { [slow]: [0, 3] } });
  assert.is(principal(brief).verdict, "fine");
  const below = cluster({ numbers: { [slow]: -3769 }, seen: { [slow]: [-3769, -3769] } });
  const of = diagnose(below).findings.filter(({ what }) => what === "slow watchers");
  assert.not.ok(
    of.some(({ member }) => member === "etcd1"),
    "etcd has counted wrongly",
  );
});

test("a nearly full quota, free pages and a long history of the database are found", () => {
  const size = "etcd_mvcc_db_total_size_in_bytes";
  const inUse = "etcd_mvcc_db_total_size_in_use_in_bytes";
  const near = principal(cluster({ numbers: { [size]: 1.9e9, [inUse]: 1.8e9 } }));
  assert.equal([near.cause, near.verdict], ["database", "too slow"]);
  assert.match(near.sentence, /size over the quota: 88%, 1\.90 GB of 2\.15 GB/);
  const holes = principal(cluster({ numbers: { [size]: 500e6, [inUse]: 60e6 } }));
  assert.equal([holes.cause, holes.verdict], ["database", "suspect"]);
  assert.is(holes.nextCommand, "etcdctl defrag --endpoints=127.0.0.1:2379");
  const small = principal(cluster({ numbers: { [size]: 50e6, [inUse]: 1e6 } }));
  assert.is(small.verdict, "fine", "so small a file is not worth it");
  const history = { etcd_debugging_mvcc_current_revision: 3e6 };
  assert.is(principal(cluster({ numbers: history })).cause, "database");
  const fresh = { ...history, etcd_debugging_mvcc_keys_total: 3e6 };
  assert.is(principal(cluster({ numbers: fresh })).verdict, "fine", "each key was written once");
});

test("a flag that differs between members is reported with its member", () => {
  const others = { settings: SETTINGS, isLocal: true, process: processEvidence() };
  const skewed = { ...others, settings: { ...SETTINGS, heartbeatMs: 450 } };
  const found = principal(cluster(skewed, others));
  assert.equal([found.cause, found.member], ["configuration", "etcd1"]);
  assert.match(found.sentence, /--heartbeat-interval differs between members/);
  assert.match(found.nextCommand!, /cmdline$/);
});

test("a member that does not answer is the first cause to check", () => {
  const [, ...others] = cluster().members;
  const down = memberEvidence("etcd1", {
    ...{ first: null, last: null, seconds: null, gauges: new Map() },
    fault: "nothing listens there (ECONNREFUSED)",
  });
  const found = principal(evidence([down, ...others]));
  assert.equal([found.cause, found.member, found.verdict], ["stability", "etcd1", "too slow"]);
  const leaderless = cluster({ seen: { etcd_server_has_leader: [0, 1] } });
  assert.is(principal(leaderless).cause, "stability");
});

test("a cluster without any data is not reported as fine", () => {
  const unread = { first: null, last: null, seconds: null, gauges: new Map() };
  const found = diagnose({
    ...evidence([memberEvidence("etcd1", { ...unread, endpoint: null, fault: "no page" })]),
    client: null,
  });
  assert.not.equal(found.principal.verdict, "fine");
});

test("the next command uses the address of the member's clients", () => {
  const busy = memberEvidence("etcd1", {
    numbers: { etcd_mvcc_db_open_read_transactions: 5_000, go_sched_gomaxprocs_threads: 2 },
    rises: { process_cpu_seconds_total: 60 },
  });
  const found = diagnose(evidence([busy]));
  const commands = found.findings.map(({ nextCommand }) => nextCommand);
  assert.ok(commands.includes("go tool pprof https://127.0.0.1:2379/debug/pprof/profile"));
  assert.ok(
    commands.includes("curl -s https://127.0.0.1:2379/metrics | grep read_transactions"),
    String(commands),
  );
});

test("the client's own machine is a separate cause", () => {
  const found = evidence(cluster().members, {
    client: { process: processEvidence({ runQueueSeconds: 50 }), pauses: NO_PAUSES, machine: null },
  });
  assert.equal([principal(found).cause, principal(found).verdict], ["client", "suspect"]);
});

test("requests that a member refuses are no lateness of a busy client", () => {
  const busy = {
    ...{ process: processEvidence(), pauses: NO_PAUSES },
    machine: { ...CALM, otherCpuPercent: 90, idleCpuPercent: 2 },
  };
  const failing = (fault: string) => {
    const canary = canaryOf(40, 1);
    const write = { ...canary.members[0]!.latency!.write, failed: 20, faults: [fault] };
    Object.assign(canary.members[0]!.latency!, { write });
    const found = evidence(cluster().members, { client: busy });
    return { ...found, probes: { ...found.probes, canary } };
  };
  const { cause, verdict, sentence } = principal(failing("UNKNOWN: no"));
  assert.equal([cause, verdict], ["requests", "suspect"]);
  assert.match(sentence, /own puts: .* 20 failed: UNKNOWN: no/);
  assert.is(
    verdictOf("requests", failing("DEADLINE_EXCEEDED: no answer in 2000 ms")).confidence,
    "low",
  );
});

test("a pause of the client comes before the requests that it made late", () => {
  const pauses = { count: 2, totalSeconds: 6.2, longestSeconds: 6 };
  const found = evidence(cluster().members, {
    client: { process: processEvidence({ pid: 1 }), pauses, machine: null },
  });
  const { cause, verdict, sentence } = principal(found);
  assert.equal([cause, verdict], ["client", "suspect"]);
  assert.match(sentence, /pauses of this process: 2, 6\.2 s in all, 6 s the longest/);
});

test.run();
