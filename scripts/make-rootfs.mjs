/**
 * Makes the root file system of the image in dist/container, of what this machine has: Node and the libraries
 * that it loads, etcd, and the bundle of bench. No shell and no package manager are in it.
 *   node scripts/make-rootfs.mjs [--etcd=PATH] [--without-node] [--into=FOLDER]
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = "usr/local/lib/etcd-bench";
/** As in the Containerfile. */
const USER = 65_532;

const { values } = parseArgs({
  options: {
    etcd: { type: "string" },
    "without-node": { type: "boolean", default: false },
    into: { type: "string", default: path.join(root, "dist/container") },
  },
});
const rootfs = path.join(values.into, "rootfs");

if (!existsSync(path.join(root, "dist/bundle/main.cjs"))) {
  console.error("make-rootfs: dist/bundle is not there; run npm run setup first");
  process.exit(2);
}

rmSync(rootfs, { recursive: true, force: true });
for (const name of ["package.json", "LICENSE", ...packaged()]) {
  cpSync(path.join(root, name), place(`${PACKAGE}/${name}`), { recursive: true });
}
program("usr/local/bin/etcd", values.etcd ?? (await etcdOfBench()));
if (!values["without-node"]) {
  const node = realpathSync(process.execPath);
  program("usr/local/bin/node", node);
  for (const library of librariesOf(node)) program(library.slice(1), library);
  text("etc/nsswitch.conf", "hosts: files dns\n");
  text("etc/passwd", `bench:x:${USER}:${USER}:bench:/tmp:/sbin/nologin\n`);
  text("etc/group", `bench:x:${USER}:\n`);
}
writeBench();
mkdirSync(path.join(rootfs, "tmp"), { recursive: true });
chmodSync(path.join(rootfs, "tmp"), 0o1777);
console.log(`made ${rootfs}`);

/** What npm would take, too. */
function packaged() {
  const { files } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return files;
}

/** The one that bench itself would start. */
async function etcdOfBench() {
  const { findEtcd } = await import("../dist/src/etcd/etcd-binary/find.js");
  const { path: found } = await findEtcd({ say: (line) => console.error(line) });
  return found;
}

/** Absolute paths of the libraries that a program loads, its loader among them. */
function librariesOf(file) {
  const lines = execFileSync("ldd", [file], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => /(?:^|\s)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** There is no shell to run bin/bench, so the kernel starts Node itself. */
function writeBench() {
  const node = values["without-node"] ? "/usr/bin/env node" : "/usr/local/bin/node";
  text("usr/local/bin/bench", `#!${node}\nrequire("/${PACKAGE}/dist/bundle/main.cjs");\n`, 0o755);
}

function program(target, source) {
  copyFileSync(realpathSync(source), place(target));
  chmodSync(path.join(rootfs, target), 0o755);
}

function text(target, content, mode = 0o644) {
  writeFileSync(place(target), content, { mode });
}

function place(target) {
  const full = path.join(rootfs, target);
  mkdirSync(path.dirname(full), { recursive: true });
  return full;
}
