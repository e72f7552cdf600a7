/** Owns the null server's process: serves until bench lets go of it, and ends with bench. */
import type { DelayDistribution } from "./delayer.ts";
import type { FromNullServer, ToNullServer } from "./messages.ts";
import { startNullServer } from "./server.ts";

// However bench ends, its end of the channel closes with it.
process.on("disconnect", () => process.exit(0));

const delays = JSON.parse(process.argv[2]!) as DelayDistribution | null;
const server = await startNullServer(delays);
let cpuBefore = process.cpuUsage();
let answeredBefore = 0;

process.on("message", (message: ToNullServer) => {
  if (message.type === "begin") {
    server.begin(message.keeps);
    tell({ type: "begun" });
    return;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const answered = server.answered - answeredBefore;
  cpuBefore = process.cpuUsage();
  answeredBefore = server.answered;
  tell({ type: "taken", cpuMicros: user + system, answered, delays: server.takeDelays() });
});
tell({ type: "listening", port: server.port });

function tell(message: FromNullServer): void {
  process.send!(message);
}
