/** How --discovery-srv sets the endpoints of a plan, and which flags exclude it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EndpointDiscovery } from "../../../../src/cli/measure/discovery.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";

function discovery() {
  const asked: string[] = [];
  const found = new EndpointDiscovery(async (name) => {
    asked.push(name);
    if (name.includes("-ssl")) throw Object.assign(new Error("none"), { code: "ENODATA" });
    return [{ name: "etcd1.example.com", port: 2379, priority: 0, weight: 0 }];
  });
  return { asked, found };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "none",
    (cause) => cause.message,
  );
}

test("the plan has the endpoints from DNS, and DNS is asked once for all runs", async () => {
  const { asked, found } = discovery();
  for (let run = 0; run < 3; run++) {
    const flags = await found.flags({ "discovery-srv": "example.com" });
    const { plan } = planFromFlags({ command: "put", flags }, {});
    assert.equal(plan.target.endpoints, ["etcd1.example.com:2379"]);
    assert.is(plan.target.tls, null);
  }
  assert.is(asked.length, 2);
});

test("errors about the endpoints name the flag that they came from", async () => {
  const flags = await discovery().found.flags({ "discovery-srv": "example.com", cacert: "ca.pem" });
  assert.throws(
    () => planFromFlags({ command: "put", flags }, {}),
    /--cacert asks for TLS and --discovery-srv names http/,
  );
});

test("another flag that selects an etcd excludes --discovery-srv", async () => {
  const { asked, found } = discovery();
  for (const [name, value] of [
    ["endpoints", "127.0.0.1:2379"],
    ["local", "1"],
  ] as const) {
    const flags = { "discovery-srv": "example.com", [name]: value };
    assert.match(await messageOf(found.flags(flags)), new RegExp(`--${name} exclude each other`));
  }
  const alone = found.flags({ "discovery-srv-name": "blue" });
  assert.match(await messageOf(alone), /--discovery-srv-name needs the domain/);
  assert.equal(asked, []);
});

test("etcdctl's variable is read where no flag selects an etcd", async () => {
  const { asked, found } = discovery();
  const env = { ETCDCTL_DISCOVERY_SRV: "example.com", ETCDCTL_ENDPOINTS: "10.0.0.1:2379" };
  assert.is(await found.variablesFor({ endpoints: "10.0.0.2:2379" }, env), env);
  assert.is(await found.variablesFor({ local: "1" }, env), env);
  assert.equal(asked, []);
  const { plan } = planFromFlags({ command: "put", flags: {} }, await found.variablesFor({}, env));
  assert.equal(plan.target.endpoints, ["etcd1.example.com:2379"]);
});

test.run();
