/**
 * Checks the format, lints, compiles and runs the unit tests, as before each commit: the linter runs side by side
 * with the rest. What a step prints appears when it has ended; the exit code is 0 if all steps passed.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const biome = `${root}node_modules/@biomejs/biome/bin/biome`;
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

async function compilesAndPasses() {
  return (await passes(tsc)) && (await passes(`${root}dist/test/run-all.js`, "unit/"));
}

const results = await Promise.all([
  passes(biome, "check", "--error-on-warnings", "."),
  compilesAndPasses(),
]);
process.exitCode = results.every(Boolean) ? 0 : 1;
