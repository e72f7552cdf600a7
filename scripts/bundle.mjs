/**
 * Bundles the program into dist/bundle, which starts several times as fast as its modules one by one
 * and needs no installed package. Run it after tsc: data that is computed from the package's own files
 * is taken from the modules that tsc wrote.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, inflateSync } from "node:zlib";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = path.join(root, "dist/bundle");

/** The programs of processes and threads; entryFile() of src/package-root.ts finds them by these paths. */
const ENTRIES = [
  "main",
  "workers/wire-worker",
  "workers/grpc-js-worker",
  "workers/gateway-worker",
  "fake-etcd/process",
];

/** Modules whose exports are plain data that only the package's own files decide. */
const DATA_MODULES = ["src/proto-definitions.ts", "src/saved/published-results.ts"];

const HISTOGRAM_WASM = "histogram.wasm";
let histogramWasm = null;

/** Files that are changed on their way into the bundle. */
const CHANGED = [
  ...DATA_MODULES.map((module) => ({ file: module, change: () => dataOf(module) })),
  {
    // Looking at the global Response makes Node load all of its fetch, in every thread.
    file: "node_modules/@assemblyscript/loader/umd/index.js",
    change: (text) => `const Response = undefined;\n${text}`,
  },
  {
    // Its number format makes Node load the data of all languages, for a writer that nothing uses.
    file: "node_modules/hdr-histogram-js/dist/HistogramLogWriter.js",
    change: () => "",
  },
  // Histograms are in WebAssembly; other parts of the package are loaded where they are used.
  ...["index", "HistogramBuilder"].map((name) => ({
    file: `node_modules/hdr-histogram-js/dist/${name}.js`,
    change: requiredWhereUsed,
  })),
  {
    // zlib is loaded where it is called, and without eval.
    file: "node_modules/hdr-histogram-js/dist/JsHistogram.encoding.js",
    change: (text) =>
      replaced(
        text,
        /eval\('require\("zlib"\)\.(\w+)'\)/g,
        '(...given) => require("zlib").$1(...given)',
      ),
  },
  {
    // The WebAssembly of the histogram is a file of its own, not compressed text.
    file: "node_modules/hdr-histogram-js/dist/wasm/generated-wasm.js",
    change: (text) => {
      const [, base64] = /BINARY = "([^"]+)"/.exec(text);
      histogramWasm = inflateSync(Buffer.from(base64, "base64"));
      return "";
    },
  },
  {
    file: "node_modules/hdr-histogram-js/dist/wasm/index.js",
    change: (text) =>
      replaced(
        text,
        /pako\.inflate\(base64\.toByteArray\(generated_wasm_1\.BINARY\)\)/g,
        `require("node:fs").readFileSync(__dirname + "/${HISTOGRAM_WASM}")`,
      ),
  },
  { file: "node_modules/pako/index.js", change: () => "" },
  {
    // Node's own is native.
    file: "node_modules/base64-js/index.js",
    change: () => `
      exports.toByteArray = (text) => Buffer.from(text, "base64");
      exports.fromByteArray = (bytes) => Buffer.from(bytes).toString("base64");`,
  },
  {
    // It looks for emoji by a long regular expression, compiled anew each time: plain text, rules and bars have none.
    file: "node_modules/string-width/index.js",
    change: (text) =>
      replaced(
        text,
        "string = stripAnsi(string);",
        "if (/^[ -~µ\\u2500-\\u259f]*$/.test(string)) return string.length;\n\t$&",
      ),
  },
  {
    // It compares each cell with all before it to find gaps: rows of one length have none.
    file: "node_modules/cli-table3/src/layout-manager.js",
    change: (text) =>
      replaced(
        text,
        /fillInTable\(cellRows\);/,
        "if (rows.some(({ length }) => length !== rows[0].length)) $&",
      ),
  },
  {
    // grpc-js has it for channelz and ORCA, which bench does not offer.
    file: "node_modules/@grpc/proto-loader/build/src/index.js",
    change: () => "",
  },
  // Node takes long to make ready for its first question about IPv6.
  ...["load-balancer-pick-first", "subchannel-address"].map((name) => ({
    file: `node_modules/@grpc/grpc-js/build/src/${name}.js`,
    change: (text) =>
      replaced(text, /\(0, net_1\.isIPv6\)\(([\w.[\]]+)\)/g, '($1.includes(":") && $&)'),
  })),
  // bench is a client.
  { file: "node_modules/@grpc/grpc-js/build/src/server.js", change: () => "" },
];

/** Of CommonJS as TypeScript writes it. */
function requiredWhereUsed(text) {
  let changed = text;
  const pattern = /^const (\w+_1) = (require\("\.[^"]+"\));$/gm;
  for (const [, name, call] of text.matchAll(pattern)) {
    changed = changed.replaceAll(new RegExp(`\\b${name}\\.`, "g"), `${call}.`);
  }
  changed = changed.replace(pattern, "");
  // What is exported at once would be loaded at once.
  return changed.replace(
    /^exports\.(\w+) = (require\(.*\)\.default);$/gm,
    'Object.defineProperty(exports, "$1", { enumerable: true, get: () => $2 });',
  );
}

function replaced(text, pattern, by) {
  const changed = text.replace(pattern, by);
  if (changed === text) throw new Error(`nothing matches ${pattern}`);
  return changed;
}

/** The data that a module exports, in the place of the code that computes it. */
async function dataOf(module) {
  const compiled = path.join(root, "dist", module.replace(/\.ts$/, ".js"));
  const data = await import(pathToFileURL(compiled));
  const lines = Object.entries(data).map(([name, value]) => {
    const text = JSON.stringify(value);
    if (text === undefined) throw new Error(`${module}: ${name} is no data`);
    return `export const ${name} = JSON.parse(${JSON.stringify(text)});\n`;
  });
  return lines.join("");
}

const met = new Set();
const modules = new Set();
const changes = {
  name: "changes",
  async load(id) {
    modules.add(id);
    const changed = CHANGED.find(({ file }) => path.join(root, file) === id);
    if (changed === undefined) return null;
    met.add(changed);
    return { code: await changed.change(readFileSync(id, "utf8")), moduleType: "js" };
  },
};

/** Each thread has modules of its own: only what the main thread loads later is apart from its entry. */
async function bundle(entry, { source = `src/${entry}.ts`, isSplit = false } = {}) {
  const build = await rolldown({
    cwd: root,
    input: { [path.basename(entry)]: source },
    platform: "node",
    resolve: {
      alias: {
        "#wire/framing": path.join(root, "src/wire/framing.ts"),
        "#wire": path.join(root, "src/wire/index.ts"),
      },
    },
    transform: { define: { "import.meta.url": "bundledUrl.href" } },
    plugins: [changes],
  });
  const { output } = await build.write({
    dir: path.join(outdir, "chunks"),
    format: "cjs",
    entryFileNames: "[name]-[hash].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    codeSplitting: isSplit,
    dynamicImportInCjs: false,
    // Node's own module for it is loaded where it is used.
    banner:
      'const bundledUrl = { get href() { return require("node:url").pathToFileURL(__filename).href; } };',
    // Names of functions and classes stay, so that stack traces can be read.
    minify: {
      compress: false,
      mangle: { toplevel: false, keepNames: true },
      codegen: { removeWhitespace: true },
    },
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await build.close();
  return output.find(({ isEntry }) => isEntry).fileName;
}

rmSync(outdir, { recursive: true, force: true });
const start = takeOut(await bundle("code-cache"));
for (const entry of ENTRIES) {
  const chunk = await bundle(entry, { isSplit: entry === "main" });
  writeProgram(path.join(outdir, `${entry}.cjs`), path.join(outdir, "chunks", chunk));
}
const missed = CHANGED.filter((each) => !met.has(each)).map(({ file }) => file);
if (missed.length > 0) throw new Error(`the bundle holds no ${missed.join(", ")}`);
for (const name of readdirSync(path.join(outdir, "chunks"))) {
  if (!name.endsWith(".cjs")) continue;
  const text = readFileSync(path.join(outdir, "chunks", name), "utf8");
  // A script that is run with cached code has no way to import.
  if (/\bimport\(/.test(text)) throw new Error(`${name} imports at run time`);
}
writeFileSync(path.join(outdir, "chunks", HISTOGRAM_WASM), histogramWasm);
// yargs reads its words from a folder next to its own.
cpSync(path.join(root, "node_modules/yargs/locales/en.json"), path.join(outdir, "locales/en.json"));
writeFileSync(path.join(outdir, "LICENSES.txt"), licenses([...modules]));
writeFileSync(path.join(outdir, "bench.cjs"), oneFile());

/** A chunk's code and source map, and its files are gone: to load another file takes a millisecond of each thread. */
function takeOut(name) {
  const files = [name, `${name}.map`].map((each) => path.join(outdir, "chunks", each));
  const [code, map] = files.map((file) => readFileSync(file, "utf8"));
  for (const file of files) rmSync(file);
  return { code: code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, ""), map: JSON.parse(map) };
}

/** It holds the code that runs chunks, and begins with one of them. */
function writeProgram(program, chunk) {
  const folder = path.dirname(program);
  mkdirSync(folder, { recursive: true });
  const name = path.relative(folder, chunk);
  writeFileSync(program, `${start.code}\nexports.runChunks(\`\${__dirname}/${name}\`, require);\n`);
  const sources = start.map.sources.map((source) =>
    path.relative(folder, path.join(outdir, "chunks", source)),
  );
  writeFileSync(`${program}.map`, JSON.stringify({ ...start.map, sources }));
}

/** All of it in one file, for machines without bench: it unpacks itself next to itself, and runs. */
function oneFile() {
  const names = readdirSync(outdir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => path.relative(outdir, path.join(entry.parentPath ?? entry.path, entry.name)));
  const contents = [
    ...names.sort().map((name) => [name, readFileSync(path.join(outdir, name))]),
    ["package.json", readFileSync(path.join(root, "package.json"))],
  ];
  const lengths = JSON.stringify(contents.map(([name, { length }]) => [name, length]));
  const bytes = Buffer.concat([
    Buffer.from(`${lengths}\n`),
    ...contents.map(([, content]) => content),
  ]);
  const packed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return `(${unpackAndRun})(require, ${JSON.stringify(hash)}, ${JSON.stringify(packed.toString("base64"))});\n`;
}

/** Of several that begin at one time, the first to be done gives the folder its name. */
function unpackAndRun(load, hash, packed) {
  const fs = load("node:fs");
  const path = load("node:path");
  const folder = path.join(__dirname, `.bench-${hash}`);
  if (!fs.existsSync(folder)) {
    const part = `${folder}.${process.pid}`;
    const bytes = load("node:zlib").brotliDecompressSync(Buffer.from(packed, "base64"));
    let at = bytes.indexOf(10) + 1;
    for (const [name, length] of JSON.parse(bytes.toString("utf8", 0, at))) {
      const file = path.join(part, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, bytes.subarray(at, at + length));
      at += length;
    }
    try {
      fs.renameSync(part, folder);
    } catch (error) {
      fs.rmSync(part, { recursive: true, force: true });
      if (!fs.existsSync(folder)) throw error;
    }
  }
  // In a folder that all users can write to, such as /tmp, another user may have put code there.
  const owner = fs.lstatSync(folder).uid;
  if (![0, fs.statSync(__filename).uid, process.getuid?.() ?? owner].includes(owner)) {
    console.error(`bench: ${folder} is another user's: move ${__filename} to a folder of your own`);
    process.exit(2);
  }
  load(path.join(folder, "main.cjs"));
}

/** The licenses of the packages that the bundle holds, each under the name of its package. */
function licenses(files) {
  const names = files.flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  const texts = [...new Set(names)].sort().map((name) => {
    const folder = path.join(root, "node_modules", name);
    const { version, license } = JSON.parse(
      readFileSync(path.join(folder, "package.json"), "utf8"),
    );
    return `${name} ${version} (${license})\n\n${licenseText(folder)}`;
  });
  return `The bundle holds code of these packages.\n\n${texts.join(`\n${"-".repeat(78)}\n\n`)}`;
}

function licenseText(folder) {
  const name = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return name === undefined ? "" : readFileSync(path.join(folder, name), "utf8");
}
