/** Origins of values that are not on the command line, in errors about them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { placedError } from "../../../../src/cli/settings/settle.ts";
import { valueOrigins } from "../../../../src/cli/settings/value-origins.ts";
import { type BenchError, flagError, usageError } from "../../../../src/errors.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";

const put = COMMANDS.find(({ name }) => name === "put")!;

interface Given {
  flags?: GivenFlags;
  origins?: Record<string, string>;
  env?: NodeJS.ProcessEnv;
}

function told(error: BenchError, { flags = {}, origins = {}, env = {} }: Given): string {
  const settings = new Map(Object.entries(origins));
  const values = valueOrigins(put, flags, settings, env);
  return (placedError(error, settings, values) as BenchError).message;
}

const NOTHING_THERE = usageError(
  "--endpoints a:1: nothing listens there; or leave it out of --endpoints",
);

test("an error of a dead endpoint names what named the endpoint", () => {
  const ended = "a:1: nothing listens there; or leave it out of --endpoints";
  for (const [given, origin] of [
    [{ env: { ETCDCTL_ENDPOINTS: "http://A:1,b:1" } }, "ETCDCTL_ENDPOINTS"],
    [{ flags: { endpoints: "a:1" }, origins: { endpoints: "bench.yaml:1:12" } }, "bench.yaml:1:12"],
    [{ flags: { "discovery-srv": "x.test" } }, "--discovery-srv"],
    [{ env: { ETCDCTL_DISCOVERY_SRV: "x.test" } }, "ETCDCTL_DISCOVERY_SRV"],
    [{ flags: { cluster: "" } }, "--cluster"],
  ] as const) {
    assert.is(told(NOTHING_THERE, given), `--endpoints (from ${origin}) ${ended}`);
  }
  const status = usageError("Status at a:1: UNAVAILABLE; name it with --endpoints");
  assert.match(told(status, { env: { ETCDCTL_ENDPOINTS: "a:1" } }), /at a:1 \(from ETCDCTL_END/);
});

test("an error of an endpoint of the command line, or of another list, names no variable", () => {
  const env = { ETCDCTL_ENDPOINTS: "b:1" };
  for (const given of [
    {},
    { env },
    { env, flags: { endpoints: "a:1" } },
    { env, flags: { local: "" } },
  ]) {
    assert.is(told(NOTHING_THERE, given), NOTHING_THERE.message);
  }
  const dns = usageError("--discovery-srv: no records: name the endpoints by --endpoints");
  assert.is(told(dns, { flags: { "discovery-srv": "x.test" } }), dns.message);
});

test("an error that a run finds late names the file or the variable of each flag in it, once", () => {
  const file = usageError("--cacert: /nope: there is no such file; correct --cacert");
  const named = "--cacert (from ETCDCTL_CACERT): /nope: there is no such file; correct --cacert";
  assert.is(told(file, { env: { ETCDCTL_CACERT: "/nope" } }), named);
  assert.is(
    told(file, { env: { ETCDCTL_CACERT: "/a" }, flags: { cacert: "/nope" } }),
    file.message,
  );
  const conns = usageError("--conns=60: too many open files, or lower --conns; use --clients=5");
  assert.is(
    told(conns, {
      flags: { conns: "60", clients: "9" },
      origins: { conns: "BENCH_CONNS", clients: "x" },
    }),
    "--conns=60 (from BENCH_CONNS): too many open files, or lower --conns; use --clients=5",
  );
});

test("an error of one flag's value begins with its file, and names etcdctl's variable after the flag", () => {
  const user = flagError("user", "--user: the password is missing");
  const flags = { user: "root" };
  const inFile = { flags, origins: { user: "bench.yaml:1:7" } };
  assert.is(told(user, inFile), "bench.yaml:1:7: --user: the password is missing");
  const ofEtcdctl = { env: { ETCDCTL_USER: "root" } };
  assert.is(told(user, ofEtcdctl), "--user (from ETCDCTL_USER): the password is missing");
});

test.run();
