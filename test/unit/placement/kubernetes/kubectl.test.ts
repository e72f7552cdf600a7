/** Runs kubectl with a context, a namespace and the manifest; its errors become one line. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runKubectl } from "../../../../src/placement/kubernetes/kubectl.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-kubectl-"));
const { signal } = new AbortController();
test.after(() => rmSync(folder, { recursive: true }));

/** A script in place of kubectl. */
function targetOf(script: string) {
  const kubectl = join(folder, `kubectl-${Math.random()}`);
  writeFileSync(kubectl, `#!/bin/sh\n${script}\n`);
  chmodSync(kubectl, 0o755);
  return { kubectl, context: "prod", namespace: "load" };
}

async function failureOf(script: string): Promise<string> {
  try {
    await runKubectl(targetOf(script), ["get", "pods"], { signal });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("kubectl gets context, namespace and input, and its output is returned", async () => {
  const target = targetOf('echo "$@"; cat');
  const output = await runKubectl(target, ["create"], { input: "manifest", signal });
  assert.is(output, "--context=prod --namespace=load create\nmanifest");
  const plain = { ...target, context: null, namespace: null };
  assert.is(await runKubectl(plain, ["version"], { signal }), "version\n");
});

test("an error has the command and the last lines that kubectl wrote", async () => {
  const message = await failureOf("echo first >&2; echo >&2; echo no such pod >&2; exit 1");
  assert.match(message, /--context=prod --namespace=load get pods: first; no such pod$/);
  assert.match(await failureOf("exit 7"), /get pods: exit code 7$/);
});

test("input that kubectl does not read is not an error", async () => {
  const target = targetOf("exit 0");
  assert.is(await runKubectl(target, ["create"], { input: "x".repeat(1 << 20), signal }), "");
});

test("for a missing or unusable kubectl the error names its flag", async () => {
  const target = { kubectl: join(folder, "none"), context: null, namespace: null };
  const text = join(folder, "text");
  writeFileSync(text, "no program", { mode: 0o644 });
  for (const [kubectl, words] of [
    [
      target.kubectl,
      /none: no such file or folder; install kubectl, or name it with --kubectl=PATH/,
    ],
    [folder, /permission denied; install kubectl/],
    [text, /text is not executable; make it executable \(chmod \+x\)/],
  ] as const) {
    await runKubectl({ ...target, kubectl }, ["get"], { signal }).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, words),
    );
  }
});

test("an interrupt ends kubectl", async () => {
  const stopping = new AbortController();
  const running = runKubectl(targetOf("exec sleep 60"), ["get"], { signal: stopping.signal });
  stopping.abort();
  await running.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, "AbortError"),
  );
});

test.run();
