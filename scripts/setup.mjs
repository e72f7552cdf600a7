/**
 * Makes a fresh clone ready with nothing but Node: installs the locked dependencies, builds and
 * bundles, each only where it is missing or older than what it is made from.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lockFile = `${root}package-lock.json`;
/** A copy of the lock file that node_modules was last installed from. */
const stamp = `${root}node_modules/.installed-from`;

function step(title, command, args) {
  process.stderr.write(`setup: ${title}\n`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const lock = readFileSync(lockFile, "utf8");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  step("installing dependencies (npm ci)", "npm", ["ci", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, lock);
}
step("building (tsc)", process.execPath, [`${root}node_modules/typescript/bin/tsc`]);
if (isBundleOld()) {
  step("bundling (rolldown)", process.execPath, [`${root}scripts/bundle.mjs`]);
  step("writing the suites' schema", process.execPath, [`${root}scripts/write-suite-schema.mjs`]);
}

function isBundleOld() {
  const bundle = `${root}dist/bundle/main.cjs`;
  if (!existsSync(bundle)) return true;
  const folders = ["protos", "results/published"];
  const inputs = folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true }).map((name) => `${folder}/${name}`),
  );
  inputs.push("dist/.tsbuildinfo", "scripts/bundle.mjs", "package-lock.json");
  const writtenMs = statSync(bundle).mtimeMs;
  return inputs.some((input) => statSync(`${root}${input}`).mtimeMs > writtenMs);
}
