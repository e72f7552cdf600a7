/** Tests the errors of registering a cluster for discovery. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../../src/errors.ts";
import { freePorts } from "../../../../src/etcd/local-cluster/ports.ts";
import { registerCluster } from "../../../../src/etcd/named-cluster/discovery-registry.ts";

async function refusal(registry: string, version: string): Promise<BenchError> {
  try {
    await registerCluster(registry, { token: "t", size: 3, version });
  } catch (error) {
    if (error instanceof BenchError) return error;
    throw error;
  }
  throw new Error("the registry took the cluster");
}

for (const version of ["3.5.30", "3.6.14"]) {
  test(`a registry without a valid address is refused before etcd ${version} starts`, async () => {
    for (const registry of ["nope", "127.0.0.1:1:2", "127.0.0.1:1,127.0.0.1:2"]) {
      const { exitCode, message } = await refusal(registry, version);
      assert.is(exitCode, EXIT.usage);
      assert.match(message, /^--discovery/);
    }
  });

  test(`a registry of etcd ${version} that does not answer is unreachable`, async () => {
    const [port] = await freePorts(1);
    const { exitCode, message } = await refusal(`127.0.0.1:${port}`, version);
    assert.is(exitCode, EXIT.unreachable);
    assert.match(message, new RegExp(`^--discovery 127\\.0\\.0\\.1:${port}: nothing .* address$`));
  });
}

test("a registry with TLS is refused from etcd 3.6 on, because members need its certificate", async () => {
  const { exitCode, message } = await refusal("https://127.0.0.1:1", "3.6.14");
  assert.is(exitCode, EXIT.usage);
  assert.match(message, /^--discovery=127\.0\.0\.1:1: .*name a port without TLS$/);
});

test.run();
