/** The version of a saved result's form; results of every version up to this one are read. */
export const RESULT_SCHEMA_VERSION = 1;
