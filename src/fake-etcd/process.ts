/** The entry of the fake etcd's process: serves until bench disconnects from it, and ends with bench. */

import type { FromFakeEtcd, ToFakeEtcd } from "./control-messages.ts";
import type { DelayDistribution } from "./delays/delayed-answers.ts";
import { startFakeEtcd } from "./server.ts";

// However bench ends, its end of the channel closes with it.
process.on("disconnect", () => process.exit(0));

const delays = JSON.parse(process.argv[2]!) as DelayDistribution | null;
void serve();

async function serve(): Promise<void> {
  const server = await startFakeEtcd(delays);
  let cpuBefore = process.cpuUsage();
  let answeredBefore = 0;

  process.on("message", (message: ToFakeEtcd) => {
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
}

function tell(message: FromFakeEtcd): void {
  process.send!(message);
}
