/** Where the modules of workers are. */

/** A worker's module beside another: TypeScript here, JavaScript in the npm package. */
export function workerModule(name: string, beside: string): URL {
  return new URL(`${name}${beside.endsWith(".js") ? ".js" : ".ts"}`, beside);
}
