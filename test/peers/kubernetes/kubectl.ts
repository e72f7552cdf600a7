/** Finds kubectl for tests: `$BENCH_TEST_KUBECTL`, or the one on the PATH. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allOnPath } from "../../../src/executable.ts";

/** The minor version from which kubectl lets the server validate fields. */
const LEAVES_VALIDATION = 25;

/** @param folder for a wrapper of an old kubectl; returns null when there is no kubectl */
export function kubectlForTests(folder: string): string | null {
  const path = process.env.BENCH_TEST_KUBECTL || allOnPath("kubectl", process.env)[0];
  if (path === undefined) return null;
  const answer = execFileSync(path, ["version", "--client", "--output=json"], { encoding: "utf8" });
  const { clientVersion } = JSON.parse(answer) as { clientVersion: { minor: string } };
  if (Number.parseInt(clientVersion.minor, 10) >= LEAVES_VALIDATION) return path;
  // An old kubectl needs the whole OpenAPI schema in protobuf, which the fake server does not have.
  const script = join(folder, "kubectl");
  const create = `case " $* " in *" create "*) exec ${path} "$@" --validate=false ;; esac`;
  writeFileSync(script, `#!/bin/sh\n${create}\nexec ${path} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}
