/** A key in the registry of a run, by which a later run knows that it may empty it. */
export const OWN_MARK = "bench-kubernetes";
