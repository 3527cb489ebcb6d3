/** @jupyterlab/services reports its connections on the console; a command's output is ours. */

/** Drops `console.debug` and `console.warn` until disposed. */
export function quietConsole(): Disposable {
  const { debug, warn } = console;
  console.debug = console.warn = () => {};
  return {
    [Symbol.dispose]: () => {
      console.debug = debug;
      console.warn = warn;
    },
  };
}
