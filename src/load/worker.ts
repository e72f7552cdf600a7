/**
 * Runs a worker thread: commands in, snapshots out. The entry file of each transport calls
 * `startWorker` with its own; nothing else differs between them.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { type Carried, TokenHolder, type Transport, type TransportFactory } from "#wire";
import { isTokenRefused } from "../access/token-refused.ts";
import { sharedNowNs, sharedOffsetNs, toSharedNs, toThreadNs } from "../clock.ts";
import { dealtCount } from "../plan/shares.ts";
import { BusyShare } from "./busy-share.ts";
import { Driver } from "./driver.ts";
import { type LoadContext, type Loads, type LoadsOf, SharedParts } from "./load.ts";
import type {
  CarriedInPhase,
  FromWorker,
  OperationSpec,
  PhaseCommand,
  PhaseCounts,
  ToWorker,
  WorkerSetup,
} from "./messages.ts";
import { arrivalsOf } from "./pacing/arrivals.ts";
import { PauseWatch } from "./pause-watch.ts";
import { Recorder } from "./recording/recorder.ts";
import { RequestDetailsReader } from "./recording/request-details.ts";
import { buffersOf, RequestLog } from "./recording/request-log.ts";
import { SnapshotSender } from "./recording/snapshot-sender.ts";
import type { Workload } from "./workload.ts";

const DELAY_RESOLUTION_MS = 10;

export async function startWorker(
  makeTransport: TransportFactory,
  loadsOf: LoadsOf,
): Promise<void> {
  const setup = workerData as WorkerSetup;
  const worker = new Worker(setup, makeTransport, await loadsOf(setup.operations));
  parentPort!.on("message", (message: ToWorker) => worker.handle(message));
}

class Worker {
  readonly #setup: WorkerSetup;
  readonly #driver: Driver;
  readonly #transport: Transport;
  /** By connection, those of the loads themselves last. */
  readonly #endpoints: readonly string[];
  readonly #token: TokenHolder | null;
  readonly #workloads: Workload[];
  readonly #pathWarmup: Workload;
  /** By operation and series. */
  readonly #recorders: Recorder[][];
  /** By operation, as a phase has it. */
  readonly #apart: (Int32Array | null)[];
  readonly #pathRecorders = [new Recorder()];
  readonly #requests = new RequestLog();

  constructor(setup: WorkerSetup, makeTransport: TransportFactory, loads: Loads) {
    const { share, load, pacing, access } = setup;
    this.#setup = setup;
    const connectionEndpoints = [...share.connectionEndpoints];
    const extraSlots = setup.operations.map((spec) => {
      const load = loads.of(spec);
      const firstOwn = connectionEndpoints.length;
      connectionEndpoints.push(...(load.ownConnections?.(spec, share) ?? []));
      return load.extraSlots?.(spec, share, firstOwn) ?? [];
    });
    this.#endpoints = connectionEndpoints;
    const slotConnections = [...share.clientConnections, ...extraSlots.flat()];
    this.#driver = new Driver({
      clients: share.clientConnections.length,
      slots: slotConnections.length,
      timeoutMs: load.timeoutMs,
      wait: pacing.wait,
    });
    this.#token =
      access.token === null
        ? null
        : new TokenHolder(
            access.token,
            (refused) => post({ type: "token-wanted", refused }),
            isTokenRefused,
          );
    this.#transport = makeTransport({
      connectionEndpoints,
      slotConnections,
      listener: this.#driver,
      openTimeoutMs: load.dialTimeoutMs ?? undefined,
      tls: access.tls,
      token: this.#token,
    });
    const details = new RequestDetailsReader({
      transport: this.#transport,
      reader: loads.reader,
      endpointOf: (slot) => connectionEndpoints[slotConnections[slot]!]!,
    });
    this.#driver.attach(this.#transport, setup.keepSlowest > 0 ? details : null);
    const parts = new SharedParts();
    let firstExtraSlot = share.clientConnections.length;
    const context = (): LoadContext => ({
      share,
      seed: load.seed,
      operations: this.#driver,
      transport: this.#transport,
      firstExtraSlot,
      parts,
      requests: this.#requests,
    });
    this.#workloads = setup.operations.map((spec, index) => {
      const workload = loads.of(spec).make(spec, context());
      firstExtraSlot += extraSlots[index]!.length;
      return workload;
    });
    this.#recorders = setup.operations.map(({ series, apart = [] }) => [
      ...series.map(() => new Recorder(setup.keepSlowest)),
      ...apart.map(() => new Recorder()),
    ]);
    const endpoints = slotConnections.map((connection) => connectionEndpoints[connection]!);
    this.#apart = setup.operations.map((spec) => recordersApart(spec, endpoints));
    this.#pathWarmup = loads.pathWarmup(context());
  }

  handle(message: ToWorker): void {
    switch (message.type) {
      case "open":
        this.#transport.open().then(
          () => {
            const { workerIndex } = this.#setup.share;
            post({ type: "opened", workerIndex, streamLimits: this.#transport.streamLimits });
          },
          (error: Error) => post({ type: "open-failed", reason: error.message }),
        );
        break;
      case "phase":
        void this.#runPhase(message);
        break;
      case "stop":
        this.#driver.stop(message.drainMs);
        break;
      case "event":
        if (message.isBegin) this.#driver.eventBegins();
        else this.#driver.eventEnded(toThreadNs(message.atNs));
        break;
      case "token":
        this.#token?.renewed(message.token);
        break;
      case "token-failed":
        this.#token?.failed(message.reason);
        break;
      case "close":
        this.#transport.close();
        parentPort!.close();
        break;
    }
  }

  async #runPhase(command: PhaseCommand): Promise<void> {
    const startNs = toThreadNs(command.startNs);
    const { share } = this.#setup;
    const { workerIndex } = share;
    const pauses = new PauseWatch({
      onPause: (pause) => {
        if (command.isMeasured) post({ type: "pause", workerIndex, pause });
      },
    });
    pauses.start(command.startNs);
    const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    delay.enable();
    const busy = new BusyShare(() => this.#driver.waitedNs);
    const isPath = command.operation === "path";
    const recorders = isPath ? this.#pathRecorders : this.#recorders[command.operation as number]!;
    const snapshots = this.#sendSnapshots(command, command.isMeasured ? recorders : []);
    const workload = isPath ? this.#pathWarmup : this.#workloads[command.operation as number]!;
    const before = command.isMeasured ? this.#transport.carried : null;
    const outcome = await this.#driver.run({
      workload,
      recorders,
      apart: isPath ? null : this.#apart[command.operation as number]!,
      arrivals: arrivalsOf(command, this.#setup, startNs),
      requests:
        workload.setUpShare ??
        (command.requests === null
          ? Number.POSITIVE_INFINITY
          : dealtCount(command.requests, share)),
      startNs,
      isMeasured: command.isMeasured,
      endNs:
        command.durationMs === null ? Number.POSITIVE_INFINITY : startNs + command.durationMs * 1e6,
    });
    snapshots.end();
    const unmeasured = command.isMeasured ? null : countsOf(recorders);
    delay.disable();
    const cpuWaitFraction = pauses.stop();
    post({
      type: "phase-done",
      phaseId: command.id,
      workerIndex,
      started: outcome.started,
      dropped: outcome.dropped,
      lastEndNs: toSharedNs(outcome.lastEndNs),
      lastEffectNs: toSharedNs(outcome.lastEffectNs),
      lastSendNs: toSharedNs(outcome.lastSendNs),
      lastDueNs: toSharedNs(outcome.lastDueNs),
      beganNs: toSharedNs(outcome.beganNs),
      busyFraction: busy.take(),
      // The monitor's samples hold its own timer's length.
      eventLoopDelayP50Ms: Math.max(0, delay.percentile(50) / 1e6 - DELAY_RESOLUTION_MS),
      eventLoopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS),
      cpuWaitFraction,
      unmeasured,
      carried: before === null ? null : this.#carriedSince(before),
    });
  }

  #sendSnapshots(command: PhaseCommand, recorders: readonly Recorder[]): SnapshotSender {
    const busy = new BusyShare(() => this.#driver.waitedNs);
    const sender = new SnapshotSender({
      recorders,
      startNs: command.startNs,
      sharedNowNs,
      onSeries: (recorded) => post({ type: "recorded", recorded }),
      onSnapshot: (span) => {
        this.#postRequests();
        post({
          type: "snapshot",
          phaseId: command.id,
          ...span,
          readyConnections: this.#transport.readyConnections,
          progress: this.#driver.takeProgress(),
          sending: { ...this.#driver.takeSending(), busyFraction: busy.take() },
        });
      },
    });
    sender.start();
    return sender;
  }

  #carriedSince(before: readonly Carried[]): CarriedInPhase[] {
    return this.#transport.carried.map(({ sent }, connection) => ({
      endpoint: this.#endpoints[connection]!,
      sent: sent - before[connection]!.sent,
      held: before[connection]!.open,
    }));
  }

  #postRequests(): void {
    const requests = this.#requests.take(sharedOffsetNs());
    if (requests !== null) post({ type: "requests", requests }, buffersOf(requests));
  }
}

/** @param endpoints by slot */
function recordersApart(
  { series, apart }: OperationSpec,
  endpoints: readonly string[],
): Int32Array | null {
  if (apart === undefined) return null;
  const of = new Map(apart.map(({ endpoint }, at) => [endpoint, series.length + at]));
  return Int32Array.from(endpoints, (endpoint) => of.get(endpoint) ?? -1);
}

/** Of the whole operation; empties all recorders for the next phase. */
function countsOf(recorders: readonly Recorder[]): PhaseCounts {
  const [whole] = recorders.map((recorder) => {
    recorder.slowest.clear();
    // Its histograms are not read: they are set aside and not encoded.
    return recorder.retire().snapshot;
  });
  const { succeeded, failed, errors } = whole!;
  return { succeeded, failed, errors };
}

function post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}
