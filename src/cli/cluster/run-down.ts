/** Carries out `bench cluster down`. */
import { EXIT } from "../../errors.ts";
import { takeDown } from "../../etcd/named-cluster/start.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { writeStandardOutput } from "../output/standard-output.ts";
import { DOWN_FLAGS } from "./cluster-flags.ts";
import { folderOf, nameFrom } from "./open-cluster.ts";

/** @param word the cluster's name, where --name does not give it */
export async function runDown(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(DOWN_FLAGS, given);
  const { name, folder } = folderOf(nameFrom(word, flags.name));
  await takeDown(folder, flags.keepsData);
  await writeStandardOutput(
    flags.keepsData
      ? `cluster ${name}: ended; its data is kept, start it again with bench cluster start --name=${name}`
      : `cluster ${name}: ended and removed`,
  );
  return EXIT.done;
}
