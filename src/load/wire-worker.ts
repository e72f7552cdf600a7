/** Owns the entry of a worker thread that sends over the wire transport. */
import { WireTransport } from "./wire/wire-transport.ts";
import { startWorker } from "./worker.ts";

await startWorker((options) => new WireTransport(options));
