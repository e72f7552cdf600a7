/**
 * Takes a quick look before a commit: checks the format and lints what has changed since both last passed, compiles,
 * and runs all but the slowest unit tests, with fewer cases of each property. The linter runs side by side
 * with the rest. What a step prints appears when it has ended; the exit code is 0 if all steps passed.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const biome = `${root}node_modules/@biomejs/biome/bin/biome`;
/** Written when the linter began, if it passed. */
const lintStamp = `${root}dist/.linted`;
const tsc = `${root}node_modules/typescript/bin/tsc`;

/** Whether the program, a file for Node, ended with 0. */
function passes(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes) => output.push(bytes));
    }
    child.on("error", reject);
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}

/** Of what git knows and has not ignored; all where a rule may have changed. */
function filesToLint() {
  const lintedMs = statSync(lintStamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isNewer = (file) =>
    existsSync(`${root}${file}`) && statSync(`${root}${file}`).mtimeMs >= lintedMs;
  if (["biome.json", "package-lock.json", ".gitignore"].some(isNewer)) return ["."];
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
  return files.split("\0").filter((file) => file !== "" && isNewer(file));
}

async function lints() {
  const files = filesToLint();
  if (files.length === 0) return true;
  const begunMs = Date.now();
  const options = [
    "--error-on-warnings",
    "--no-errors-on-unmatched",
    "--files-ignore-unknown=true",
  ];
  if (!(await passes(biome, "check", ...options, ...files))) return false;
  mkdirSync(`${root}dist`, { recursive: true });
  writeFileSync(lintStamp, "");
  utimesSync(lintStamp, begunMs / 1_000, begunMs / 1_000);
  return true;
}

async function compilesAndPasses() {
  return (await passes(tsc)) && (await passes(`${root}dist/test/run-all.js`, "--quick", "unit/"));
}

const results = await Promise.all([lints(), compilesAndPasses()]);
process.exitCode = results.every(Boolean) ? 0 : 1;
