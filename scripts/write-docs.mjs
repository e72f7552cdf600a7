/** Writes docs/workloads.md from the workloads as built. Run it after tsc. */
import { writeFileSync } from "node:fs";
import { workloadsPage } from "../dist/src/docs/workloads-page.js";

writeFileSync(new URL("../docs/workloads.md", import.meta.url), await workloadsPage());
