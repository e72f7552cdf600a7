/** Tests what is known of a run before its etcd is: what the workload and the flags of its etcd say. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import { checkBeforeTarget } from "../../../../src/run/prepare/before-target.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";

async function refusal(
  command: string,
  flags: GivenFlags,
  serverArgs: string[] = [],
): Promise<string> {
  const { plan } = planFromFlags({ command, flags: { local: "1", ...flags }, args: [] }, {});
  plan.target.local!.serverArgs.push(...serverArgs);
  return await checkBeforeTarget(plan).then(
    () => "",
    (error: Error) => error.message,
  );
}

test("streams are held against those that the flags of a temporary etcd allow", async () => {
  const few = ["--max-concurrent-streams=4"];
  const watch = { streams: "20", conns: "1", workers: "1", total: "10" };
  const said = /^--conns=1: a connection to etcd1 needs 21 streams .* allows 4; use --conns=7 or/;
  assert.match(await refusal("watch", watch, few), said);
  assert.is(await refusal("watch", { ...watch, conns: "7", clients: "7" }, few), "");
  assert.is(await refusal("watch", watch, ["--max-concurrent-streams=100"]), "");
  assert.is(await refusal("watch", watch), "");
  assert.is(await refusal("put", { total: "10" }, few), "");
});

test("a load that a workload cannot be dealt to is refused", async () => {
  const one = {
    "key-space-size": "1",
    "watched-key-total": "2",
    workers: "2",
    conns: "2",
    clients: "2",
    total: "10",
  };
  assert.match(
    await refusal("watch", { ...one, streams: "2" }),
    /^--workers=2 needs a watched key for each worker, but --key-space-size=1 gave 1/,
  );
});

test("a workload that no grpc-proxy serves is refused with the flag that starts the proxy", async () => {
  const flags = { local: "3", "grpc-proxy": true, rate: "10", total: "10" };
  assert.match(
    await refusal("staleness", flags),
    /^staleness cannot be measured through etcd's grpc-proxy, .*: leave --grpc-proxy out$/,
  );
});

test.run();
