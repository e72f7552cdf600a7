/** Writes protos/definitions.json from the .proto files. Run it after tsc. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readProtoFiles } from "../dist/src/proto-files.js";

const folder = fileURLToPath(new URL("../protos", import.meta.url));
writeFileSync(`${folder}/definitions.json`, `${JSON.stringify(readProtoFiles(folder))}\n`);
