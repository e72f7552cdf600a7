/** Writes workloads/suite.schema.json, by which editors complete suites, from the schema as built. */
import { writeFileSync } from "node:fs";
import { MEASURING_COMMANDS } from "../dist/src/cli/measure/measuring-commands.js";
import { suiteJsonSchemaText } from "../dist/src/suite/schema.js";

const file = new URL("../workloads/suite.schema.json", import.meta.url);
writeFileSync(file, suiteJsonSchemaText(MEASURING_COMMANDS));
