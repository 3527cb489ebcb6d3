/** Whether this is the clone or the npm package, whose modules are compiled. */
export const isPackage = import.meta.url.endsWith(".js");

/** How tasks are called: `deno task NAME`, `thinkset NAME`. */
export const TASK_COMMAND = isPackage ? "thinkset" : "deno task";

/** How a script that deno.json names ends here. */
export const SCRIPT_ENDING = isPackage ? ".js" : ".ts";
