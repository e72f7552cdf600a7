/** Tests that what a pipe gives once is there for each check that reads it. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CertificateAuthority } from "../../../src/etcd/local-cluster/certificates.ts";

const MODULE = new URL("../../../src/access/tls-files.js", import.meta.url).href;

test("a certificate that a pipe gives is read by the checks of a suite and by its runs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-piped-"));
  try {
    const caPath = join(folder, "ca.pem");
    await writeFile(caPath, (await CertificateAuthority.create("tests")).cert);
    const plan = { caFile: "/dev/stdin", certFile: null, keyFile: null };
    const script = `
      import { readTlsFiles } from ${JSON.stringify(MODULE)};
      const plan = ${JSON.stringify({ ...plan, serverName: null, skipVerify: false })};
      console.log(readTlsFiles(plan).ca.length, readTlsFiles(plan).ca.length);
    `;
    const node = [process.execPath, "--input-type=module", "--eval", script];
    const words = ["-c", 'file=$1; shift; cat "$file" | "$@"', "sh", caPath, ...node];
    const { stdout, stderr } = spawnSync("sh", words, { encoding: "utf8" });
    assert.is(stderr, "");
    const [first, second] = stdout.trim().split(" ");
    assert.ok(Number(first) > 0);
    assert.is(second, first);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
