/**
 * Holds the fault proxy without a fault against haproxy in TCP mode and socat, in turns on the same
 * cores: bytes per second of one connection, round trips per second of many, and CPU of the proxy.
 *
 *     node scripts/proxy-benchmark.mjs [--rounds=5] [--seconds=2] [--haproxy=PATH] [--socat=PATH]
 *
 * A contender whose program is not found is left out.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const MAIN = fileURLToPath(new URL("../dist/bundle/main.cjs", import.meta.url));
const BULK_BYTES = 256 * 1024;
const MESSAGE_BYTES = 256;
const CONNECTIONS = 32;

/** The two targets: one takes bytes and keeps none, one sends all back. */
function serveTargets() {
  let takenBytes = 0;
  const sink = createServer({ noDelay: true, highWaterMark: 1 << 20 }, (socket) => {
    socket.on("data", (bytes) => {
      takenBytes += bytes.length;
    });
    socket.on("error", () => socket.destroy());
  });
  const echo = createServer({ noDelay: true }, (socket) => {
    socket.on("data", (bytes) => socket.write(bytes));
    socket.on("error", () => socket.destroy());
  });
  sink.listen(workerData.sinkPort, "127.0.0.1", () => {
    echo.listen(workerData.echoPort, "127.0.0.1", () => parentPort.postMessage({ ready: true }));
  });
  parentPort.on("message", () => parentPort.postMessage({ takenBytes }));
}

function ask(worker) {
  return new Promise((resolve) => {
    worker.once("message", resolve);
    worker.postMessage("taken");
  });
}

/** Bytes per second through one connection, and the proxy's CPU seconds for each byte. */
async function bulk(port, seconds, worker, cpu) {
  const bytes = Buffer.alloc(BULK_BYTES);
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.on("error", () => socket.destroy());
  let isOver = false;
  const fill = () => {
    while (!isOver && socket.write(bytes));
  };
  socket.on("drain", fill);
  fill();
  await delay(200);
  const cpuBefore = cpu();
  const before = await ask(worker);
  const began = performance.now();
  await delay(seconds * 1000);
  const after = await ask(worker);
  const usedSeconds = cpu() - cpuBefore;
  const tookSeconds = (performance.now() - began) / 1000;
  isOver = true;
  socket.destroy();
  const taken = after.takenBytes - before.takenBytes;
  return [taken / tookSeconds, usedSeconds / taken];
}

/** Round trips per second of many connections, each with one message on its way, and CPU for each. */
async function roundTrips(port, seconds, cpu) {
  const message = Buffer.alloc(MESSAGE_BYTES);
  let trips = 0;
  const sockets = await Promise.all(
    Array.from(
      { length: CONNECTIONS },
      () =>
        new Promise((resolve, reject) => {
          const socket = connect({ host: "127.0.0.1", port, noDelay: true });
          let pendingBytes = MESSAGE_BYTES;
          socket.on("data", ({ length }) => {
            pendingBytes -= length;
            if (pendingBytes > 0) return;
            pendingBytes = MESSAGE_BYTES;
            trips++;
            socket.write(message);
          });
          socket.once("connect", () => resolve(socket)).on("error", reject);
        }),
    ),
  );
  for (const socket of sockets) socket.write(message);
  await delay(200);
  const [before, cpuBefore] = [trips, cpu()];
  const began = performance.now();
  await delay(seconds * 1000);
  const usedSeconds = cpu() - cpuBefore;
  const made = trips - before;
  const perSecond = made / ((performance.now() - began) / 1000);
  for (const socket of sockets) socket.destroy();
  return [perSecond, usedSeconds / made];
}

/** Time on a CPU of a process and its children that live, in seconds: the scheduler counts nanoseconds. */
function cpuSeconds(pid) {
  let seconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    seconds += Number(readFileSync(`${folder}/schedstat`, "utf8").split(" ")[0]) / 1e9;
    const children = readFileSync(`${folder}/children`, "utf8").trim();
    for (const child of children === "" ? [] : children.split(" ")) {
      seconds += cpuSeconds(Number(child));
    }
  }
  return seconds;
}

function found(program) {
  const path = program.includes("/") ? program : null;
  const look = spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin" command -v "${path ?? program}"`]);
  return look.status === 0 ? look.stdout.toString().trim() : null;
}

/** The ports that it listens at: of the sink, and of the echo. */
function contenders(options, folder) {
  const { sinkPort, echoPort, port } = options;
  const haproxy = found(options.haproxy);
  const socat = found(options.socat);
  const config = join(folder, "haproxy.cfg");
  const listen = (name, from, to) =>
    `listen ${name}\n  bind 127.0.0.1:${from}\n  server target 127.0.0.1:${to}\n`;
  const modes =
    "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n";
  writeFileSync(
    config,
    `global\n  maxconn 1000\n${modes}${listen("sink", port + 2, sinkPort)}${listen("echo", port + 3, echoPort)}`,
  );
  const relay = (from, to) => [
    ...[`TCP-LISTEN:${from},bind=127.0.0.1,reuseaddr,fork,nodelay`],
    `TCP:127.0.0.1:${to},nodelay`,
  ];
  return [
    { name: "direct", commands: [], ports: [sinkPort, echoPort] },
    {
      name: "bench proxy",
      commands: [
        [
          ...[
            process.execPath,
            MAIN,
            "proxy",
            `--from=127.0.0.1:${port}`,
            `--to=127.0.0.1:${sinkPort}`,
          ],
          ...[
            `--http-port=${port + 6}`,
            `--from=127.0.0.1:${port + 1}`,
            `--to=127.0.0.1:${echoPort}`,
          ],
          `--http-port=${port + 7}`,
        ],
      ],
      ports: [port, port + 1],
    },
    ...(haproxy === null
      ? []
      : [
          {
            name: "haproxy",
            commands: [[haproxy, "-db", "-f", config]],
            ports: [port + 2, port + 3],
          },
        ]),
    ...(socat === null
      ? []
      : [
          {
            name: "socat",
            commands: [
              [socat, ...relay(port + 4, sinkPort)],
              [socat, ...relay(port + 5, echoPort)],
            ],
            ports: [port + 4, port + 5],
          },
        ]),
  ];
}

async function listening(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      setTimeout(() => socket.destroy(), 100);
    });
    if (isOpen) return;
    await delay(100);
  }
  throw new Error(`nothing listens at port ${port}`);
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

async function run() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      port: { type: "string", default: "21480" },
      haproxy: { type: "string", default: "haproxy" },
      socat: { type: "string", default: "socat" },
    },
  });
  const [rounds, seconds, port] = [values.rounds, values.seconds, values.port].map(Number);
  const folder = mkdtempSync(join(tmpdir(), "proxy-benchmark-"));
  const targets = { sinkPort: port + 8, echoPort: port + 9 };
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: targets });
  await new Promise((resolve) => worker.once("message", resolve));
  const all = contenders({ ...values, ...targets, port }, folder).map((each) => ({
    ...each,
    processes: each.commands.map(([program, ...args]) => spawn(program, args, { stdio: "ignore" })),
    figures: { bulk: [], bulkCpu: [], trips: [], tripsCpu: [] },
  }));
  try {
    for (const { ports } of all) for (const each of ports) await listening(each);
    for (let round = 0; round < rounds; round++) {
      // In another order each round, so that none always comes first.
      for (let at = 0; at < all.length; at++) {
        const { ports, processes, figures } = all[(at + round) % all.length];
        const cpu = () => processes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
        const [bytes, perByte] = await bulk(ports[0], seconds, worker, cpu);
        await delay(100);
        figures.bulk.push(bytes / 1e6);
        figures.bulkCpu.push(perByte * 1e9);
        const [trips, perTrip] = await roundTrips(ports[1], seconds, cpu);
        await delay(100);
        figures.trips.push(trips);
        figures.tripsCpu.push(perTrip * 1e6);
      }
    }
  } finally {
    for (const { processes } of all) for (const each of processes) each.kill();
    await worker.terminate();
    rmSync(folder, { recursive: true });
  }
  const rows = all.map(({ name, figures }) => {
    const { bulk, bulkCpu, trips, tripsCpu } = figures;
    return [
      name,
      median(bulk).toFixed(0),
      median(bulkCpu).toFixed(2),
      median(trips).toFixed(0),
      median(tripsCpu).toFixed(1),
    ];
  });
  const head = ["", "MB/s", "CPU s/GB", "round trips/s", "CPU us/round trip"];
  console.log(`medians of ${rounds} rounds in turns, ${seconds} s each`);
  for (const row of [head, ...rows]) console.log(row.map((cell) => cell.padStart(18)).join(""));
}

if (isMainThread) await run();
else serveTargets();
