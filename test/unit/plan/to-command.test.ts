/** Tests turning plans into command lines: a shell and our parser make the same plan of them. */
import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readArgv } from "../../../src/cli/argv/argv.ts";
import { flagValues } from "../../../src/cli/argv/flag-values.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import type { RunPlan } from "../../../src/plan/schema.ts";
import { commandLineOf, planFromFlags, WORKLOADS } from "../../../src/workloads/catalogue.ts";

function planOf(line: readonly string[]): RunPlan {
  const { command, positionals } = readArgv(line, COMMANDS);
  const given = flagValues({ ...readArgv(line, COMMANDS), command: command! });
  return planFromFlags({ command: command!.name, flags: given, args: positionals }, {}).plan;
}

let read: Map<string, string[]> | null = null;

/** The words of a line of `LINES` in a shell, without `bench`. One shell reads all lines. */
function wordsOf(line: string): string[] {
  read ??= readByShell(LINES.map((each) => commandLineOf(planOf(each))));
  return read.get(line)!;
}

function readByShell(lines: readonly string[]): Map<string, string[]> {
  const script = lines.map((line) => `printf '%s\\0' ${line}; echo`).join("\n");
  const printed = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0\n");
  return new Map(lines.map((line, at) => [line, printed[at]!.split("\0").slice(1)]));
}

const LINES: readonly string[][] = [
  ["put"],
  ["put", "--local=3", "--tls", "--auth=jwt", "--target-leader", "--force", "--cleanup"],
  ["put", "--local=3", "--tls", "--grpc-proxy"],
  ["put", "--local", "--pprof=heap"],
  ["put", "--pprof", "--by=endpoint"],
  ["put", "--local", "--clients=7", "--conns=7", "--transport=gateway"],
  ["put", "--endpoints=10.0.0.1:2379,10.0.0.2:2379", "--metrics-endpoints=http://10.0.0.1:9000"],
  ["put", "--endpoints=https://h:1", "--cacert=a b.pem", "--tls-server-name=x", "--user=u"],
  ["put", "--cert=c.pem", "--key=k.pem", "--insecure-skip-tls-verify"],
  ["put", "--conns=10", "--clients=100", "--workers=2", "--transport=grpc-js", "--timeout=1m30s"],
  ["put", "--rate=300/m", "--arrival=poisson", "--pacing=spin", "--duration=1.5s", "--seed=7"],
  ["put", "--total=100k", "--duration=10s", "--warmup=10k", "--dial-timeout=2s"],
  [
    "put",
    "--warmup=5s",
    "--threshold=p99<20ms",
    "--threshold=put:qps>10k",
    "--strict",
    "--check-hashkv",
  ],
  ["put", "--find-max=p99<20ms", "--find-max=errors<=1%", "--find-start=50", "--duration=10s"],
  ["put", "--sequential-keys", "--key-size=16", "--prefix=it's/", "--key-encoding=varint"],
  ["put", "--key-space-size=1000", "--popularity=zipfian", "--val-size=1KiB..64KiB"],
  ["put", "--val-size=lognormal:4KiB,1.5", "--label=commit=4f2a", "--label=note=a b"],
  ["put", "--max-error-rate=1%", "--compact-interval=5m", "--compact-index-delta=10"],
  ["put", "-z", "30s", "--defrag-at=10s,20s", "--defrag-member=m1"],
  ["range", "--consistency=l,s", "--val-size=256"],
  ["range", "foo", "fop", "--limit=10", "--keys-only", "--sort=mod:descend"],
  ["range", "--prefix"],
  ["range", "--key-space-size=100", "--popularity=zipfian", "--val-size=1KiB..2KiB"],
  ["range", "--key-space-size=100", "--sequential-keys", "--limit=5", "--key-size=16"],
  ["range", "x/", "--prefix", "--key-space-size=50", "--paginate"],
  ["range", "--prefix", "--paginate", "--", "-a key"],
  ["range", "foo", "--count-only", "--stream", "--consistency=s"],
  ["txn-put", "--txn-ops=4", "--key-space-size=100"],
  ["txn-mixed", "--rw-ratio=0.5", "--key-space-size=10", "--popularity=latest"],
  ["txn-mixed", "foo", "fop", "--limit=0", "--consistency=s"],
  ["txn-mixed", "--end-key=zzz"],
  ["txn-mixed", "", "--limit=1"],
  ["delete", "--total=500"],
  ["delete", "--duration=5s", "--key-space-size=100"],
  ["mixed"],
  ["mixed", "--mix=put=1,range=2.5,txn-put=3", "--txn-ops=3", "--consistency=s"],
  ["mixed", "--mix=ycsb-e", "--scan-length=10"],
  ["mixed", "--mix=put=1,lease-grant=1", "--ttl=5s", "--keys-per-lease=2"],
  ["compact"],
  ["defrag", "--foreground=put"],
  ["stm", "--isolation=ss", "--keys=100", "--keys-per-txn=10", "--txn-wr-percent=20"],
  ["stm", "--stm-locker=lock-rpc", "--prefix="],
  ["lock", "--locks=3", "--locker=lock-client", "--hold=10ms", "--ttl=5s", "--clients=9"],
  ["election", "--elections=2", "--proclaims=3", "--prefix=e/"],
  ["lease-grant", "--ttl=2s", "--keys-per-lease=0", "--val-size=256"],
  ["lease-grant", "--ttl=2s", "--expire", "--prefix=x/"],
  ["lease-keepalive", "--new-stream"],
  ["watch", "--streams=5", "--watch-per-stream=7", "--watched-key-total=9", "--put-rate=50"],
  ["watch", "--key-space-size=100", "--prevkv", "--progress-notify", "--put-total=10"],
  ["watch-latency", "--watchers-per-stream=3"],
  ["watch-get", "--watchers=20", "--streams=2", "--events=3", "--consistency=l", "--prefix=w/"],
  ["watch-get"],
  ["staleness"],
  ["staleness", "--rate=0", "--total=99", "--sequential-keys", "--read-rate=0.5"],
  ["staleness", "--duration=10s", "--total=5k", "--popularity=zipfian", "--conns=1"],
  ["availability"],
  ["availability", "--workload=put,watch", "--slow=1s", "--ttl=3s", "--rate=300", "--total=99"],
  ["watch-latency", "--put-rate=0", "--duration=5s", "--val-size=64"],
  ["kubernetes"],
  ["kubernetes", "--scenario=relist", "--relists=2", "--nodes=10", "--clients=8"],
  ["kubernetes", "--scenario=events", "--nodes=20", "--rate=33.3", "--timeout=30s"],
  ["kubernetes", "--mix=pod-update=9,pod-get=1", "--conflict-rate=0", "--pods=500", "--total=99"],
];

for (const line of LINES) {
  test(`the command line made from the plan of ${line.join(" ")} gives that plan again`, () => {
    const plan = planOf(line);
    assert.equal(planOf(wordsOf(commandLineOf(plan))), plan, commandLineOf(plan));
  });
}

test("these lines cover every kind of workload", () => {
  const kinds = WORKLOADS.map(({ name }) => name).sort();
  assert.equal([...new Set(LINES.map((line) => planOf(line).workload.kind))].sort(), kinds);
});

test("flags at their defaults are left out, and other values are quoted for a shell", () => {
  const line = ["put", "--clients=1", "--find-max=p99<20ms", "--find-precision=5%"];
  assert.is(
    commandLineOf(planOf(line)),
    "bench put --key-space-size=1 --duration=30s --find-max='p99<20ms'",
  );
});

test.run();
