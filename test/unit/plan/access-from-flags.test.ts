/** Tests TLS and users from flags and etcdctl's variables. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { userFromFlags } from "../../../src/plan/access-from-flags.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";

const SECRET = "hunter2-secret";

function targetOf(flags: GivenFlags, env: NodeJS.ProcessEnv = {}) {
  return planFromFlags({ command: "put", flags }, env).plan.target;
}

function refused(flags: GivenFlags, env: NodeJS.ProcessEnv, ...words: string[]): void {
  try {
    targetOf(flags, env);
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, EXIT.usage);
    const { message } = error as BenchError;
    for (const word of words) assert.ok(message.includes(word), message);
    assert.not.ok(message.includes(SECRET) || message.includes("\n"), message);
    return;
  }
  assert.unreachable(`taken: ${JSON.stringify(flags)}`);
}

test("without flag, variable or https:// there is neither TLS nor a user", () => {
  const { tls, user } = targetOf({});
  assert.is(tls, null);
  assert.is(user, null);
  assert.is(targetOf({ cacert: "", user: "", "insecure-skip-tls-verify": false }).tls, null);
});

test("https:// or any TLS flag turns TLS on, and the plan holds only the names of files", () => {
  const none = {
    certFile: null,
    keyFile: null,
    caFile: null,
    serverName: null,
    skipVerify: false,
  };
  assert.equal(targetOf({ endpoints: "https://a:1" }).tls, none);
  assert.equal(targetOf({ cacert: "ca.pem" }).tls, { ...none, caFile: "ca.pem" });
  assert.equal(targetOf({ "insecure-skip-tls-verify": true }).tls, { ...none, skipVerify: true });
  assert.equal(targetOf({ "tls-server-name": "x" }).tls, { ...none, serverName: "x" });
  const pair = targetOf({ cert: "c.pem", key: "k.pem" }).tls;
  assert.equal(pair, { ...none, certFile: "c.pem", keyFile: "k.pem" });
});

test("a certificate without its key is refused by the flag or the variable that named it", () => {
  const endpoints = "https://a:1";
  refused({ endpoints, cert: "c.pem" }, {}, "--cert needs --key with it");
  refused({ endpoints }, { ETCDCTL_CERT: "c.pem" }, "ETCDCTL_CERT needs --key with it");
  refused({ endpoints }, { ETCDCTL_KEY: "k.pem" }, "ETCDCTL_KEY needs --cert with it");
});

test("etcdctl's variables apply if the flag is not given", () => {
  const env = {
    ETCDCTL_CACERT: "env-ca",
    ETCDCTL_CERT: "env-cert",
    ETCDCTL_KEY: "env-key",
    ETCDCTL_INSECURE_SKIP_TLS_VERIFY: "true",
  };
  const tls = targetOf({ cacert: "own-ca" }, env).tls;
  assert.equal(
    [tls?.caFile, tls?.certFile, tls?.keyFile, tls?.skipVerify],
    ["own-ca", "env-cert", "env-key", true],
  );
  assert.is(targetOf({ endpoints: "http://a:1" }, env).tls, null, "the scheme wins, as there");
  refused({}, { ETCDCTL_INSECURE_SKIP_TLS_VERIFY: "maybe" }, "ETCDCTL_INSECURE_SKIP_TLS_VERIFY");
});

test("flags that contradict each other give an error of one line", () => {
  refused({ cert: "c" }, {}, "--cert", "--key");
  refused({ key: "k" }, {}, "--key", "--cert");
  refused({ endpoints: "http://a:1", cacert: "ca" }, {}, "--cacert", "http://");
  refused({ endpoints: "http://a:1,https://b:1" }, {}, "--endpoints", "mixes");
  refused({ local: "1", cert: "c", key: "k" }, {}, "--local", "--cert");
  refused({ local: "1", user: `root:${SECRET}` }, {}, "--local", "--user");
  refused({ tls: true }, {}, "--tls", "--local");
  refused({ auth: "simple" }, {}, "--auth", "--local");
  refused({ local: "1", auth: "basic" }, {}, "--auth", "simple, jwt");
  refused({ user: `:${SECRET}` }, {}, "--user");
  refused({}, { ETCDCTL_USER: `:${SECRET}` }, "ETCDCTL_USER");
});

test("a user's name and password are split, and a password is never read as a name", () => {
  const read = (user: string | undefined, env: NodeJS.ProcessEnv = {}) =>
    userFromFlags(user === undefined ? {} : { user }, env);
  assert.is(read(undefined), null);
  assert.equal(read("root"), { name: "root", password: null });
  assert.equal(read("root:a:b"), { name: "root", password: "a:b" });
  assert.equal(read("root:"), { name: "root", password: "" });
  assert.equal(read("root", { ETCDCTL_PASSWORD: "p" }), { name: "root", password: "p" });
  assert.equal(read("root:", { ETCDCTL_PASSWORD: "p" }), { name: "root", password: "p" });
  assert.equal(read("root:own", { ETCDCTL_PASSWORD: "p" }), { name: "root", password: "own" });
  const both = { ETCDCTL_USER: `root:${SECRET}`, ETCDCTL_PASSWORD: "p" };
  refused({}, both, "ETCDCTL_USER", "ETCDCTL_PASSWORD");
  assert.equal(read("flag:x", both), { name: "flag", password: "x" });
  assert.equal(read(undefined, { ETCDCTL_USER: "u:p" }), { name: "u", password: "p" });
  assert.equal(read("flag", { ETCDCTL_USER: "u:p" }), { name: "flag", password: null });
});

test("no plan contains a password", () => {
  const env = { ETCDCTL_USER: "u", ETCDCTL_PASSWORD: SECRET };
  for (const plan of [
    planFromFlags({ command: "put", flags: { user: `u:${SECRET}` } }, {}),
    planFromFlags({ command: "put", flags: {} }, env),
  ]) {
    assert.is(plan.plan.target.user, "u");
    assert.not.ok(JSON.stringify(plan).includes(SECRET));
  }
});

test.run();
