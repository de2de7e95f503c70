/** It starts for people, too, and lives with the examples. */

export * from "../../examples/servers/packages.ts";
