/** The entry of a worker thread that sends over the wire transport. */
import { WireTransport } from "#wire";
import { startWorker } from "../load/worker.ts";
import { loadsOf } from "../workloads/loads.ts";

void startWorker((options) => new WireTransport(options), loadsOf);
