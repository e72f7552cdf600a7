/** Carries out `bench proxy`: one fault proxy with an API for each pair of flags, until a signal. */
import { EXIT, flagError, usageError } from "../../errors.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { joinHostPort } from "../../net/host-port.ts";
import { serveControlApi } from "../../proxy/control-api.ts";
import { FaultProxy } from "../../proxy/fault-proxy.ts";
import { Room } from "../../proxy/room.ts";
import { reason } from "../../system-error.ts";
import { outgoingNote } from "../../text/outgoing.ts";
import { nextSignal } from "../interrupts.ts";
import { writeStandardError, writeStandardOutput } from "../output/standard-output.ts";
import { PROXY_FLAGS, USUAL } from "./proxy-flags.ts";

interface Pair {
  from: string;
  to: string;
  httpPort: number;
}

interface Closable {
  close(): Promise<void>;
}

/** Resolves to the exit code: 0 after a signal, which is the only end that it has. */
export async function runProxy(given: GivenFlags): Promise<number> {
  const flags = readFlags(PROXY_FLAGS, given);
  const pairs = pairsOf(flags);
  const signal = nextSignal();
  const room = new Room();
  const opened: Closable[] = [];
  try {
    for (const pair of pairs) await openPair(pair, flags, room, opened);
    for (const { from, to, httpPort } of pairs) {
      await writeStandardOutput(
        `proxying [tcp://${from} -> tcp://${to}], API at http://${joinHostPort(flags.httpHost, httpPort)}\n`,
      );
    }
    const name = await signal;
    writeStandardError(`${name}: closing\n`);
    return EXIT.done;
  } finally {
    await Promise.all(opened.map((each) => each.close()));
  }
}

/** @throws BenchError (usage) where the flags make no pairs */
function pairsOf({ from, to, httpPort }: Read<typeof PROXY_FLAGS>): Pair[] {
  const size = Math.max(1, from.length, to.length, httpPort.length);
  if (size === 1) {
    const one = { from: from[0], to: to[0], httpPort: httpPort[0] };
    return [
      {
        from: one.from ?? USUAL.from,
        to: one.to ?? USUAL.to,
        httpPort: one.httpPort ?? USUAL.httpPort,
      },
    ];
  }
  for (const [name, values] of Object.entries({ from, to, "http-port": httpPort })) {
    if (values.length === size) continue;
    throw flagError(
      name,
      `--${name} is given ${values.length} times and another flag ${size} times; give --from, --to and --http-port once for each proxy`,
    );
  }
  return from.map((each, at) => ({ from: each, to: to[at]!, httpPort: httpPort[at]! }));
}

async function openPair(
  { from, to, httpPort }: Pair,
  { httpHost, isVerbose }: Read<typeof PROXY_FLAGS>,
  room: Room,
  opened: Closable[],
): Promise<void> {
  const label = `[${from} -> ${to}]`;
  const log = isVerbose
    ? (line: string) =>
        writeStandardError(`${new Date().toISOString()} ${outgoingNote(`${label} ${line}`)}\n`)
    : undefined;
  const proxy = await orInUse(`--from=${from}`, FaultProxy.listen({ from, to, room, log }));
  opened.push(proxy);
  const api = serveControlApi(proxy, { host: httpHost, port: httpPort }, log);
  opened.push(await orInUse(`--http-port=${httpPort}`, api, `--http-host=${httpHost}`));
}

/** @throws BenchError (usage) that names the flag whose address cannot be listened at */
async function orInUse<Opened>(
  flag: string,
  opening: Promise<Opened>,
  hostFlag = flag,
): Promise<Opened> {
  try {
    return await opening;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") {
      throw usageError(`${flag}: the port is in use; end what listens there, or choose another`);
    }
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
      throw usageError(`${hostFlag}: this machine has no such address; name one of its own`);
    }
    if (code === "EACCES") {
      throw usageError(`${flag}: ${reason(error)}; choose a port from 1024`);
    }
    if (code !== undefined) throw usageError(`${flag}: cannot listen: ${message}`, error);
    throw error;
  }
}
