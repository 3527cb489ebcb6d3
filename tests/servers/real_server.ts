/** vLLM on this machine's CPU, as `deno task test:servers` installs it. */
import { join } from "node:path";

const CACHE = ".cache/servers";

/** The folders that setup.sh makes. */
export const models = join(CACHE, "models");
export const python = join(CACHE, "venv/bin/python");

/** Why the real servers are not started here, or null: they take minutes and 4 GB. */
export function whyNoServers(): string | null {
  return Deno.env.get("THINKSET_SERVERS") ? null : "they are for deno task test:servers";
}

export interface RealServer {
  url: string;
  stop(): Promise<void>;
}

/** Serves a model folder and waits until it answers; about a minute on two cores. */
export async function serveVllm(
  model: string,
  name: string,
  args: readonly string[] = [],
): Promise<RealServer> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const log = await Deno.makeTempFile({ suffix: ".log" });
  const words = [
    ...[join(CACHE, "venv/bin/vllm"), "serve", model, "--served-model-name", name],
    ...["--host", "127.0.0.1", "--port", `${port}`],
    ...["--dtype", "float32", "--max-model-len", "1024", "--enforce-eager", ...args],
  ];
  const process = new Deno.Command("bash", {
    args: ["-c", `exec "$@" > "$0" 2>&1`, log, ...words],
    env: {
      VLLM_CPU_KVCACHE_SPACE: "1",
      VLLM_HOST_IP: "127.0.0.1",
      VLLM_CPU_OMP_THREADS_BIND: "nobind",
      OMP_NUM_THREADS: "1",
      HF_HUB_OFFLINE: "1",
      VLLM_NO_USAGE_STATS: "1",
    },
    stdin: "null",
  }).spawn();
  let ended = false;
  process.status.then(() => ended = true);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (!ended) process.kill("SIGTERM");
    await process.status;
    await Deno.remove(log);
  };
  const deadline = Date.now() + 420_000;
  while (!await answers(`${url}/health`)) {
    if (ended || Date.now() > deadline) {
      const tail = (await Deno.readTextFile(log)).split("\n").slice(-40).join("\n");
      await stop();
      throw new Error(`vLLM did not come up:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
